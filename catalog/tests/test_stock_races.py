"""Stock when many want it at once, each race beside what it would be without its protection."""

import random
import threading
from collections.abc import Callable
from functools import partial

import pytest
from django.db import connection, transaction

from catalog.errors import OutOfStockError
from catalog.models import Product, StockItem
from catalog.services import stock
from catalog.tests.factories import make_product
from catalog.tests.stock import CORRECTIONS, SALES, correct, ledger, levels, sell, together

pytestmark = pytest.mark.django_db


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


def correct_unsafely(item_id: int) -> None:
    """The negative control: a form that saves the level, while somebody buys one."""
    item = StockItem.objects.get(pk=item_id)
    sell(item_id)
    StockItem.objects.filter(pk=item_id).update(on_hand=item.on_hand + 5)


def trade(product: Product, *corrections: Callable[[], None]) -> int:
    """Sales and corrections in one crowd; returns what is on hand afterwards."""
    works = [partial(sell, product.stock_id)] * SALES + [*corrections]
    random.Random(4).shuffle(works)  # noqa: S311 - an order of things, the same each time
    together(works)
    return levels(product)[0]


@pytest.mark.django_db(transaction=True)
def test_two_hundred_sales_and_fifty_corrections_at_once_end_exact() -> None:
    product = make_product(stock=300)
    assert trade(product, *[partial(correct, product.stock_id)] * CORRECTIONS) == 300 - SALES + 5 * CORRECTIONS
    assert levels(product)[1] == 0
    assert ledger(product) == 300 - SALES + 5 * CORRECTIONS


@pytest.mark.django_db(transaction=True)
def test_corrections_that_read_and_then_write_lose_every_sale_in_between() -> None:
    product = make_product(stock=300)

    def correct_all() -> None:
        # One after the other: at once they would also lose each other, which makes up for lost sales.
        for _ in range(CORRECTIONS):
            correct_unsafely(product.stock_id)

    assert trade(product, correct_all) >= 300 - SALES - CORRECTIONS + 5 * CORRECTIONS + CORRECTIONS
