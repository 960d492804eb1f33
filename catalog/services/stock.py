"""The only writer of stock. Conditional updates in primary-key order; no read-then-write anywhere.

Every function runs in the caller's transaction and takes ``demand``: stock item id -> pieces (at least 1), summed first
over everything that is wanted, so that each stock item is touched once. Where the number of pieces that can be sold
changes, a notice about ``stock`` follows the commit; where it falls to the item's mark or to nothing, an event does.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F

from catalog import events
from catalog.caching import invalidate_stock_on_commit
from catalog.enums import MovementReason
from catalog.errors import OutOfStockError, StockBelowHeldError
from catalog.models import Product, StockItem, StockMovement
from fantasize.core import clock, outbox
from fantasize.core.events import give_notice
from fantasize.core.statements import IdsSlot, Statement, fetch_all

Demand = Mapping[int, int]

# One statement for any number of items: it locks them in primary-key order, and changes those that still allow it then.
# What is short to begin with is not even waited for.
_UPDATE = """
    WITH allowed AS (
        SELECT item.id, wanted.on_hand, wanted.held
          FROM catalog_stockitem AS item
          JOIN unnest(%s::bigint[], %s::int[], %s::int[]) AS wanted (id, on_hand, held) ON wanted.id = item.id
         WHERE item.held + wanted.held BETWEEN 0 AND item.on_hand + wanted.on_hand
         ORDER BY item.id
           FOR NO KEY UPDATE OF item
    )
    UPDATE catalog_stockitem AS item
       SET on_hand = item.on_hand + allowed.on_hand, held = item.held + allowed.held
      FROM allowed
     WHERE item.id = allowed.id
 RETURNING item.id, item.on_hand - item.held, allowed.on_hand - allowed.held, item.low_stock_at
