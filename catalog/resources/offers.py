"""Offers as spreadsheet rows."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar

from django.db.models import Prefetch, QuerySet
from import_export.fields import Field

from catalog.models import Category, Offer, Package, Product
from catalog.services import bulk_offers, discounts, offers
from catalog.services.bulk_offers import OfferRow
from catalog.services.offers import Things
from fantasize.core.models import RowOutcome
from fantasize.core.transfers.changes import Change, Faults, Undone
from fantasize.core.transfers.resources import TransferResource
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
_NAMES = {Product: "sku", Package: "sku", Category: "slug"}
_LARGEST_ID = 2**63 - 1


class OfferResource(TransferResource):
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
        fields: ClassVar = ("id", "name", "percent", "amount", "starts_at", "ends_at", "is_active", *offers.TARGETS)
        export_order = fields

    def rows(self) -> QuerySet[Offer]:
        """Offers with the names of what they are on."""
        named = zip(offers.TARGETS, _NAMES.items(), strict=True)
        return Offer.objects.prefetch_related(
            *(Prefetch(target, model._default_manager.only(name)) for target, (model, name) in named)  # noqa: SLF001 - Django's documented interface
        )

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

    def apply(self, rows: Sequence[Any], *, actor: str, reference: str) -> list[Change]:
        """Store checked rows; the prices of all that they name follow at the end."""
        with self._following_once():
            return super().apply(rows, actor=actor, reference=reference)

    def undo(self, rows: Sequence[Any], *, actor: str, reference: str) -> list[Undone]:
        """Take applied rows back, likewise."""
        with self._following_once():
            return super().undo(rows, actor=actor, reference=reference)

    @contextmanager
    def _following_once(self) -> Iterator[None]:
        """What new offers name and what changed ones do is locked together, in one order: else two might deadlock."""
        self._stored: list[Offer] = []
        self._things: list[Things] = []
        yield
        if self._stored:
            offers.follow(self._stored, *self._things)

    def _keep(self, changed: Sequence[Offer], *things: Things) -> None:
        self._stored += changed
        self._things += things

    def create(self, changes: Sequence[Change], *, actor: str, reference: str) -> None:  # noqa: ARG002 - offers keep no such record
        """Make offers; what cannot be is told."""
        rows = [_row(Offer(), change.values) for change in changes]
        bulk_offers.create(rows, follow=self._keep)
        for change, row in zip(changes, rows, strict=True):
            change.fault, change.key = row.fault, str(row.offer.pk or "")

    def update(self, changes: Sequence[Change], *, actor: str, reference: str) -> None:  # noqa: ARG002 - as above
        """Store changed offers; what cannot be is told."""
        rows = [_row(change.instance, change.values) for change in changes]
        bulk_offers.update(rows, follow=self._keep)
        for change, row in zip(changes, rows, strict=True):
            change.fault = row.fault

    def remove(self, instances: Sequence[Offer], *, actor: str, reference: str) -> Mapping[Any, RowOutcome]:  # noqa: ARG002 - as above
        """Delete offers."""
        keys = [instance.pk for instance in instances]
        bulk_offers.remove(instances, follow=self._keep)
        return dict.fromkeys(keys, RowOutcome.REMOVED)


def _row(offer: Offer, values: Mapping[str, Any]) -> OfferRow:
    """Values as the service takes them: what the offer is on, by ids."""
    terms = {name: values[name] for name in offers.TERMS if name in values}
    targets = {name: [each.pk for each in values[name]] for name in offers.TARGETS if name in values}
    return OfferRow(offer, terms, targets)
