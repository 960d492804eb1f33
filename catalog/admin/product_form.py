"""The product's forms."""

from decimal import Decimal
from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminSelect2Widget

from catalog.admin.tree import category_tree
from catalog.models import Product
from catalog.resources import MOST_PIECES, require_whole_minor_units
from catalog.services.products import MAX_PRICE


class _ProductForm(forms.ModelForm):  # type: ignore[type-arg] # generic only in its stubs
    class Meta:
        model = Product
        fields = (
            *("name", "sku", "slug", "description", "list_price", "category", "brand", "tags", "is_active"),
            *("weight_grams", "tax_class"),
        )
        labels = {"is_active": "Shown in the shop", "weight_grams": "Weight (g)"}
        widgets = {"category": UnfoldAdminSelect2Widget()}
        help_texts = {
            "description": "HTML; what a shop page must not contain is taken out.",
            "tax_class": "Empty: the default one.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        category: Any = self.fields.get("category")
        if category:  # absent for those who may only look
            category.choices = [("", "No category"), *((node.pk, node.label) for node in category_tree())]
        if "weight_grams" in self.fields:
            self.fields["weight_grams"].required = False

    def clean_weight_grams(self) -> int:
        """Nothing, unless it is said."""
        return self.cleaned_data["weight_grams"] or 0

    def clean_list_price(self) -> Decimal:
        """Refuse fractions of the smallest coin, and what is no price."""
        price: Decimal = self.cleaned_data["list_price"]
        require_whole_minor_units(price)
        if not 0 <= price < MAX_PRICE:
            raise forms.ValidationError(f"A price is 0 or more, and less than {MAX_PRICE:,}.")
        return price


class ProductForm(_ProductForm):
    """A product as it is; ``expected_version`` is the version that the form was opened with."""

    expected_version = forms.IntegerField(widget=forms.HiddenInput(), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["expected_version"] = self.instance.version


class NewProductForm(_ProductForm):
    """A product that is not there yet."""

    opening_stock = forms.IntegerField(
        min_value=0,
        max_value=MOST_PIECES,
        initial=0,
        widget=UnfoldAdminIntegerFieldWidget(),
        help_text="Pieces on the shelf now. Later changes are corrections, each with a reason.",
    )
