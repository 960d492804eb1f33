"""Packages as spreadsheet rows."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from django.db.models import Prefetch, QuerySet
from import_export.fields import Field

from catalog.models import Category, Package, PackageItem, Product, TaxClass
from catalog.models.sellable import SEARCH_COLUMNS
from catalog.resources.products import DescriptionWidget
from catalog.services import bulk_packages, packages
from catalog.services.bulk_packages import PackageRow
from catalog.services.packages import MAX_PARTS, MAX_PIECES, MAX_PRICE, Part
from fantasize.core.models import RowOutcome
from fantasize.core.transfers.changes import Change, Faults
from fantasize.core.transfers.resources import TransferResource
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


class PackageResource(TransferResource):
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
    parts = Field(attribute="ordered_items", column_name="parts", widget=_PARTS)
    is_active = Field(attribute="is_active", column_name="is_active", widget=BooleanWidget())
    tax_class = Field(attribute="tax_class", column_name="tax_class", widget=LookupWidget(TaxClass, "code"))
    list_price = Field(attribute="list_price", column_name="list_price", widget=MoneyWidget(), readonly=True)

    class Meta:
        model = Package
        fields: ClassVar = (
            *("sku", "name", "slug", "description", "category"),
            *("own_price", "percent_off", "parts", "is_active", "tax_class", "list_price"),
        )
        export_order = fields

    def rows(self) -> QuerySet[Package]:
        """Packages with their parts in order."""
        items = PackageItem.objects.select_related("product").order_by("position", "pk")
        items = items.only("package", "quantity", "product__sku")
        packages = Package.objects.select_related("category", "tax_class").defer(*SEARCH_COLUMNS)
        return packages.prefetch_related(Prefetch("items", items, to_attr="ordered_items"))

    def faults_of(self, values: Mapping[str, Any], instance: Package | None) -> Faults:
        """Parts that cannot be, or a price that is none or two."""
        faults: Faults = {}
        said = {name: values.get(name, getattr(instance, name, None)) for name in ("own_price", "percent_off")}
        if (said["own_price"] is None) == (said["percent_off"] is None):
            faults["own_price"] = "Say either own_price or percent_off."
        if not 0 <= (said["own_price"] or 0) < MAX_PRICE:
            faults["own_price"] = f"A price is 0 or more, and less than {MAX_PRICE:,}."
        if "parts" in values and not 1 <= len(values["parts"]) <= MAX_PARTS:
            faults["parts"] = f"A package has 1 to {MAX_PARTS} parts."
        elif any(not 1 <= pieces <= MAX_PIECES for pieces in values.get("parts", {}).values()):
            faults["parts"] = f"1 to {MAX_PIECES:,} pieces of each."
        return faults

    def create(self, changes: Sequence[Change], *, actor: str, reference: str) -> None:  # noqa: ARG002 - packages keep no such record
        """Make packages; what cannot be is told."""
        rows = [_row(Package(), change.values) for change in changes]
        bulk_packages.create(rows, actor=actor)
        _tell(changes, rows)

    def update(self, changes: Sequence[Change], *, actor: str, reference: str) -> None:  # noqa: ARG002 - as above
        """Store changed packages; what cannot be is told."""
        rows = [_row(change.instance, change.values) for change in changes]
        bulk_packages.update(rows, actor=actor)
        _tell(changes, rows)

    def remove(self, instances: Sequence[Package], *, actor: str, reference: str) -> Mapping[Any, RowOutcome]:  # noqa: ARG002 - as above
        """Delete packages that nobody has bought or reviewed; hide the others."""
        removed = bulk_packages.remove(instances, actor=actor)
        return {each.pk: RowOutcome.REMOVED if each.pk in removed else RowOutcome.HIDDEN for each in instances}

    def by_key(self, keys: Iterable[str], *, is_locking: bool = False) -> dict[str, Any]:
        """As for every table; the products of the parts that the batch says are locked before the packages are."""
        if is_locking:
            packages.lock_products(product.pk for product in self.own["parts"].widget.found.values())
        return super().by_key(keys, is_locking=is_locking)


def _row(package: Package, values: Mapping[str, Any]) -> PackageRow:
    own = {name: values[name] for name in bulk_packages.OWN if name in values}
    if "parts" not in values:
        return PackageRow(package, own)
    return PackageRow(package, own, [Part(product.pk, pieces) for product, pieces in values["parts"].items()])


def _tell(changes: Sequence[Change], rows: Sequence[PackageRow]) -> None:
    for change, row in zip(changes, rows, strict=True):
        change.fault = row.fault
