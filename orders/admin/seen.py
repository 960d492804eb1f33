"""Pages of rows without a version: whoever saves one as it was before somebody else's change is refused."""

import hashlib
from typing import Any, ClassVar

from django import forms
from django.core import serializers
from django.db.models import Model

from fantasize.core.errors import PreconditionFailedError

CHANGED = "Somebody changed this after you opened the page. Nothing was saved; this is how it stands now."


class SeenForm(forms.ModelForm):  # type: ignore[type-arg] # generic only in its stubs
    """A form that remembers what it was opened on: the row, and those that belong to it.

    Attributes:
        belongings: what the row calls those that are edited with it.
    """

    belongings: ClassVar[str]

    seen = forms.CharField(widget=forms.HiddenInput(), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["seen"] = self._fingerprint(self.instance) if self.instance.pk else ""

    def clean(self) -> dict[str, Any]:
        """That it is as it was when the page was opened, unless something else is wrong. Locks the row.

        Raises:
            PreconditionFailedError: it is not; the page says so and begins anew.
        """
        said = super().clean() or self.cleaned_data
        if self.instance.pk and not self.errors and said["seen"] != self._fingerprint(self._locked()):
            raise PreconditionFailedError(CHANGED)
        return said

    def _locked(self) -> Model | None:
        found: Model | None = type(self.instance).objects.select_for_update().filter(pk=self.instance.pk).first()
        return found

    def _fingerprint(self, row: Model | None) -> str:
        rows = [row, *getattr(row, self.belongings).order_by("pk")] if row else []
        return hashlib.sha256(serializers.serialize("json", rows).encode()).hexdigest()
