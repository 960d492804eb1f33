"""Reads of the event log and of the shelves, as the sockets tell them."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Max

from catalog.enums import StockStatus
from catalog.models import Package, PackageItem, Product
from catalog.selectors.packages import with_availability
from fantasize.core.models import DomainEvent
from orders.events import AGGREGATE
from orders.models import Order
from orders.selectors import events_of
from realtime.protocol import Shelf

Update = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Level:
    """How many there are of a product or package, and what a shopper is told about it.

    Attributes:
        stock_items: whose changes change it; equal levels may differ in them.
    """

    available: int
    status: str
    stock_items: frozenset[int] = field(default=frozenset(), compare=False)


# Of what is not sold any more.
SOLD_OUT = Level(0, StockStatus.OUT_OF_STOCK.value)


@dataclass(frozen=True, slots=True)
class History:
    """An order's status after its event number ``seq``, and its events up to there (all of them, oldest first)."""

    order_id: UUID
    status: str
    seq: int
    updates: list[Update]

    def knows(self, after: int) -> bool:
        """Whether event number ``after`` has happened, so that a client may go on from there."""
        return after <= self.seq

    def since(self, after: int) -> list[Update]:
        """What happened after event number ``after``."""
        return [update for update in self.updates if update["seq"] > after]


def history_of(order: Order) -> History:
    """The order's history. Its status is read from the events, so that the two cannot contradict each other."""
    updates = updates_after(order.pk, 0)
    if not updates:
        return History(order.pk, order.status, 0, [])
    return History(order.pk, updates[-1]["status"], updates[-1]["seq"], updates)


def updates_after(order_id: UUID, seq: int) -> list[Update]:
    """What happened to an order after event number ``seq``, oldest first, as ``order_status_update`` says it."""
    return [_update(event) for event in events_of(order_id, after=seq)]


def last_seqs(order_ids: Iterable[UUID]) -> dict[UUID, int]:
    """The number of the latest event of each order. One query."""
    rows = (
        DomainEvent.objects.filter(aggregate=AGGREGATE, aggregate_id__in=[str(order_id) for order_id in order_ids])
        .values_list("aggregate_id")
        .annotate(last=Max("seq"))
        .order_by()
    )
    return {UUID(order_id): last for order_id, last in rows}


def levels_of(shelves: Collection[Shelf]) -> dict[Shelf, Level]:
    """How many there are of each; what is not sold is left out. At most three queries, however many there are."""
    products = [shelf.id for shelf in shelves if shelf.kind == "product"]
    packages = [shelf.id for shelf in shelves if shelf.kind == "package"]
    found = _levels_of_products(products) if products else {}
    return found | (_levels_of_packages(packages) if packages else {})


def _levels_of_products(ids: Collection[int]) -> dict[Shelf, Level]:
    rows = Product.objects.active().filter(pk__in=ids).select_related("stock").only("stock")
    return {Shelf("product", row.pk): Level(row.available, row.status, frozenset([row.stock_id])) for row in rows}


def _levels_of_packages(ids: Collection[int]) -> dict[Shelf, Level]:
    # Parts first: one that comes in between is found by the next reading at the latest.
    parts = defaultdict(set)
    for package, item in PackageItem.objects.filter(package__in=ids).values_list("package", "product__stock"):
        parts[package].add(item)
    rows = with_availability(Package.objects.active().filter(pk__in=ids)).only("pk")
    return {Shelf("package", row.pk): Level(row.available, row.status, frozenset(parts[row.pk])) for row in rows}


def _update(event: DomainEvent) -> Update:
    return {
        "order": event.aggregate_id,
        "seq": event.seq,
        "name": event.name,
        "status": event.data["status"],
        "previous": event.data["previous"],
        "occurred_at": event.occurred_at.isoformat().replace("+00:00", "Z"),
        "details": event.data.get("details", {}),
    }
