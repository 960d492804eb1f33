"""Offers as spreadsheet rows."""

from collections.abc import Collection, Mapping
from typing import Any, ClassVar

from django.db.models import QuerySet
from import_export.fields import Field

from catalog.models import Category, Offer, Package, Product
from catalog.services import discounts, offers
from catalog.services.offers import NewOffer
from fantasize.core.models import RowOutcome
from fantasize.core.transfers.changes import Faults
from fantasize.core.transfers.one_by_one import OneByOneResource
from fantasize.core.transfers.widgets import (
    BooleanWidget,
    DecimalWidget,
    IntegerWidget,
    ListWidget,
    MomentWidget,
    MoneyWidget,
    TextWidget,
)

_TERMS = ("percent", "amount", "starts_at", "ends_at")
_TARGETS = ("products", "packages", "categories")
_LARGEST_ID = 2**63 - 1


class OfferResource(OneByOneResource):
    """One row per offer. ``id`` says which one; a row without an id is a new offer.

    Products and packages are named by their SKUs, categories by their slugs, several with bars between them.
    """

    key = "id"
    makes_keys = True
    needed = ("name", "starts_at")
    unless_empty = ("id",)

    id = Field(attribute="pk", column_name="id", widget=IntegerWidget())
    name = Field(attribute="name", column_name="name", widget=TextWidget())
    percent = Field(attribute="percent", column_name="percent", widget=DecimalWidget())
    amount = Field(attribute="amount", column_name="amount", widget=MoneyWidget())
    starts_at = Field(attribute="starts_at", column_name="starts_at", widget=MomentWidget())
    ends_at = Field(attribute="ends_at", column_name="ends_at", widget=MomentWidget())
    is_active = Field(attribute="is_active", column_name="is_active", widget=BooleanWidget())
    products = Field(attribute="products", column_name="products", widget=ListWidget(Product, "sku"))
    packages = Field(attribute="packages", column_name="packages", widget=ListWidget(Package, "sku"))
    categories = Field(attribute="categories", column_name="categories", widget=ListWidget(Category))

    class Meta:
        model = Offer
        fields: ClassVar = ("id", "name", "percent", "amount", "starts_at", "ends_at", "is_active", *_TARGETS)
        export_order = fields

    def rows(self) -> QuerySet[Offer]:
        """Offers with what they are on."""
        return Offer.objects.prefetch_related(*_TARGETS)

    def keys_in(self, keys: set[str]) -> Collection[int]:
        """The numbers among them; Python refuses to read those of some thousand digits."""
        longest = len(str(_LARGEST_ID))
        numbers = {int(key) for key in keys if key.isascii() and key.isdecimal() and len(key) <= longest}
        return {number for number in numbers if number <= _LARGEST_ID}

    def faults_of(self, values: Mapping[str, Any], instance: Offer | None) -> Faults:
        """Terms that cannot be, or a number that is no offer's."""
        faults: Faults = {}
        if instance is None and values.get("id") is not None:
            faults["id"] = "There is no offer with this id. Leave it empty for a new one."
        if values.get("starts_at", instance) is None:
            return faults | {"starts_at": "Say when it starts."}
        terms = {name: values.get(name, getattr(instance, name, None)) for name in _TERMS}
        return faults | {fault.location[1:]: fault.detail for fault in discounts.faults(terms)}

    def create_one(self, values: Mapping[str, Any], *, actor: str) -> str:  # noqa: ARG002 - offers keep no such record
        """Make an offer."""
        return str(offers.create_offer(new=NewOffer(**_by_ids(values))).pk)

    def update_one(self, instance: Offer, values: Mapping[str, Any], *, actor: str) -> None:  # noqa: ARG002 - as above
        """Change an offer."""
        offers.update_offer(offer=instance, changes=_by_ids(values), expected_version=instance.version)

    def remove_one(self, instance: Offer, *, actor: str) -> RowOutcome:  # noqa: ARG002 - as above
        """Delete an offer."""
        offers.remove_offer(offer=instance)
        return RowOutcome.REMOVED


def _by_ids(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values as the service takes them: what the offer is on, by ids."""
    return {
        name: [row.pk for row in value] if name in _TARGETS else value for name, value in values.items() if name != "id"
    }
