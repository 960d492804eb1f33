"""Every invariant of orders notices when it is broken."""

from collections.abc import Callable
from typing import Any

import pytest

from catalog.tests.factories import make_product
from fantasize.core import invariants
from fantasize.core.tests.planting import plant
from fantasize.tests.standing import Standing
from orders.enums import OrderStatus
from orders.models import Order
from orders.tests.factories import make_order, move

pytestmark = pytest.mark.django_db


def build_orders() -> Order:
    """A delivered order of two pieces at 10.00 among others in every state that the services reach."""
    product = make_product(price="10.00", stock=50)
    order = move(make_order(product=product, quantity=2), OrderStatus.DELIVERED)
    make_order(product=product)
    move(make_order(product=product), OrderStatus.CANCELLED)
    move(make_order(product=product), OrderStatus.SHIPPED)
    returned = move(make_order(product=product), OrderStatus.DELIVERED)
    move(returned, OrderStatus.RETURNED, restock=True)
    assert not broken()
    return order


@pytest.fixture(scope="module")
def built(standing: Standing) -> Callable[[], Order]:
    return standing(build_orders)


@pytest.fixture
def delivered(built: Callable[[], Order]) -> Order:
    return built()


def broken() -> dict[str, int]:
    return {name: found for name, found in invariants.violations().items() if found}


def test_an_empty_shop_is_in_order() -> None:
    assert not Order.objects.exists()  # the first test of this file, before anything is built
    assert not broken()


@pytest.mark.parametrize(
    ("table", "statement", "names"),
    [
        (
            "orders_order",
            "UPDATE orders_order SET status = 'shipped' WHERE id = %s",
            {"orders.status_is_last_event": 1},
        ),
        (
            "orders_order",
            "UPDATE orders_order SET status = 'pending' WHERE id = %s",
            {"orders.status_is_last_event": 1, "orders.holds_follow_status": 1},
        ),
        (
            "core_domainevent",
            "DELETE FROM core_domainevent WHERE aggregate_id = %s AND seq = 5",
            {"orders.status_is_last_event": 1},
        ),
        (
            "core_domainevent",
            "DELETE FROM core_domainevent WHERE aggregate_id = %s",
            {"orders.status_is_last_event": 1},
        ),
        (
            "core_domainevent",
            "DELETE FROM core_domainevent WHERE aggregate_id = %s AND seq = 3",
            {"events.sequences_without_holes": 1, "orders.histories_are_legal": 1},
        ),
        (
            "core_domainevent",
            """UPDATE core_domainevent SET data = data || '{"previous": "cancelled"}'
                WHERE aggregate_id = %s AND seq = 3""",
            {"orders.histories_are_legal": 1},
        ),
        (
            "core_domainevent",
            """UPDATE core_domainevent SET data = data || '{"status": "processed"}'
                WHERE aggregate_id = %s AND seq = 1""",
            {"orders.histories_are_legal": 1},
        ),
        (
            "orders_orderline",
            "UPDATE orders_orderline SET line_total = 21 WHERE order_id = %s",
            {"orders.lines_follow_their_price": 1, "orders.total_is_sum_of_lines": 1},
        ),
        (
            "orders_orderline",
            "UPDATE orders_orderline SET unit_price = 5, quantity = 4 WHERE order_id = %s",
            {"orders.lines_follow_their_price": 1},
        ),
        (
            "orders_order",
            "UPDATE orders_order SET total = 19.99 WHERE id = %s",
            {
                "orders.total_is_sum_of_lines": 1,
                "orders.total_follows_its_stages": 1,
                "orders.money_follows_payments": 1,
            },
        ),
        (
            "orders_order",
            "UPDATE orders_order SET shipping_total = 1 WHERE id = %s",
            {"orders.total_is_sum_of_lines": 1, "orders.total_follows_its_stages": 1},
        ),
        (
            "orders_payment",
            "UPDATE orders_payment SET amount = 1 WHERE order_id = %s",
            {"orders.money_follows_payments": 1},
        ),
        (
            "orders_payment",
            "UPDATE orders_payment SET refunded = 1 WHERE order_id = %s",
            {"orders.money_follows_payments": 1},
        ),
        (
            "orders_payment",
            "UPDATE orders_payment SET currency = 'EUR' WHERE order_id = %s",
            {"orders.money_follows_payments": 1},
        ),
        (
            "orders_payment",
            "DELETE FROM orders_payment WHERE order_id = %s",
            {"orders.money_follows_payments": 1},
        ),
        (
            "orders_order",
            "UPDATE orders_order SET payment_status = 'unpaid' WHERE id = %s",
            {"orders.delivered_are_paid": 1, "orders.money_follows_payments": 1},
        ),
        (
            "orders_hold",
            "UPDATE orders_hold SET ended_at = NULL, outcome = '' WHERE order_id = %s",
            {"orders.holds_follow_status": 1, "stock.held_is_sum_of_open_holds": 1},
        ),
        (
            "orders_order",
            "UPDATE orders_order SET number = number + 100 WHERE id = %s",
            {"orders.numbers_without_holes": 2},
        ),
    ],
)
def test_a_planted_fault_is_noticed(delivered: Order, table: str, statement: str, names: dict[str, int]) -> None:
    plant(table, statement, [str(delivered.pk)])
    assert broken() == names


@pytest.mark.parametrize(
    ("statement", "missing"),
    [
        ("UPDATE orders_ordercounter SET last_number = last_number + 3", 3),
        ("UPDATE orders_ordercounter SET last_number = last_number - 1", 1),
        ("DELETE FROM orders_ordercounter", 5),
    ],
)
def test_numbers_that_are_nobodys_are_counted(delivered: Order, statement: str, missing: int) -> None:
    plant("orders_ordercounter", statement)
    assert broken() == {"orders.numbers_without_holes": missing}


@pytest.mark.parametrize("payment_status", ["partially_refunded", "refunded", "paid"])
def test_money_given_back_is_said(delivered: Order, payment_status: str) -> None:
    fitting: dict[str, Any] = {"partially_refunded": 5, "refunded": 20, "paid": 0}
    for name, refunded in fitting.items():
        plant("orders_payment", "UPDATE orders_payment SET refunded = %s WHERE order_id = %s", [refunded, delivered.pk])
        plant(
            "orders_order", "UPDATE orders_order SET payment_status = %s WHERE id = %s", [payment_status, delivered.pk]
        )
        assert bool(broken()) is (name != payment_status)
