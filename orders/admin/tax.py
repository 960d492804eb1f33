"""Tax classes and their rates, as staff write them."""

from decimal import Decimal
from typing import ClassVar

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import TabularInline

from accounts.validators import spellings_of_region
from catalog.models import TaxClass
from fantasize.core.admin.base import ShopModelAdmin
from orders.admin.places import is_country
from orders.admin.seen import SeenForm
from orders.models import TaxRate

_ALL = Decimal(100)


class TaxClassForm(SeenForm):
    """A class's own fields."""

    belongings = "rates"

    class Meta:
        model = TaxClass
        fields = ("name", "code", "is_default")
        labels = {"is_default": "The default one"}
        help_texts = {
            "code": "What orders keep of it.",
            "is_default": "Of products, packages and shipping that are in no class.",
        }


class TaxRateForm(forms.ModelForm):  # type: ignore[type-arg] # generic only in its stubs
    """One rate."""

    class Meta:
        model = TaxRate
        fields = ("country", "region", "name", "percent", "is_included")
        labels = {"percent": "Per cent", "is_included": "Prices contain it"}
        help_texts = {
            "country": "Its two-letter code.",
            "region": "As in addresses; empty: everywhere else in the country.",
            "is_included": "Else it comes on top.",
        }

    def clean_country(self) -> str:
        """A country that there is."""
        code: str = self.cleaned_data["country"].upper()
        if not is_country(code):
            raise forms.ValidationError("There is no such country.")
        return code

    def clean_percent(self) -> Decimal:
        """From 0 to 100."""
        percent: Decimal = self.cleaned_data["percent"]
        if not 0 <= percent <= _ALL:
            raise forms.ValidationError("A percentage is 0 to 100.")
        return percent

    def _get_validation_exclusions(self) -> set[str]:
        """All: what the database's constraints would tell, the form and its set have told, and where."""
        return {field.name for field in self.instance._meta.fields}  # noqa: SLF001 - Django's documented interface


class TaxRateFormSet(forms.BaseInlineFormSet):  # type: ignore[type-arg] # as above
    """All rates of a class."""

    def clean(self) -> None:
        """One for every place."""
        places = set()
        for form in self.forms:
            if form in self.deleted_forms or not form.cleaned_data.get("country"):
                continue
            country, region = form.cleaned_data["country"], form.cleaned_data.get("region", "")
            place = country, frozenset(name.upper() for name in spellings_of_region(country, region))
            if place in places:
                form.add_error("region", "There is a rate for this place already.")
            places.add(place)


class TaxRateInline(TabularInline):
    """What is to be paid where."""

    model = TaxRate
    form = TaxRateForm
    formset = TaxRateFormSet
    ordering = ("country", "region")
    extra = 0
    verbose_name, verbose_name_plural = "rate", "rates"


@admin.register(TaxClass)
class TaxClassAdmin(ShopModelAdmin):
    """Kinds of goods, and how they are taxed in every country."""

    form = TaxClassForm
    fields = (("name", "code"), "is_default", "seen")
    inlines: ClassVar = [TaxRateInline]
    prepopulated_fields = {"code": ("name",)}
    list_display = ("name", "code", "rates", "is_default")
    ordering = ("name", "pk")
    sortable_by = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[TaxClass]:
        """Classes with their rates."""
        return super().get_queryset(request).prefetch_related("rates")

    @admin.display(description="Rates")
    def rates(self, tax_class: TaxClass) -> str:
        """All of them."""
        return ", ".join(sorted(str(rate) for rate in tax_class.rates.all())) or "-"
