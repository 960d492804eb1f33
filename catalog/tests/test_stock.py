"""Stock: conditional, in order, and explained by its ledger."""

import pytest
from django.db import DatabaseError, transaction

from catalog.enums import MovementReason, StockStatus
from catalog.errors import OutOfStockError, StockBelowHeldError
from catalog.models import StockItem, StockMovement
from catalog.services import stock
from catalog.tests.factories import make_product
from catalog.tests.stock import fell, ledger, levels

pytestmark = pytest.mark.django_db


def test_a_product_opens_with_a_movement() -> None:
    product = make_product(stock=7)
    assert levels(product) == (7, 0)
    assert ledger(product) == 7


def test_holding_reserves_and_selling_takes() -> None:
    product = make_product(stock=7)
    stock.hold({product.stock_id: 3})
    assert levels(product) == (7, 3)
    stock.consume({product.stock_id: 3}, reference="1001", actor="system")
    assert levels(product) == (4, 0)
    assert ledger(product) == 4


def test_a_release_gives_back_what_was_held() -> None:
    product = make_product(stock=7)
    stock.hold({product.stock_id: 7})
    stock.release({product.stock_id: 7})
    assert levels(product) == (7, 0)
    assert ledger(product) == 7


def test_a_basket_with_one_short_item_holds_nothing_and_names_it() -> None:
    plenty, short = make_product(stock=10), make_product(stock=1)
    with pytest.raises(OutOfStockError) as refusal, transaction.atomic():
        stock.hold({plenty.stock_id: 2, short.stock_id: 2})
    assert refusal.value.shortages == {short.pk: 1}
    assert levels(plenty) == (10, 0)
    assert levels(short) == (1, 0)


def test_what_is_not_held_cannot_be_released_or_sold() -> None:
    product = make_product(stock=5)
    with pytest.raises(RuntimeError):
        stock.release({product.stock_id: 1})
    with pytest.raises(RuntimeError):
        stock.consume({product.stock_id: 1}, reference="1001", actor="system")
    assert levels(product) == (5, 0)


def test_restocking_books_a_movement() -> None:
    product = make_product(stock=1)
    stock.restock({product.stock_id: 2}, reason=MovementReason.RETURN, reference="1001", actor="user:1")
    assert levels(product) == (3, 0)
    assert ledger(product) == 3


@pytest.mark.parametrize("delta", [5, -3])
def test_a_correction_is_a_delta_with_a_reason(delta: int) -> None:
    product = make_product(stock=10)
    stock.correct(product.stock_id, delta=delta, reason=MovementReason.CORRECTION, reference="counted", actor="user:1")
    assert levels(product) == (10 + delta, 0)
    movement = StockMovement.objects.latest("id")
    assert (movement.delta, movement.reference) == (delta, "counted")


def test_a_correction_of_nothing_books_nothing() -> None:
    product = make_product(stock=10)
    stock.correct(product.stock_id, delta=0, reason=MovementReason.CORRECTION, reference="", actor="user:1")
    assert StockMovement.objects.filter(stock_item_id=product.stock_id).count() == 1


def test_a_correction_never_takes_what_orders_hold() -> None:
    product = make_product(stock=10)
    stock.hold({product.stock_id: 8})
    with pytest.raises(StockBelowHeldError):
        stock.correct(product.stock_id, delta=-3, reason=MovementReason.CORRECTION, reference="", actor="user:1")
    assert levels(product) == (10, 8)


def test_many_corrections_are_booked_but_for_those_that_orders_stand_against() -> None:
    fine, held, empty = make_product(stock=10), make_product(stock=10), make_product(stock=0)
    stock.hold({held.stock_id: 8})
    why = MovementReason.CORRECTION
    corrections = {
        fine.stock_id: stock.Correction(-6, why, "counted"),
        held.stock_id: stock.Correction(-3, why, "counted"),
        empty.stock_id: stock.Correction(4, MovementReason.RESTOCK, "delivered"),
    }
    assert set(stock.correct_all(corrections, actor="user:1")) == {fine.stock_id, empty.stock_id}
    assert [levels(product) for product in (fine, held, empty)] == [(4, 0), (10, 8), (4, 0)]
    assert [ledger(product) for product in (fine, held, empty)] == [4, 10, 4]
    assert [item for item, *_ in fell() if item == str(fine.stock_id)] == [str(fine.stock_id)]


def test_the_ledger_is_append_only() -> None:
    product = make_product(stock=1)
    with pytest.raises(DatabaseError), transaction.atomic():
        StockMovement.objects.filter(stock_item_id=product.stock_id).update(delta=100)
    with pytest.raises(DatabaseError), transaction.atomic():
        StockMovement.objects.filter(stock_item_id=product.stock_id).delete()
    assert ledger(product) == 1


@pytest.mark.parametrize(
    ("on_hand", "held", "status"),
    [
        (10, 0, StockStatus.IN_STOCK),
        (10, 5, StockStatus.RUNNING_LOW),
        (10, 10, StockStatus.OUT_OF_STOCK),
    ],
)
def test_shoppers_are_told_how_much_is_left(on_hand: int, held: int, status: StockStatus) -> None:
    assert StockItem(on_hand=on_hand, held=held, low_stock_at=5).status is status
