"""Stock: conditional, in order, and explained by its ledger."""

import threading
from collections.abc import Callable

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import Sum

from catalog.enums import MovementReason, StockStatus
from catalog.errors import OutOfStockError, StockBelowHeldError
from catalog.models import Product, StockItem, StockMovement
from catalog.services import stock
from catalog.tests.factories import make_product

pytestmark = pytest.mark.django_db


def levels(product: Product) -> tuple[int, int]:
    item = StockItem.objects.get(pk=product.stock_id)
    return item.on_hand, item.held


def ledger(product: Product) -> int:
    total: int = (
        StockMovement.objects.filter(stock_item_id=product.stock_id).aggregate(total=Sum("delta"))["total"] or 0
    )
    return total


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


def hold_unsafely(item_id: int) -> None:
    """The negative control: what every shop writes first."""
    item = StockItem.objects.get(pk=item_id)
    if item.available < 1:
        raise OutOfStockError({})
    StockItem.objects.filter(pk=item_id).update(held=item.held + 1)


def race(product: Product, buyers: int, take: Callable[[int], None]) -> int:
    """How many of ``buyers``, all starting together, were told that they have one piece."""
    barrier, served = threading.Barrier(buyers), []

    def buy() -> None:
        try:
            barrier.wait()
            with transaction.atomic():
                take(product.stock_id)
            served.append(1)
        except OutOfStockError:
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=buy) for _ in range(buyers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(served)


@pytest.mark.django_db(transaction=True)
def test_as_many_are_served_as_there_are_pieces() -> None:
    product = make_product(stock=5)
    assert race(product, 15, lambda item: stock.hold({item: 1})) == 5
    assert levels(product) == (5, 5)


@pytest.mark.django_db(transaction=True)
def test_without_the_conditional_update_more_are_served_than_there_are_pieces() -> None:
    product = make_product(stock=5)
    assert race(product, 15, hold_unsafely) > 5


@pytest.mark.django_db(transaction=True)
def test_baskets_in_opposite_order_do_not_deadlock() -> None:
    products = [make_product(stock=100) for _ in range(3)]
    ids = [product.stock_id for product in products]
    orders = [ids, ids[::-1], [ids[1], ids[2], ids[0]]] * 5
    failures: list[BaseException] = []

    def buy(wanted: list[int]) -> None:
        try:
            with transaction.atomic():
                stock.hold(dict.fromkeys(wanted, 1))
        except BaseException as error:  # noqa: BLE001 - whatever it was, the main thread reports it
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=buy, args=(wanted,)) for wanted in orders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert [levels(product) for product in products] == [(100, 15)] * 3


@pytest.mark.django_db(transaction=True)
def test_corrections_and_sales_at_once_end_exact() -> None:
    product = make_product(stock=100)

    def run(work: Callable[[], None]) -> None:
        try:
            work()
        finally:
            connection.close()

    def sell() -> None:
        with transaction.atomic():
            stock.hold({product.stock_id: 1})
            stock.consume({product.stock_id: 1}, reference="1", actor="system")

    def correct() -> None:
        stock.correct(product.stock_id, delta=5, reason=MovementReason.CORRECTION, reference="", actor="user:1")

    threads = [threading.Thread(target=run, args=(work,)) for work in [sell] * 12 + [correct] * 3]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert levels(product) == (100 - 12 + 15, 0)
    assert ledger(product) == 103
