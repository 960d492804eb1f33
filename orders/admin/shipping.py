"""How things are sent, as staff write it."""

from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import TabularInline
from unfold.widgets import UnfoldAdminTextInputWidget

from catalog.services.discounts import is_whole
from fantasize.core.admin.base import ShopModelAdmin
from fantasize.core.admin.display import amount
from orders.admin.places import country_codes
from orders.admin.seen import SeenForm
from orders.enums import ShippingKind
from orders.models import ShippingBand, ShippingMethod
from orders.pricing import ShippingCliff, shipping_cliffs
from orders.services.quoting import terms_of

_NO_COIN = "No coin is small enough for that."


class ShippingMethodForm(SeenForm):
    """A method's own fields."""

    belongings = "bands"

    countries = forms.CharField(
        required=False,
        widget=UnfoldAdminTextInputWidget(),
        help_text="Two-letter codes, such as GB, DE. Empty: everywhere.",
    )

    class Meta:
        model = ShippingMethod
        fields = ("name", "code", "kind", "price", "free_above", "countries", "tax_class", "position", "is_active")
        labels = {"kind": "What it costs", "free_above": "Free from", "is_active": "Switched on"}
        help_texts = {
            "code": "What orders keep of it.",
            "price": "Of every parcel. Leave it empty if the price goes by weight or by the goods: the bands say it.",
            "free_above": "When the goods come to this, the coupon taken off. Empty: never.",
            "tax_class": "Empty: the default one.",
            "position": "Of methods that cost the same, the lowest is proposed first.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["countries"] = ", ".join(self.instance.countries)

    def clean_countries(self) -> list[str]:
        """Codes of countries that there are."""
        return country_codes(self.cleaned_data["countries"])

    def clean(self) -> dict[str, Any]:
        """A flat method has a price, any other leaves it to its bands."""
        said = super().clean()
        for name in ("price", "free_above"):
            value = said.get(name)
            if value is not None and not (value >= 0 and is_whole(value)):
                self.add_error(name, _NO_COIN if value >= 0 else "This is less than nothing.")
        is_flat, price = said.get("kind") == ShippingKind.FLAT, said.get("price")
        if is_flat and price is None and "price" in said:
            self.add_error("price", "Say what a parcel costs; 0 is free.")
        elif not is_flat and price is not None:
            self.add_error("price", "The bands below say what it costs.")
        return said

    def _get_validation_exclusions(self) -> set[str]:
        """All but the code: the database's constraints would tell once more what ``clean`` has told, and not where."""
        return {field.name for field in self.instance._meta.fields} - {"code"}  # noqa: SLF001 - Django's documented interface


class BandFormSet(forms.BaseInlineFormSet):  # type: ignore[type-arg] # generic only in its stubs
    """All bands of a method."""

    def clean(self) -> None:
        """Bands are for methods that go by something; each begins somewhere else."""
        kept = [form.cleaned_data for form in self.forms if form not in self.deleted_forms and form.cleaned_data]
        if any(form.errors for form in self.forms):
            return
        if self.instance.kind == ShippingKind.FLAT and kept:
            raise forms.ValidationError("It costs the same for every parcel, so that it has no bands.")
        if self.instance.kind != ShippingKind.FLAT and not kept:
            raise forms.ValidationError("Say what a parcel costs, in one band at least.")
        if len({band["minimum"] for band in kept}) < len(kept):
            raise forms.ValidationError("Two bands begin at the same place.")


class BandForm(forms.ModelForm):  # type: ignore[type-arg] # as above
    """One band."""

    class Meta:
        model = ShippingBand
        fields = ("minimum", "price")
        labels = {"minimum": f"From (grams, or {settings.SHOP_CURRENCY})", "price": "Price"}
        help_texts = {"price": "Empty: it is not sent like this from there on."}

    def clean(self) -> dict[str, Any]:
        """Nothing less than nothing, and no fractions of the smallest coin."""
        for name in ("minimum", "price"):
            value = self.cleaned_data.get(name)
            if value is not None and not (value >= 0 and is_whole(value)):
                self.add_error(name, _NO_COIN if value >= 0 else "This is less than nothing.")
        return self.cleaned_data


class BandInline(TabularInline):
    """What it costs, if that goes by weight or by the goods."""

    model = ShippingBand
    form = BandForm
    formset = BandFormSet
    ordering = ("minimum",)
    extra = 0
    verbose_name, verbose_name_plural = "band", "bands"


@admin.register(ShippingMethod)
class ShippingMethodAdmin(ShopModelAdmin):
    """Ways to send orders. Whoever saves one is told where it makes more goods cheaper than fewer."""

    form = ShippingMethodForm
    fields = (
        ("name", "code"),
        ("kind", "price"),
        ("free_above", "tax_class"),
        "countries",
        ("position", "is_active"),
        "seen",
    )
    inlines: ClassVar = [BandInline]
    prepopulated_fields = {"code": ("name",)}
    list_display = ("name", "code", "goes_to", "costs", "free_from", "is_active")
    ordering = ("position", "name", "pk")
    sortable_by = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[ShippingMethod]:
        """Methods with their bands."""
        return super().get_queryset(request).prefetch_related("bands")

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:  # noqa: FBT001 - Django's signature
        """Store the bands, and warn."""
        super().save_related(request, form, formsets, change)
        method = ShippingMethod.objects.get(pk=form.instance.pk)
        for cliff in shipping_cliffs(terms_of(method), currency=settings.SHOP_CURRENCY):
            messages.warning(request, _warning(cliff))

    @admin.display(description="Goes to")
    def goes_to(self, method: ShippingMethod) -> str:
        """Where."""
        return ", ".join(method.countries) or "Everywhere"

    @admin.display(description="Costs")
    def costs(self, method: ShippingMethod) -> str:
        """What every parcel costs, or the cheapest and the dearest one."""
        prices = [band.price for band in method.bands.all() if band.price is not None]
        ends = [method.price] if method.price is not None else [min(prices), max(prices)] if prices else []
        return " - ".join(amount(price, settings.SHOP_CURRENCY) for price in dict.fromkeys(ends))

    @admin.display(description="Free from")
    def free_from(self, method: ShippingMethod) -> str:
        """From which worth on it is free."""
        return "-" if method.free_above is None else amount(method.free_above, settings.SHOP_CURRENCY)


def _warning(cliff: ShippingCliff) -> str:
    before, after = (amount(price, settings.SHOP_CURRENCY) for price in (cliff.before, cliff.after))
    if cliff.kind == ShippingKind.BY_WEIGHT:
        return f"From {cliff.minimum.normalize():f} g a parcel costs {after}, less than the {before} of a lighter one."
    whole = amount(cliff.minimum, settings.SHOP_CURRENCY)
    return f"Goods for {whole} cost {after} with shipping, less than the {before} of goods for a little less."
