"""The event log, as the sockets tell it."""

from uuid import uuid4

import pytest
from pytest_django import DjangoAssertNumQueries

from fantasize.core import outbox
from orders import events
from orders.enums import OrderStatus
from orders.models import Order
from orders.tests.factories import make_order
from realtime.selectors import history_of, last_seqs, updates_after
from realtime.tests.client import STEPS, move

pytestmark = pytest.mark.django_db


@pytest.fixture
def order() -> Order:
    return make_order()


def test_an_update_says_what_happened_and_when(order: Order) -> None:
    (update,) = updates_after(order.pk, 0)
    assert update["occurred_at"].endswith("Z")
    assert {**update, "occurred_at": ""} == {
        "order": str(order.pk),
        "seq": 1,
        "name": "order.placed",
        "status": "pending",
        "previous": None,
        "occurred_at": "",
        "details": {},
    }


def test_the_status_is_that_of_the_last_event_told(order: Order) -> None:
    stale = Order.objects.get(pk=order.pk)
    move(order, OrderStatus.SHIPPED)
    history = history_of(stale)
    assert (history.status, history.seq, len(history.updates)) == ("shipped", 4, 4)


def test_an_order_without_events_has_its_own_status(order: Order) -> None:
    history = history_of(Order(pk=uuid4(), status=OrderStatus.PENDING))
    assert (history.status, history.seq, history.updates) == ("pending", 0, [])


def test_a_history_knows_where_one_may_go_on(order: Order) -> None:
    move(order, OrderStatus.PROCESSING)
    history = history_of(order)
    assert [history.knows(after) for after in (0, 2, 3)] == [True, True, False]
    assert [update["seq"] for update in history.since(1)] == [2]


def test_words_among_staff_are_not_told(order: Order) -> None:
    outbox.publish(events.note_added(order.pk, note="a difficult customer", actor="user:staff"))
    assert len(updates_after(order.pk, 0)) == 1
    assert last_seqs([order.pk]) == {order.pk: 1}


@pytest.mark.parametrize("count", [1, 3])
def test_the_last_numbers_of_many_orders_cost_one_query(
    count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    orders = [make_order() for _ in range(count)]
    for status in STEPS[:count]:
        move(orders[0], status)
    with django_assert_num_queries(1):
        seqs = last_seqs([*(order.pk for order in orders), uuid4()])
    assert seqs == {order.pk: 1 for order in orders} | {orders[0].pk: 1 + count}
