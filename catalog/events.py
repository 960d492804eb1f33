"""The catalogue's events, as they are written to the log."""

from fantasize.core.events import Event

STOCK_AGGREGATE = "stock_item"
# Of notices about stock items: whatever shows how many there are looks again.
STOCK_TOPIC = "stock"
RUNNING_LOW, OUT_OF_STOCK = "stock.running_low", "stock.out_of_stock"


def stock_fell(stock_item_id: int, *, available: int, low_stock_at: int) -> Event:
    """``stock.running_low`` or ``stock.out_of_stock``: fewer can be sold than the mark, or none any more."""
    name = RUNNING_LOW if available > 0 else OUT_OF_STOCK
    return Event(STOCK_AGGREGATE, str(stock_item_id), name, {"available": available, "low_stock_at": low_stock_at})
