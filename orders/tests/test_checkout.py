"""Placing an order: priced, reserved, numbered and told of, or nothing at all."""

import threading
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.tests.factories import make_user
from catalog.errors import OutOfStockError
from catalog.models import StockItem
from catalog.services.products import update_product
from catalog.tests.factories import make_product
from fantasize.core.errors import InvalidError
from fantasize.core.models import DomainEvent
from orders.enums import OrderStatus, PaymentMethod, PaymentStatus
from orders.errors import PriceChangedError
from orders.models import Hold, Order, OrderLine
from orders.services import customers
from orders.services.baskets import LineRequest
from orders.services.checkout import place_order
from orders.tests.factories import ADDRESS, make_order

pytestmark = pytest.mark.django_db


def nothing_was_placed() -> bool:
    return not (Order.objects.exists() or Hold.objects.exists() or StockItem.objects.filter(held__gt=0).exists())


def test_an_order_freezes_what_was_bought() -> None:
    product = make_product(name="Oak lantern", price="12.50", stock=5)
    order = make_order(product=product, quantity=2)
    update_product(product=product, changes={"name": "Renamed", "list_price": Decimal(99)})
    order = Order.objects.get(pk=order.pk)
    line = OrderLine.objects.get(order=order)
    assert (line.name, line.sku, line.unit_price, line.line_total) == (
        "Oak lantern",
        product.sku,
        Decimal("12.50"),
        Decimal("25.00"),
    )
    assert (order.total, order.currency, order.status, order.payment_status) == (
        Decimal("25.00"),
        "USD",
        OrderStatus.PENDING,
        PaymentStatus.UNPAID,
    )
    assert order.shipping_address == ADDRESS


def test_an_order_reserves_its_stock_and_says_so() -> None:
    product = make_product(stock=5)
    order = make_order(product=product, quantity=2)
    hold = Hold.objects.get(order=order)
    assert (hold.stock_item_id, hold.quantity, hold.ended_at) == (product.stock_id, 2, None)
    assert StockItem.objects.get(pk=product.stock_id).available == 3
    event = DomainEvent.objects.get(aggregate="order", aggregate_id=str(order.pk))
    assert (event.seq, event.name, event.data["status"], event.data["previous"]) == (1, "order.placed", "pending", None)
    assert event.actor == order.user.actor if order.user else False


@pytest.mark.parametrize(("method", "expires"), [(PaymentMethod.HOSTED, True), (PaymentMethod.CASH_ON_DELIVERY, False)])
def test_only_orders_to_be_paid_online_expire(method: PaymentMethod, *, expires: bool) -> None:
    order = make_order(method=method)
    assert (order.hold_expires_at is not None) is expires
    if order.hold_expires_at:
        assert order.hold_expires_at - order.placed_at == pytest.approx(timedelta(minutes=45), abs=timedelta(seconds=5))


def test_lines_of_one_product_are_reserved_together() -> None:
    product = make_product(stock=5)
    lines = [LineRequest(product.pk, 3), LineRequest(product.pk, 3)]
    with pytest.raises(OutOfStockError) as refusal:
        place_order(
            customer=customers.of(make_user()),
            lines=lines,
            payment_method=PaymentMethod.CASH_ON_DELIVERY,
            shipping_address=ADDRESS,
        )
    assert refusal.value.extra["available"] == {str(product.pk): 5}
    assert nothing_was_placed()


def test_a_product_that_is_not_sold_is_named() -> None:
    hidden, sold = make_product(is_active=False), make_product()
    lines = [LineRequest(sold.pk, 1), LineRequest(hidden.pk, 1), LineRequest(10**9, 1)]
    with pytest.raises(InvalidError) as refusal:
        place_order(
            customer=customers.of(make_user()),
            lines=lines,
            payment_method=PaymentMethod.CASH_ON_DELIVERY,
            shipping_address=ADDRESS,
        )
    assert [error.location for error in refusal.value.errors] == ["/lines/1/product", "/lines/2/product"]
    assert nothing_was_placed()


@pytest.mark.parametrize(("expected", "accepted"), [("20.00", True), ("19.99", False)])
def test_the_total_is_what_the_shopper_was_shown_or_nothing_happens(expected: str, *, accepted: bool) -> None:
    user, product = make_user(), make_product(price="10.00")

    def place() -> Order:
        return place_order(
            customer=customers.of(user),
            lines=[LineRequest(product.pk, 2)],
            payment_method=PaymentMethod.CASH_ON_DELIVERY,
            shipping_address=ADDRESS,
            expected_total=Decimal(expected),
        )

    if accepted:
        assert place().total == Decimal("20.00")
        return
    with pytest.raises(PriceChangedError) as refusal:
        place()
    assert refusal.value.extra["total"] == "20.00"
    assert nothing_was_placed()


def test_numbers_are_sequential_without_holes() -> None:
    first = make_order()
    with pytest.raises(OutOfStockError):
        make_order(product=make_product(stock=0))
    assert make_order().number == first.number + 1


def test_a_dozen_lines_cost_as_many_queries_as_one() -> None:
    user, products = make_user(), [make_product() for _ in range(12)]

    def queries(count: int) -> int:
        with CaptureQueriesContext(connection) as captured:
            place_order(
                customer=customers.of(user),
                lines=[LineRequest(product.pk, 1) for product in products[:count]],
                payment_method=PaymentMethod.CASH_ON_DELIVERY,
                shipping_address=ADDRESS,
            )
        return len(captured)

    assert queries(1) == queries(3) == queries(12)


@pytest.mark.django_db(transaction=True)
def test_buyers_at_once_get_what_there_is_and_numbers_without_holes() -> None:
    user, product = make_user(), make_product(stock=6)
    outcomes: list[int | None] = []
    barrier = threading.Barrier(15)

    def buy() -> None:
        try:
            barrier.wait()
            outcomes.append(make_order(user=user, product=product).number)
        except OutOfStockError:
            outcomes.append(None)
        finally:
            connection.close()

    threads = [threading.Thread(target=buy) for _ in range(15)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    numbers = sorted(number for number in outcomes if number)
    assert len(numbers) == 6
    assert len(outcomes) == 15
    assert numbers == list(range(numbers[0], numbers[0] + 6))
    assert StockItem.objects.get(pk=product.stock_id).held == 6
