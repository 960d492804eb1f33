"""What a product is made of, on its page."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import TabularInline
from unfold.widgets import UnfoldAdminDecimalFieldWidget

from catalog.admin.inlines import PartOf, WholeFormSet
from catalog.models import ProductMaterial
from catalog.services import materials, products
from catalog.services.materials import Share


class ShareForm(forms.ModelForm):  # type: ignore[type-arg] # generic only in its stubs
    """One material, and how much of it."""

    percent = forms.DecimalField(
        label="Per cent",
        min_value=Decimal("0.01"),
        max_value=materials.WHOLE,
        decimal_places=2,
        widget=UnfoldAdminDecimalFieldWidget(),
    )

    class Meta:
        model = ProductMaterial
        fields = ("material", "percent")

    def clean(self) -> dict[str, Any]:
        """Nothing yet: what is wrong is seen among all of them."""
        return self.cleaned_data


class ShareFormSet(WholeFormSet):
    """All of a product's materials, stored together by the service."""

    def clean(self) -> None:
        """Tell every fault where it is.

        Raises:
            ValidationError: they do not come to 100 per cent.
        """
        kept = self.kept()
        if any(form.errors for form in kept):
            return
        for fault in materials.faults([_share_of(form) for form in kept]):
            if fault.location == "/materials":
                raise ValidationError(fault.detail, code=fault.code)
            _, _, place, field = fault.location.split("/")
            kept[int(place)].add_error(field, fault.detail)

    def store(self, kept: list[Any]) -> None:
        """Have the product made of what the forms say.

        Raises:
            InvalidError: a material is gone.
        """
        products.update_product(product=self.instance, changes={"materials": [_share_of(form) for form in kept]})


class MaterialsInline(PartOf, TabularInline):
    """The materials of a product. Who may change the product may change them."""

    whole = "product"
    model = ProductMaterial
    form = ShareForm
    formset = ShareFormSet
    fields = ("material", "percent")
    autocomplete_fields = ("material",)
    extra = 0
    hide_title = True
    verbose_name, verbose_name_plural = "material", "materials"

    def get_queryset(self, request: HttpRequest) -> QuerySet[ProductMaterial]:
        """The most first."""
        return super().get_queryset(request).select_related("material").order_by("-percent", "pk")


def _share_of(form: Any) -> Share:
    return Share(form.cleaned_data["material"].pk, form.cleaned_data["percent"])
