"""Products as spreadsheet rows."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.db.models import QuerySet
from import_export.fields import Field

from catalog.models import Brand, Category, Material, Product, Tag, TaxClass
from catalog.models.sellable import SEARCH_COLUMNS
from catalog.resources.columns import MOST_PIECES
from catalog.services import bulk_products, materials
from catalog.services.bulk_products import ProductRow
from catalog.services.descriptions import clean
from catalog.services.products import MAX_PRICE
from fantasize.core.models import RowOutcome
from fantasize.core.transfers.changes import Change, Faults
from fantasize.core.transfers.resources import TransferResource
from fantasize.core.transfers.widgets import (
    AmountsWidget,
    BooleanWidget,
    DecimalWidget,
    IntegerWidget,
    ListWidget,
    LookupWidget,
    MoneyWidget,
    TextWidget,
)

_SHARES = AmountsWidget(Material, "slug", relation="material", amount="percent", number=DecimalWidget(), by_amount=True)


class DescriptionWidget(TextWidget):
    """HTML, with only what the shop shows."""

    def clean(self, value: str, row: Any = None, **kwargs: Any) -> str:  # noqa: ARG002 - the library's signature
        """The HTML as it would be kept."""
        return clean(value)


class ProductResource(TransferResource):
    """One row per product, known by its SKU; what it belongs to by slugs, its tax class by the code.

    ``on_hand`` is the opening stock of products that are new. For those that exist it is only exported: stock changes
    by corrections with a reason, and a file that is an hour old knows nothing of what was sold since.
    """

    needed = ("sku", "name", "list_price")
    only_new = ("on_hand",)
    unless_empty = ("slug", "weight_grams")
    once = ("slug",)

    sku = Field(attribute="sku", column_name="sku", widget=TextWidget())
    name = Field(attribute="name", column_name="name", widget=TextWidget())
    slug = Field(attribute="slug", column_name="slug", widget=TextWidget())
    description = Field(attribute="description", column_name="description", widget=DescriptionWidget())
    list_price = Field(attribute="list_price", column_name="list_price", widget=MoneyWidget())
    category = Field(attribute="category", column_name="category", widget=LookupWidget(Category))
    brand = Field(attribute="brand", column_name="brand", widget=LookupWidget(Brand))
    materials = Field(attribute="ordered_shares", column_name="materials", widget=_SHARES)
    tags = Field(attribute="ordered_tags", column_name="tags", widget=ListWidget(Tag))
    is_active = Field(attribute="is_active", column_name="is_active", widget=BooleanWidget())
    weight_grams = Field(attribute="weight_grams", column_name="weight_grams", widget=IntegerWidget())
    tax_class = Field(attribute="tax_class", column_name="tax_class", widget=LookupWidget(TaxClass, "code"))
    on_hand = Field(attribute="stock__on_hand", column_name="on_hand", widget=IntegerWidget())

    class Meta:
        model = Product
        fields: ClassVar = (
            *("sku", "name", "slug", "description", "list_price", "category", "brand"),
            *("materials", "tags", "is_active", "weight_grams", "tax_class", "on_hand"),
        )
        export_order = fields

    def rows(self) -> QuerySet[Product]:
        """Products with everything that has a column."""
        return Product.objects.with_relations().select_related("tax_class").with_labels().defer(*SEARCH_COLUMNS)

    def faults_of(self, values: Mapping[str, Any], instance: Product | None) -> Faults:
        """A price that cannot be, materials that do not come to 100 per cent, or an opening stock out of bounds."""
        faults: Faults = {}
        if not 0 <= values.get("list_price", 0) < MAX_PRICE:
            faults["list_price"] = f"A price is 0 or more, and less than {MAX_PRICE:,}."
        if wrong := materials.faults(bulk_products.shares_of(values.get("materials", {}))):
            faults["materials"] = wrong[0].detail
        if instance is None and not 0 <= (values.get("on_hand") or 0) <= MOST_PIECES:
            faults["on_hand"] = f"A product opens with 0 to {MOST_PIECES:,} pieces."
        return faults

    def create(self, changes: Sequence[Change], *, actor: str, reference: str) -> None:
        """Make products, each with its opening stock."""
        bulk_products.create([_row(Product(), change.values) for change in changes], actor=actor, reference=reference)

    def update(self, changes: Sequence[Change], *, actor: str, reference: str) -> None:  # noqa: ARG002 - products keep no such record
        """Store changed products."""
        bulk_products.update([_row(change.instance, change.values) for change in changes])

    def remove(self, instances: Sequence[Product], *, actor: str, reference: str) -> Mapping[Any, RowOutcome]:
        """Delete products that nobody has bought and nothing refers to; hide the others."""
        removed = bulk_products.remove(instances, actor=actor, reference=reference)
        return {each.pk: RowOutcome.REMOVED if each.pk in removed else RowOutcome.HIDDEN for each in instances}


def _row(product: Product, values: Mapping[str, Any]) -> ProductRow:
    own = {name: values[name] for name in bulk_products.OWN if name in values}
    return ProductRow(
        product=product,
        values=own,
        on_hand=values.get("on_hand") or 0,
        materials=values.get("materials"),
        tags=values.get("tags"),
    )
