"""Stock: conditional, in order, and explained by its ledger."""

import random
import threading
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import Sum
from django.test.utils import CaptureQueriesContext

from catalog.enums import MovementReason, StockStatus
from catalog.errors import OutOfStockError, StockBelowHeldError
from catalog.models import Product, StockItem, StockMovement
from catalog.services import stock
from catalog.tests.factories import make_product
from fantasize.core import events
from fantasize.core.models import DomainEvent

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
    with transaction.atomic():
        stock.hold({item_id: 1})
        stock.consume({item_id: 1}, reference="1", actor="system")


def correct(item_id: int) -> None:
    stock.correct(item_id, delta=5, reason=MovementReason.CORRECTION, reference="", actor="user:1")


def correct_unsafely(item_id: int) -> None:
    """The negative control: a form that saves the level, while somebody buys one."""
    item = StockItem.objects.get(pk=item_id)
    sell(item_id)
    StockItem.objects.filter(pk=item_id).update(on_hand=item.on_hand + 5)


def trade(product: Product, correction: Callable[[int], None]) -> int:
    """Sales and corrections in one crowd; returns what is on hand afterwards."""
    works = [partial(sell, product.stock_id)] * SALES + [partial(correction, product.stock_id)] * CORRECTIONS
    random.Random(4).shuffle(works)  # noqa: S311 - an order of things, the same each time
    together(works)
    return levels(product)[0]


@pytest.mark.django_db(transaction=True)
def test_two_hundred_sales_and_fifty_corrections_at_once_end_exact() -> None:
    product = make_product(stock=300)
    assert trade(product, correct) == 300 - SALES + 5 * CORRECTIONS
    assert levels(product)[1] == 0
    assert ledger(product) == 300 - SALES + 5 * CORRECTIONS


@pytest.mark.django_db(transaction=True)
def test_corrections_that_read_and_then_write_lose_sales_or_one_another() -> None:
    sold = SALES + CORRECTIONS
    assert trade(make_product(stock=300), correct_unsafely) != 300 - sold + 5 * CORRECTIONS


def fell() -> list[tuple[str, str, dict[str, int]]]:
    events = DomainEvent.objects.filter(aggregate="stock_item").order_by("pk")
    return list(events.values_list("aggregate_id", "name", "data"))


class TestAlerts:
    """Stock that falls to its mark, or to nothing, is an event: once each time, whoever took it."""

    def test_each_writer_says_so_when_it_crosses_the_mark(self) -> None:
        product = make_product(stock=8)
        item = str(product.stock_id)
        low = (item, "stock.running_low", {"available": 5, "low_stock_at": 5})
        stock.hold({product.stock_id: 2})
        assert fell() == []
        stock.hold({product.stock_id: 1})
        assert fell() == [low]
        stock.hold({product.stock_id: 1})
        stock.consume({product.stock_id: 4}, reference="1", actor="system")
        assert fell() == [low], "it was low before, and what is sold was held"
        stock.restock({product.stock_id: 4}, reason=MovementReason.RETURN, reference="1", actor="system")
        stock.correct(product.stock_id, delta=-3, reason=MovementReason.CORRECTION, reference="", actor="user:1")
        assert fell() == [low, low]
        stock.correct(product.stock_id, delta=-5, reason=MovementReason.CORRECTION, reference="", actor="user:1")
        out = (item, "stock.out_of_stock", {"available": 0, "low_stock_at": 5})
        assert fell() == [low, low, out]

    def test_from_plenty_to_nothing_is_sold_out_and_not_also_low(self) -> None:
        product = make_product(stock=8)
        stock.hold({product.stock_id: 8})
        assert [name for _, name, _ in fell()] == ["stock.out_of_stock"]

    def test_without_a_mark_only_the_last_piece_counts(self) -> None:
        product = make_product(stock=3)
        stock.set_low_mark(product.stock_id, low_stock_at=0)
        stock.hold({product.stock_id: 2})
        assert fell() == []
        stock.hold({product.stock_id: 1})
        assert [name for _, name, _ in fell()] == ["stock.out_of_stock"]

    def test_a_basket_that_is_refused_says_nothing(self) -> None:
        plenty, short = make_product(stock=6), make_product(stock=1)
        with pytest.raises(OutOfStockError), transaction.atomic():
            stock.hold({plenty.stock_id: 2, short.stock_id: 2})
        assert fell() == []

    def test_a_new_mark_is_no_event(self) -> None:
        product = make_product(stock=6)
        stock.set_low_mark(product.stock_id, low_stock_at=10)
        assert StockItem.objects.get(pk=product.stock_id).status is StockStatus.RUNNING_LOW
        assert fell() == []

    def test_many_that_fall_cost_as_much_as_one(self) -> None:
        counts = []
        for number in (1, 5):
            demand = {make_product(stock=6).stock_id: 1 for _ in range(number)}
            with CaptureQueriesContext(connection) as queries:
                stock.hold(demand)
            counts.append(len(queries))
        assert len(fell()) == 6
        assert counts[0] == counts[1]

    @pytest.mark.django_db(transaction=True)
    def test_a_crowd_that_takes_it_down_is_told_of_once(self) -> None:
        product = make_product(stock=20)
        together([partial(sell, product.stock_id)] * 20)
        item = str(product.stock_id)
        assert [(name, data["available"]) for _, name, data in fell()] == [
            ("stock.running_low", 5),
            ("stock.out_of_stock", 0),
        ]
        assert list(DomainEvent.objects.filter(aggregate_id=item).values_list("seq", flat=True).order_by("seq")) == [
            1,
            2,
        ]


class TestNotices:
    """What shoppers see changed is announced after the commit, in one notice."""

    @pytest.fixture
    def heard(self, monkeypatch: pytest.MonkeyPatch) -> list[list[int]]:
        heard: list[list[int]] = []
        monkeypatch.setattr(events, "_notices", defaultdict(list))
        events.listen_notices("stock", lambda ids: heard.append(sorted(ids)))
        return heard

    @pytest.mark.django_db(transaction=True)
    def test_one_notice_for_each_change_that_is_seen(self, heard: list[list[int]]) -> None:
        items = sorted(make_product().stock_id for _ in range(3))
        demand = dict.fromkeys(items, 1)
        with transaction.atomic():
            stock.hold(demand)
            assert heard == []
        assert heard == [items]
        with transaction.atomic():
            stock.consume(demand, reference="1", actor="system")
        assert heard == [items], "what is sold could not be bought before"
        with transaction.atomic():
            stock.hold(demand)
            transaction.set_rollback(True)
        assert heard == [items]

    @pytest.mark.django_db(transaction=True)
    def test_a_listener_that_fails_holds_up_nobody(self, heard: list[list[int]]) -> None:
        def fail(_ids: Collection[int]) -> None:
            raise RuntimeError

        events.listen_notices("stock", fail)
        events.listen_notices("stock", lambda ids: heard.append([*ids]))
        item = make_product().stock_id
        correct(item)
        assert heard == [[item], [item]]
        assert StockItem.objects.get(pk=item).on_hand == 15
