"""Price breaks, on the pages of what they are for."""

from typing import Any

from django import forms
from django.forms.formsets import DELETION_FIELD_NAME
from unfold.admin import TabularInline

from catalog.models import PriceBreak
from catalog.pricing import BreakTerms
from catalog.services import price_breaks

_TERMS = ("min_quantity", "percent", "unit_price")


class PriceBreakForm(forms.ModelForm):  # type: ignore[type-arg] # generic only in its stubs
    """One of them."""

    class Meta:
        model = PriceBreak
        fields = _TERMS
        labels = {"min_quantity": "From (pieces)", "percent": "Per cent off", "unit_price": "or price of a piece"}

    def clean(self) -> dict[str, Any]:
        """Nothing yet: what is wrong is seen among all of them, and told by ``catalog.services.price_breaks``."""
        return self.cleaned_data

    def _get_validation_exclusions(self) -> set[str]:
        """All: the database's constraints would tell once more what the service tells, and not where."""
        return {field.name for field in self.instance._meta.fields}  # noqa: SLF001 - Django's documented interface


class PriceBreakFormSet(forms.BaseInlineFormSet):  # type: ignore[type-arg] # as above
    """All of a product's or a package's, stored together by the service."""

    def clean(self) -> None:
        """Tell every fault where it is."""
        kept = self._kept()
        if any(form.errors for form in kept):
            return
        list_price = self.instance.list_price
        if list_price is None:
            return
        for place, fault in price_breaks.faults(list_price, [_terms_of(form) for form in kept]):
            kept[place].add_error(fault.location.removeprefix("/"), fault.detail)

    def save(self, commit: bool = True) -> list[PriceBreak]:  # noqa: ARG002, FBT001, FBT002 - Django's signature
        """Put what the forms say in place of what was there.

        Raises:
            DomainError: whatever the service refuses.
        """
        kept = self._kept()
        self.new_objects = [form.instance for form in kept if form.instance.pk is None]
        self.changed_objects = [
            (form.instance, form.changed_data) for form in kept if form.instance.pk and form.has_changed()
        ]
        self.deleted_objects = [form.instance for form in self.forms if _is_deleted(form) and form.instance.pk]
        if self.new_objects or self.changed_objects or self.deleted_objects:
            price_breaks.set_breaks(target=self.instance, breaks=[_terms_of(form) for form in kept])
        return []

    def _kept(self) -> list[Any]:
        """The forms that say something and are not to be deleted."""
        return [form for form in self.forms if not _is_deleted(form) and (form.instance.pk or form.has_changed())]


class PriceBreakInline(TabularInline):
    """For whoever takes many: the more they take, the less a piece costs."""

    model = PriceBreak
    form = PriceBreakForm
    formset = PriceBreakFormSet
    fields = _TERMS
    ordering = ("min_quantity",)
    extra = 0
    verbose_name = "price break"
    verbose_name_plural = "Price breaks"


def _is_deleted(form: Any) -> bool:
    return bool(form.cleaned_data.get(DELETION_FIELD_NAME))


def _terms_of(form: Any) -> BreakTerms:
    said = form.cleaned_data
    return BreakTerms(said["min_quantity"], said["percent"], said["unit_price"])
