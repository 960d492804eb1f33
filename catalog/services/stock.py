"""The only writer of stock. Conditional updates in primary-key order; no read-then-write anywhere.

Every function runs in the caller's transaction and takes ``demand``: stock item id -> pieces (at least 1), summed first
over everything that is wanted, so that each stock item is touched once.
"""

from collections.abc import Mapping

from django.db import connection, transaction

from catalog.enums import MovementReason
from catalog.errors import OutOfStockError, StockBelowHeldError
from catalog.models import Product, StockItem, StockMovement
from fantasize.core import clock

Demand = Mapping[int, int]

# One statement for any number of items; the condition makes it safe even for a row that nobody locked.
_UPDATE = """
    UPDATE catalog_stockitem AS item
       SET on_hand = item.on_hand + wanted.on_hand, held = item.held + wanted.held
      FROM unnest(%s::bigint[], %s::int[], %s::int[]) AS wanted (id, on_hand, held)
     WHERE item.id = wanted.id
       AND item.held + wanted.held BETWEEN 0 AND item.on_hand + wanted.on_hand
 RETURNING item.id
"""


def lock(demand: Demand) -> dict[int, StockItem]:
    """Lock the stock items in primary-key order, the order everybody takes them in."""
    rows = StockItem.objects.filter(pk__in=demand.keys()).order_by("pk").select_for_update(no_key=True)
    return {row.pk: row for row in rows}


def hold(demand: Demand) -> None:
    """Reserve pieces.

    Raises:
        OutOfStockError: something is short; nothing is reserved. ``shortages`` is keyed by product id.
    """
    rows = lock(demand)
    held = _apply({item: (0, quantity) for item, quantity in demand.items()})
    if held != demand.keys():
        raise OutOfStockError(_available_by_product(rows, demand.keys() - held))


def release(demand: Demand) -> None:
    """Give reserved pieces back."""
    lock(demand)
    _require_all(demand, _apply({item: (0, -quantity) for item, quantity in demand.items()}))


def consume(demand: Demand, *, reference: str, actor: str) -> None:
    """Take reserved pieces off the shelf: they are sold."""
    lock(demand)
    _require_all(demand, _apply({item: (-quantity, -quantity) for item, quantity in demand.items()}))
    _record({item: -quantity for item, quantity in demand.items()}, MovementReason.SALE, reference, actor)


def restock(demand: Demand, *, reason: MovementReason, reference: str, actor: str) -> None:
    """Put sold pieces back on the shelf."""
    lock(demand)
    _require_all(demand, _apply({item: (quantity, 0) for item, quantity in demand.items()}))
    _record(demand, reason, reference, actor)


@transaction.atomic
def correct(stock_item_id: int, *, delta: int, reason: MovementReason, reference: str, actor: str) -> None:
    """Change what is on hand by ``delta`` pieces: a delivery came, a piece broke, somebody counted.

    Raises:
        StockBelowHeldError: fewer pieces would be left than orders have reserved.
    """
    if delta == 0:
        return
    if not _apply({stock_item_id: (delta, 0)}):
        raise StockBelowHeldError("Fewer pieces would be left than open orders have reserved.")
    _record({stock_item_id: delta}, reason, reference, actor)


def open_item(*, on_hand: int, actor: str, reference: str = "") -> StockItem:
    """Make a stock item with its opening movement."""
    item = StockItem.objects.create(on_hand=on_hand)
    if on_hand:
        _record({item.pk: on_hand}, MovementReason.OPENING, reference, actor)
    return item


def _apply(changes: Mapping[int, tuple[int, int]]) -> set[int]:
    """Add (on_hand, held) to each item; returns the ids of those where the result was allowed."""
    ids = sorted(changes)
    with connection.cursor() as cursor:
        cursor.execute(_UPDATE, [ids, [changes[item][0] for item in ids], [changes[item][1] for item in ids]])
        return {row[0] for row in cursor.fetchall()}


def _require_all(demand: Demand, done: set[int]) -> None:
    if done != demand.keys():
        # Reserved or sold pieces that are not there: the books are wrong, and nothing may be built on them.
        raise RuntimeError(f"Stock items {sorted(demand.keys() - done)} do not have what the order says they have.")


def _record(deltas: Mapping[int, int], reason: MovementReason, reference: str, actor: str) -> None:
    moment = clock.now()
    StockMovement.objects.bulk_create(
        StockMovement(stock_item_id=item, delta=delta, reason=reason, reference=reference, actor=actor, at=moment)
        for item, delta in sorted(deltas.items())
    )


def _available_by_product(rows: Mapping[int, StockItem], short: set[int]) -> dict[int, int]:
    products = dict(Product.objects.filter(stock_id__in=short).values_list("stock_id", "pk"))
    return {products[item]: rows[item].available for item in sorted(short) if item in products and item in rows}
