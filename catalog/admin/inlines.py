"""Rows on the page of what they belong to, stored together by a service."""

from typing import Any, ClassVar

from django import forms
from django.db.models import Model
from django.http import HttpRequest


class WholeFormSet(forms.BaseInlineFormSet):  # type: ignore[type-arg] # generic only in its stubs
    """All rows of a thing; what is said of one is right or wrong beside the others."""

    def save(self, commit: bool = True) -> list[Any]:  # noqa: ARG002, FBT001, FBT002 - Django's signature
        """Put what the forms say in place of what was there, and note for the history what that changed.

        Raises:
            DomainError: whatever the service refuses.
        """
        kept = self.kept()
        self.new_objects = [form.instance for form in kept if form.instance.pk is None]
        self.changed_objects = [
            (form.instance, form.changed_data) for form in kept if form.instance.pk and form.has_changed()
        ]
        self.deleted_objects = [form.instance for form in self.deleted_forms if form.instance.pk]
        if self.new_objects or self.changed_objects or self.deleted_objects:
            self.store(kept)
        return []

    def store(self, kept: list[Any]) -> None:
        """Store what these forms say, and nothing else."""
        raise NotImplementedError

    def kept(self) -> list[Any]:
        """The forms that say something and are not to be deleted."""
        gone = self.deleted_forms
        return [form for form in self.forms if form not in gone and (form.instance.pk or form.has_changed())]


class PartOf:
    """An inline whose rows are a part of a thing: who may see or change that may see or change them.

    Attributes:
        whole: the thing: ``product``.
    """

    whole: ClassVar[str]

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002 - Django's signature
        """Whoever sees such things."""
        return self._may(request, "view") or self._may(request, "change")

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Whoever may make such things, or change this one."""
        return self._may(request, "change" if obj else "add")

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002 - as above
        """Whoever may change such things."""
        return self._may(request, "change")

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002 - as above
        """Whoever may change such things."""
        return self._may(request, "change")

    def _may(self, request: HttpRequest, verb: str) -> bool:
        return bool(request.user.has_perm(f"catalog.{verb}_{self.whole}"))
