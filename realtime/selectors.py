"""Reads of the event log and of the shelves, as the sockets tell them."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Max

from catalog.enums import StockStatus
from catalog.models import Package, Product
from fantasize.core import clock
from fantasize.core.models import DomainEvent
from orders.events import AGGREGATE
from orders.models import Order, OrderLink
from orders.policies import LinkHolder
from orders.selectors import Told, told_to
from orders.services import links
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

    def snapshot(self, after: int | None) -> tuple[str, Update]:
        """The answer to ``track_order``: from the client's position on, or everything if it has none or a wrong one."""
        is_recovered = after is not None and self.knows(after)
        told = {
            "order": str(self.order_id),
            "status": self.status,
            "seq": self.seq,
            "recovered": is_recovered,
            "events": self.since(after) if after is not None and is_recovered else self.updates,
        }
        return "tracking" if after is None or is_recovered else "resync", told

    def since(self, after: int) -> list[Update]:
        """What happened after event number ``after``."""
        return [update for update in self.updates if update["seq"] > after]


def history_of(order: Order, holder: LinkHolder | None = None) -> History:
    """The order's history, as whoever follows it is told; ``holder`` does by a link.

    Its status is read from the events, so that the two cannot contradict each other.
    """
    updates = updates_after(order.pk, 0, holder)
    if not updates:
        return History(order.pk, order.status, 0, [])
    return History(order.pk, updates[-1]["status"], updates[-1]["seq"], updates)


def updates_after(order_id: UUID, seq: int, holder: LinkHolder | None = None) -> list[Update]:
    """What happened to an order after event number ``seq``, oldest first, as ``order_status_update`` says it.

    Raises:
        NotFoundError, LinkRevokedError: the holder's link opens nothing any more.
    """
    updates = [_update(order_id, told) for told in told_to(holder, order_id, after=seq)]
    # Asked last, so that nothing is told that was read after the link had ended.
    if holder:
        links.require_live(holder.link_id)
    return updates


def ended_links(link_ids: Iterable[UUID]) -> set[UUID]:
    """Those of the links that open nothing any more. One query."""
    wanted = set(link_ids)
    return wanted - set(OrderLink.objects.live(clock.now()).filter(pk__in=wanted).values_list("pk", flat=True))


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
    rows = Package.objects.active().with_parts().filter(pk__in=ids).only("pk")
    return {Shelf("package", row.pk): Level(row.available, row.status, _stock_of(row)) for row in rows}


def _stock_of(package: Package) -> frozenset[int]:
    return frozenset(part.product.stock_id for part in package.items.all())


def _update(order_id: UUID, told: Told) -> Update:
    return {
        "order": str(order_id),
        "seq": told.seq,
        "name": told.name,
        "status": told.data["status"],
        "previous": told.data["previous"],
        "occurred_at": told.occurred_at.isoformat().replace("+00:00", "Z"),
        "details": told.data.get("details", {}),
    }
