"""Stock movements of the past, booked in bulk by imports. The present belongs to ``catalog.services.stock``."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from catalog.enums import MovementReason
from catalog.errors import StockBelowHeldError
from catalog.models import StockItem, StockMovement
from catalog.services import stock
from fantasize.core.bulk import copy_rows

IMPORT_REFERENCE = "import"
_BATCH = 2000

_ADD = """
    UPDATE catalog_stockitem AS item
       SET on_hand = item.on_hand + booked.delta
      FROM unnest(%s::bigint[], %s::int[]) AS booked (id, delta)
     WHERE item.id = booked.id
       AND item.on_hand + booked.delta >= item.held
 RETURNING item.id
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the ledger: ``delta`` pieces came (or went, when negative)."""

    stock_item_id: int
    delta: int
    reason: MovementReason
    reference: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Opening:
    """The first pieces of an article: how many, since when, and what the ledger says of them."""

    pieces: int
    at: datetime
    reference: str = IMPORT_REFERENCE


def open_items(openings: Sequence[Opening], *, actor: str) -> list[StockItem]:
    """Make one stock item per opening, each with its opening entry if there are pieces; a few queries for thousands."""
    items = StockItem.objects.bulk_create([StockItem(on_hand=each.pieces) for each in openings], batch_size=_BATCH)
    pairs = zip(items, openings, strict=True)
    _record(
        [
            Entry(item.pk, opening.pieces, MovementReason.OPENING, opening.reference, opening.at)
            for item, opening in pairs
            if opening.pieces
        ],
        actor,
    )
    return items


def opening_entry(stock_item_id: int, pieces: int, at: datetime) -> Entry:
    """Pieces that were there before the history that is imported begins."""
    return Entry(stock_item_id, pieces, MovementReason.OPENING, IMPORT_REFERENCE, at)


def book(entries: Sequence[Entry], *, actor: str) -> None:
    """Write entries of the past, and add their sums to what is on hand now. Runs in the caller's transaction.

    Entries that cancel out (pieces that came and were sold) touch no stock item, so nobody waits for them.

    Raises:
        StockBelowHeldError: fewer pieces would be left than open orders have reserved.
    """
    sums: Counter[int] = Counter()
    for entry in entries:
        sums[entry.stock_item_id] += entry.delta
    changes = {item: delta for item, delta in sorted(sums.items()) if delta}
    if changes and not _add(changes):
        raise StockBelowHeldError("Fewer pieces would be left than open orders have reserved.")
    _record(entries, actor)


def _add(changes: dict[int, int]) -> bool:
    """Whether every item could take its change."""
    stock.lock(changes)
    with connection.cursor() as cursor:
        cursor.execute(_ADD, [list(changes), list(changes.values())])
        return bool(cursor.rowcount == len(changes))


def _record(entries: Sequence[Entry], actor: str) -> None:
    copy_rows(
        StockMovement,
        ("stock_item_id", "delta", "reason", "reference", "actor", "at"),
        ((each.stock_item_id, each.delta, each.reason.value, each.reference, actor, each.at) for each in entries),
    )