"""
_LEFT = Statement(
    lambda: (
        Product.objects.filter(stock__in=IdsSlot("items"))
        .order_by("stock")
        .values_list("pk", F("stock__on_hand") - F("stock__held"))
    )
)


@dataclass(frozen=True, slots=True)
class Correction:
    """So many pieces more (or less, below zero; never 0) on the shelf, and why."""

    delta: int
    reason: MovementReason
    reference: str


@dataclass(frozen=True, slots=True)
class _Change:
    """What became of an item, as the statement that changed it saw it.

    Attributes:
        available: how many can be sold now.
        delta: how many more than before.
        low_stock_at: the item's mark.
    """

    available: int
    delta: int
    low_stock_at: int

    @property
    def is_listed_anew(self) -> bool:
        """Whether the item has sold out by this, or can be had again."""
        return (self.available > 0) != (self.available - self.delta > 0)

    @property
    def has_fallen(self) -> bool:
        """Whether it came down to its mark, or to nothing, from above; the next piece less does not say so again."""
        before = self.available - self.delta
        return self.available <= self.low_stock_at < before or self.available <= 0 < before


def lock(demand: Demand) -> dict[int, StockItem]:
    """Lock the stock items in primary-key order, the order everybody takes them in."""
    rows = StockItem.objects.filter(pk__in=demand.keys()).order_by("pk").select_for_update(no_key=True)
    return {row.pk: row for row in rows}


def hold(demand: Demand) -> None:
    """Reserve pieces.

    Raises:
        OutOfStockError: something is short; nothing is reserved. ``shortages`` is keyed by product id.
    """
    held = _apply({item: (0, quantity) for item, quantity in demand.items()})
    if held.keys() != demand.keys():
        raise OutOfStockError(dict(_LEFT.fetch(items=list(demand.keys() - held.keys()))))
    _tell(held)


def release(demand: Demand) -> None:
    """Give reserved pieces back."""
    _change_all({item: (0, -quantity) for item, quantity in demand.items()})


def consume(demand: Demand, *, reference: str, actor: str) -> None:
    """Take reserved pieces off the shelf: they are sold."""
    _change_all({item: (-quantity, -quantity) for item, quantity in demand.items()})
    _record({item: -quantity for item, quantity in demand.items()}, MovementReason.SALE, reference, actor)


def restock(demand: Demand, *, reason: MovementReason, reference: str, actor: str) -> None:
    """Put sold pieces back on the shelf."""
    _change_all({item: (quantity, 0) for item, quantity in demand.items()})
    _record(demand, reason, reference, actor)


@transaction.atomic
def correct(stock_item_id: int, *, delta: int, reason: MovementReason, reference: str, actor: str) -> None:
    """Change what is on hand by ``delta`` pieces: a delivery came, a piece broke, somebody counted.

    Raises:
        StockBelowHeldError: fewer pieces would be left than orders have reserved.
    """
    if delta == 0:
        return
    corrected = _apply({stock_item_id: (delta, 0)})
    if not corrected:
        raise StockBelowHeldError("Fewer pieces would be left than open orders have reserved.")
    _tell(corrected)
    _record({stock_item_id: delta}, reason, reference, actor)


@transaction.atomic
def correct_all(corrections: Mapping[int, Correction], *, actor: str) -> Collection[int]:
    """Correct many items, by stock item id; a fixed number of queries.

    Returns the ids of those that were corrected: of the others, fewer pieces would be left than orders have reserved.
    """
    corrected = _apply({item: (correction.delta, 0) for item, correction in corrections.items()})
    _tell(corrected)
    moment = clock.now()
    StockMovement.objects.bulk_create(
        StockMovement(
            stock_item_id=item,
            delta=corrections[item].delta,
            reason=corrections[item].reason,
            reference=corrections[item].reference,
            actor=actor,
            at=moment,
        )
        for item in sorted(corrected)
    )
    return corrected.keys()


@transaction.atomic
def set_low_mark(stock_item_id: int, *, low_stock_at: int) -> None:
    """Say at how many available pieces stock counts as running low. Alerts nobody: whoever sets it sees it."""
    StockItem.objects.filter(pk=stock_item_id).update(low_stock_at=low_stock_at)
    give_notice(events.STOCK_TOPIC, [stock_item_id])
    invalidate_stock_on_commit([stock_item_id], is_listed_anew=False)


def open_item(*, on_hand: int, actor: str, reference: str = "") -> StockItem:
    """Make a stock item with its opening movement."""
    item = StockItem.objects.create(on_hand=on_hand)
    if on_hand:
        _record({item.pk: on_hand}, MovementReason.OPENING, reference, actor)
    return item


def _apply(changes: Mapping[int, tuple[int, int]]) -> dict[int, _Change]:
    """Add (on_hand, held) to each item; what became of those where the result was allowed, by id."""
    ids = sorted(changes)
    rows = fetch_all(_UPDATE, [ids, [changes[item][0] for item in ids], [changes[item][1] for item in ids]])
    return {item: _Change(*facts) for item, *facts in rows}


def _change_all(changes: Mapping[int, tuple[int, int]]) -> None:
    done = _apply(changes)
    if done.keys() != changes.keys():
        # Reserved or sold pieces that are not there: the books are wrong, and nothing may be built on them.
        missing = sorted(changes.keys() - done.keys())
        raise RuntimeError(f"Stock items {missing} do not have what the order says they have.")
    _tell(done)


def _tell(changes: Mapping[int, _Change]) -> None:
    """Events of those that have fallen, and a notice of all that shoppers see changed."""
    fallen = [
        events.stock_fell(item, available=change.available, low_stock_at=change.low_stock_at)
        for item, change in sorted(changes.items())
        if change.has_fallen
    ]
    if fallen:
        outbox.publish_all(fallen)
    moved = [item for item, change in changes.items() if change.delta]
    give_notice(events.STOCK_TOPIC, moved)
    invalidate_stock_on_commit(moved, is_listed_anew=any(change.is_listed_anew for change in changes.values()))


def _record(deltas: Mapping[int, int], reason: MovementReason, reference: str, actor: str) -> None:
    moment = clock.now()
    StockMovement.objects.bulk_create(
        StockMovement(stock_item_id=item, delta=delta, reason=reason, reference=reference, actor=actor, at=moment)
        for item, delta in sorted(deltas.items())
    )
