"""The past is booked in bulk without disturbing the present."""

from datetime import UTC, datetime

import pytest

from catalog.enums import MovementReason
from catalog.errors import StockBelowHeldError
from catalog.models import StockItem, StockMovement
from catalog.services import stock, stock_history
from catalog.services.stock_history import Entry, Opening
from catalog.tests.factories import make_product

pytestmark = pytest.mark.django_db
LONG_AGO = datetime(2010, 12, 1, 8, 26, tzinfo=UTC)


def ledger(item: int) -> list[tuple[int, str, str]]:
    entries = StockMovement.objects.filter(stock_item=item).order_by("pk")
    return list(entries.values_list("delta", "reason", "reference"))


def test_items_open_with_what_they_have() -> None:
    items = stock_history.open_items([Opening(10, LONG_AGO), Opening(3, LONG_AGO)], actor="import")
    assert [item.on_hand for item in items] == [10, 3]
    assert [ledger(item.pk) for item in items] == [[(10, "opening", "import")], [(3, "opening", "import")]]
    assert StockMovement.objects.filter(at=LONG_AGO, actor="import").count() == 2


def test_entries_change_what_is_on_hand_by_their_sum() -> None:
    item = make_product(stock=5).stock_id
    entries = [
        stock_history.opening_entry(item, 8, LONG_AGO),
        Entry(item, -8, MovementReason.SALE, "1001", LONG_AGO),
        Entry(item, 2, MovementReason.RETURN, "C1", LONG_AGO),
    ]
    stock_history.book(entries, actor="import")
    assert StockItem.objects.get(pk=item).on_hand == 7
    assert ledger(item)[1:] == [(8, "opening", "import"), (-8, "sale", "1001"), (2, "return", "C1")]


def test_the_past_cannot_take_what_is_reserved_now() -> None:
    item = make_product(stock=5).stock_id
    stock.hold({item: 4})
    with pytest.raises(StockBelowHeldError):
        stock_history.book([Entry(item, -2, MovementReason.SALE, "1001", LONG_AGO)], actor="import")
    assert StockItem.objects.get(pk=item).on_hand == 5
    assert len(ledger(item)) == 1
