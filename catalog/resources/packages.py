"""Packages as spreadsheet rows."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.models import Prefetch, QuerySet
from import_export.fields import Field

from catalog.models import Category, Package, PackageItem, Product
from catalog.resources.products import DescriptionWidget
from catalog.services import packages
from catalog.services.packages import MAX_PARTS, MAX_PIECES, NewPackage, Part
from fantasize.core.models import RowOutcome
from fantasize.core.transfers.changes import Faults
from fantasize.core.transfers.one_by_one import OneByOneResource
from fantasize.core.transfers.widgets import (
    AmountsWidget,
    BooleanWidget,
    DecimalWidget,
    IntegerWidget,
    LookupWidget,
    MoneyWidget,
    TextWidget,
)

_PARTS = AmountsWidget(Product, "sku", relation="product", amount="quantity", number=IntegerWidget())


class PackageResource(OneByOneResource):
    """One row per package, known by its SKU; parts are ``SKU:pieces|SKU:pieces``, in their order.

    A package has either a price of its own or a percentage off what its parts cost.
    """

    needed = ("sku", "name", "parts")
    unless_empty = ("slug",)
    once = ("slug",)

    sku = Field(attribute="sku", column_name="sku", widget=TextWidget())
    name = Field(attribute="name", column_name="name", widget=TextWidget())
    slug = Field(attribute="slug", column_name="slug", widget=TextWidget())
    description = Field(attribute="description", column_name="description", widget=DescriptionWidget())
    category = Field(attribute="category", column_name="category", widget=LookupWidget(Category))
    own_price = Field(attribute="own_price", column_name="own_price", widget=MoneyWidget())
    percent_off = Field(attribute="percent_off", column_name="percent_off", widget=DecimalWidget())
    parts = Field(attribute="items", column_name="parts", widget=_PARTS)
    is_active = Field(attribute="is_active", column_name="is_active", widget=BooleanWidget())
    list_price = Field(attribute="list_price", column_name="list_price", widget=MoneyWidget(), readonly=True)

    class Meta:
        model = Package
        fields: ClassVar = (
            *("sku", "name", "slug", "description", "category"),
            *("own_price", "percent_off", "parts", "is_active", "list_price"),
        )
        export_order = fields

    def rows(self) -> QuerySet[Package]:
        """Packages with their parts in order."""
        items = PackageItem.objects.select_related("product").order_by("position", "pk")
        return Package.objects.select_related("category").prefetch_related(Prefetch("items", queryset=items))

    def faults_of(self, values: Mapping[str, Any], instance: Package | None) -> Faults:
        """Parts that cannot be, or a price that is none or two."""
        faults: Faults = {}
        said = {name: values.get(name, getattr(instance, name, None)) for name in ("own_price", "percent_off")}
        if (said["own_price"] is None) == (said["percent_off"] is None):
            faults["own_price"] = "Say either own_price or percent_off."
        if (said["own_price"] or 0) < 0:
            faults["own_price"] = "A price is 0 or more."
        if "parts" in values and not 1 <= len(values["parts"]) <= MAX_PARTS:
            faults["parts"] = f"A package has 1 to {MAX_PARTS} parts."
        elif any(not 1 <= pieces <= MAX_PIECES for pieces in values.get("parts", {}).values()):
            faults["parts"] = f"1 to {MAX_PIECES:,} pieces of each."
        return faults

    def create_one(self, values: Mapping[str, Any], *, actor: str) -> str:
        """Make a package."""
        own = {name: value for name, value in values.items() if name != "parts"}
        return packages.create_package(new=NewPackage(**own), items=_parts(values), actor=actor).sku

    def update_one(self, instance: Package, values: Mapping[str, Any], *, actor: str) -> None:
        """Change a package."""
        changes = {name: value for name, value in values.items() if name != "parts"}
        packages.update_package(
            package=instance,
            changes=changes,
            items=_parts(values) if "parts" in values else None,
            expected_version=instance.version,
            actor=actor,
        )

    def remove_one(self, instance: Package, *, actor: str) -> RowOutcome:
        """Delete a package, or hide it if somebody has bought or reviewed it."""
        packages.remove_package(package=instance, actor=actor)
        return RowOutcome.HIDDEN if Package.objects.filter(pk=instance.pk).exists() else RowOutcome.REMOVED


def _parts(values: Mapping[str, Any]) -> list[Part]:
    return [Part(product.pk, pieces) for product, pieces in values["parts"].items()]
