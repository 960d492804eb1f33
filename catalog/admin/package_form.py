"""The package's form and its parts."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import TabularInline
from unfold.widgets import UnfoldAdminIntegerFieldWidget

from catalog.admin.inlines import PartOf
from catalog.admin.package_preview import facts_of
from catalog.admin.tree import category_tree
from catalog.models import Package, PackageItem, Product
from catalog.services.packages import MAX_PARTS, MAX_PIECES, MAX_PRICE, Part
from fantasize.core import money

OWN_FIELDS = (
    *("name", "sku", "slug", "description", "category", "own_price", "percent_off", "is_active"),
    "tax_class",
)


class PackageForm(forms.ModelForm):  # type: ignore[type-arg] # generic only in its stubs
    """A package's own fields; ``expected_version`` is the version that the form was opened with."""

    expected_version = forms.IntegerField(widget=forms.HiddenInput(), required=False)

    class Meta:
        model = Package
        fields = OWN_FIELDS
        labels = {"is_active": "Shown in the shop", "own_price": "Price", "percent_off": "Or per cent off"}
        help_texts = {
            "description": "HTML; what a shop page must not contain is taken out.",
            "own_price": "Leave it empty to charge what the parts cost.",
            "percent_off": "Off what the parts cost together; the price follows them.",
            "tax_class": "Empty: the default one.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["expected_version"] = self.instance.version
        category: Any = self.fields.get("category")
        if category:  # absent for those who may only look
            category.choices = [("", "No category"), *((node.pk, node.label) for node in category_tree())]

    def clean_own_price(self) -> Decimal | None:
        """Refuse less than nothing, too much, and fractions of the smallest coin."""
        price: Decimal | None = self.cleaned_data["own_price"]
        if price is not None and not 0 <= price < MAX_PRICE:
            raise forms.ValidationError(f"A price is 0 or more, and less than {MAX_PRICE:,}.")
        if price is not None and price != money.quantize(price, settings.SHOP_CURRENCY):
            raise forms.ValidationError("No coin is small enough for that.")
        return price

    def clean(self) -> dict[str, Any]:
        """Refuse two kinds of price; none is what the parts cost."""
        said: dict[str, Any] = super().clean() or self.cleaned_data
        own, percent = said.get("own_price"), said.get("percent_off")
        if own is not None and percent is not None:
            self.add_error("percent_off", "Say either a price or a percentage.")
        elif own is None and percent is None and "own_price" in said:
            said["percent_off"] = Decimal(0)
        return said


class _ProductSelect(AutocompleteSelect):
    """Asks for a product by its name; ``chosen`` is the one that was read with the part already."""

    chosen: Product | None = None

    def value_from_datadict(self, data: Any, files: Any, name: str) -> str | None:
        """What was chosen, if it can be a key at all."""
        value: str | None = super().value_from_datadict(data, files, name)
        return value if value and value.isascii() and value.isdecimal() else None

    def optgroups(self, name: str, value: Sequence[str], attr: Any = None) -> Any:
        """What is chosen, without asking for it once more."""
        if self.chosen is None or list(value) != [str(self.chosen.pk)]:
            return super().optgroups(name, value, attr)
        return [(None, [self.create_option(name, self.chosen.pk, str(self.chosen), selected=True, index=0)], 0)]


class PartForm(forms.ModelForm):  # type: ignore[type-arg] # as above
    """One part."""

    quantity = forms.IntegerField(
        min_value=1, max_value=MAX_PIECES, initial=1, widget=UnfoldAdminIntegerFieldWidget(attrs={"min": 1})
    )
    position = forms.IntegerField(required=False, widget=UnfoldAdminIntegerFieldWidget())

    class Meta:
        model = PackageItem
        fields = ("product", "quantity", "position")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields.get("product")
        if field and self.instance.product_id:
            field.widget.widget.chosen = self.instance.product


class PartFormSet(forms.BaseInlineFormSet):  # type: ignore[type-arg] # as above
    """The parts; the service stores them with their package."""

    default_error_messages: ClassVar = {
        "too_few_forms": "A package has at least one part.",
        "too_many_forms": f"A package has at most {MAX_PARTS} parts.",
    }

    def parts(self) -> list[Part]:
        """What was said, in the order it was dragged into; new parts come last."""
        rows = [row.cleaned_data for row in self.forms if row not in self.deleted_forms and row.cleaned_data]
        # A part can be dragged once it is saved; until then it has no position.
        rows.sort(key=lambda row: (row["position"] is None, row["position"] or 0))
        return [Part(row["product"].pk, row["quantity"]) for row in rows]


class PartsInline(PartOf, TabularInline):
    """The parts of a package. Who may change the package may change them."""

    whole = "package"
    model = PackageItem
    form = PartForm
    formset = PartFormSet
    fields = ("product", "quantity", "position", "facts")
    readonly_fields = ("facts",)
    ordering_field = "position"
    hide_ordering_field = True
    hide_title = True
    min_num, max_num, extra = 1, MAX_PARTS, 0
    verbose_name, verbose_name_plural = "part", "parts"

    def get_queryset(self, request: HttpRequest) -> QuerySet[PackageItem]:
        """In their order, with what is shown of them."""
        return super().get_queryset(request).select_related("product__stock").order_by("position", "pk")

    def get_formset(self, request: HttpRequest, obj: Package | None = None, **kwargs: Any) -> Any:
        """A package has at least one part, and not too many."""
        return super().get_formset(request, obj, validate_min=True, validate_max=True, **kwargs)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Products are asked for by name."""
        if db_field.name == "product":
            kwargs["widget"] = _ProductSelect(db_field, self.admin_site, using=kwargs.get("using"))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    @admin.display(description="Singly")
    def facts(self, item: PackageItem) -> SafeString:
        """What one piece costs, and how many there are; kept up to date by the page's script."""
        return format_html("<span data-part-facts>{}</span>", facts_of(item.product) if item.product_id else "")
