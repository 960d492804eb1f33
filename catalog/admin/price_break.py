"""Price breaks, on the pages of what they are for."""

from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest
from unfold.admin import TabularInline

from catalog.admin.inlines import WholeFormSet
from catalog.models import PriceBreak
from catalog.pricing import BreakTerms, undercuts
from catalog.services import price_breaks
from fantasize.core.admin.display import amount

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


class PriceBreakFormSet(WholeFormSet):
    """All of a product's or a package's, stored together by the service."""

    def clean(self) -> None:
        """Tell every fault where it is."""
        kept = self.kept()
        if any(form.errors for form in kept):
            return
        list_price = self.instance.list_price
        if list_price is None:
            return
        for place, fault in price_breaks.faults(list_price, [_terms_of(form) for form in kept]):
            kept[place].add_error(fault.location.removeprefix("/"), fault.detail)

    def store(self, kept: list[Any]) -> None:
        """Put what the forms say in place of what was there.

        Raises:
            DomainError: whatever the service refuses.
        """
        price_breaks.set_breaks(target=self.instance, breaks=[_terms_of(form) for form in kept])

    def warnings(self) -> list[str]:
        """What is allowed and seldom meant: more pieces that cost less together than fewer do."""
        return _told(self.instance.list_price, [_terms_of(form) for form in self.kept()])

    def standing_warnings(self) -> list[str]:
        """The same of what is stored, on a page that nobody has sent."""
        rows = [form.instance for form in self.initial_forms if not self.is_bound]
        terms = [BreakTerms(row.min_quantity, row.percent, row.unit_price) for row in rows]
        return _told(self.instance.list_price, terms) if terms else []


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


class PriceBreakWarnings:
    """A page with price breaks: it tells which of them reward who takes more than they need; saving it, once more."""

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], **options: Any) -> Any:
        """The page, with a note about what is stored."""
        formsets = [inline.formset for inline in context["inline_admin_formsets"]]
        ours = [formset for formset in formsets if isinstance(formset, PriceBreakFormSet)]
        context["price_cliffs"] = [note for formset in ours for note in formset.standing_warnings()]
        base: Any = super()
        return base.render_change_form(request, context, **options)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:  # noqa: FBT001 - Django's signature
        """Store the rows, and warn."""
        base: Any = super()
        base.save_formset(request, form, formset, change)
        if isinstance(formset, PriceBreakFormSet):
            for warning in formset.warnings():
                messages.warning(request, warning)


def _told(list_price: Decimal, breaks: list[BreakTerms]) -> list[str]:
    currency = settings.SHOP_CURRENCY
    return [
        f"{each.quantity:,} pieces cost {amount(each.total, currency)} in all, less than"
        f" {each.quantity - 1:,} do: {amount(each.total_before, currency)}."
        for each in undercuts(list_price, breaks, currency=currency)
    ]


def _terms_of(form: Any) -> BreakTerms:
    said = form.cleaned_data
    return BreakTerms(said["min_quantity"], said["percent"], said["unit_price"])
