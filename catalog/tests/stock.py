"""What is in stock, and who wants it, for tests."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from django.db import connection, transaction
from django.db.models import Sum

from catalog.enums import MovementReason
from catalog.models import Product, StockItem, StockMovement
from catalog.services import stock
from fantasize.core.models import DomainEvent


def levels(product: Product) -> tuple[int, int]:
    """How many there are, and how many of them are held."""
    item = StockItem.objects.get(pk=product.stock_id)
    return item.on_hand, item.held


def ledger(product: Product) -> int:
    """What all movements come to."""
    total: int = (
        StockMovement.objects.filter(stock_item_id=product.stock_id).aggregate(total=Sum("delta"))["total"] or 0
    )
    return total


SALES, CORRECTIONS, CREW = 200, 50, 16


def together(works: Sequence[Callable[[], None]]) -> None:
    """Do it all, as many things at once as there are hands."""

    def do(work: Callable[[], None]) -> None:
        try:
            work()
        finally:
            connection.close()

    with ThreadPoolExecutor(CREW) as crew:
        list(crew.map(do, works))


def sell(item_id: int) -> None:
    """One piece is held and sold."""
    with transaction.atomic():
        stock.hold({item_id: 1})
        stock.consume({item_id: 1}, reference="1", actor="system")


def correct(item_id: int) -> None:
    """Five pieces more."""
    stock.correct(item_id, delta=5, reason=MovementReason.CORRECTION, reference="", actor="user:1")


def fell() -> list[tuple[str, str, dict[str, int]]]:
    """The events of stock that has fallen: whose, which, and their facts."""
    events = DomainEvent.objects.filter(aggregate="stock_item").order_by("pk")
    return list(events.values_list("aggregate_id", "name", "data"))
