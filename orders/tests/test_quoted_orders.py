"""Placing an order by its quote: what is frozen of it, the coupon's use and its return, and races for the last use."""

import json
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from accounts.models import User
from accounts.tests.factories import make_user
from catalog.errors import CouponInvalidError, CouponMinTotalError, OutOfStockError
from catalog.models import Coupon, CouponRedemption, Product, StockItem
from catalog.services import coupons
from catalog.services.coupons import NewCoupon, create_coupon, update_coupon
from catalog.tests.factories import make_product
from catalog.tests.races import at_once
from fantasize.core import clock, invariants
from fantasize.core.errors import InvalidError, RateLimitedError
from orders.enums import OrderStatus, Role
from orders.errors import PriceChangedError
from orders.models import Hold, Order, OrderLine
from orders.services import coupon_use, expiry
from orders.services.baskets import LineRequest
from orders.services.quoting import Wishes
from orders.tests.customized import place
from orders.tests.factories import move
from orders.tests.terms import make_class, make_method, make_rate

pytestmark = pytest.mark.django_db


def make_coupon(**terms: Any) -> Coupon:
    return create_coupon(new=NewCoupon(**{"code": "SPRING", "percent": Decimal(10), **terms}))


def buy(product: Product | None = None, *, user: User | None = None, quantity: int = 1, **wishes: Any) -> Order:
    line = LineRequest((product or make_product()).pk, quantity)
    return place(user or make_user(), line, wishes=Wishes(**wishes))


def uses() -> int:
    return CouponRedemption.objects.filter(released_at=None).count()


def nothing_was_placed() -> bool:
    return not (Order.objects.exists() or Hold.objects.exists() or CouponRedemption.objects.exists())


def in_order() -> bool:
    return not {name: found for name, found in invariants.violations().items() if found}


def test_an_order_keeps_how_its_total_came_about() -> None:
    standard = make_class()
    make_rate(standard, "20")
    make_method("post", "5.00")
    make_method("courier", "9.00")
    make_coupon()
    lines = [LineRequest(make_product(price="30.00").pk), LineRequest(make_product(price="10.00").pk, 2)]
    placed = place(make_user(), *lines, wishes=Wishes("spring", "courier"))
    order = Order.objects.get(pk=placed.pk)
    assert (order.coupon, order.shipping_method) == ("SPRING", "courier")
    totals = (order.items_total, order.discount_total, order.shipping_total, order.tax_total, order.total)
    assert [str(each) for each in totals] == ["50.00", "5.00", "9.00", "10.80", "64.80"]
    assert [(step["stage"], step["change"], step["amount"]) for step in order.stages] == [
        ("items", "50.00", "50.00"),
        ("coupon", "-5.00", "45.00"),
        ("shipping", "9.00", "54.00"),
        ("tax", "10.80", "64.80"),
        ("total", "0.00", "64.80"),
    ]
    assert order.taxes == [
        {
            "name": "VAT",
            "tax_class": "standard",
            "percent": "20",
            "is_included": False,
            "base": "54.00",
            "amount": "10.80",
            "shipping_base": "9.00",
            "shipping_amount": "1.80",
        }
    ]
    shares = OrderLine.objects.order_by("position").values_list("discount", "tax", "tax_included", "tax_class")
    assert [(str(off), str(tax), int(included), of) for off, tax, included, of in shares] == [
        ("3.00", "5.40", 0, "standard"),
        ("2.00", "3.60", 0, "standard"),
    ]
    assert in_order()


def test_rules_that_change_later_do_not_reach_it() -> None:
    rate, method = make_rate(make_class(), "20"), make_method("post", "5.00")
    order = buy()
    rate.delete()
    method.delete()
    assert Order.objects.get(pk=order.pk).total == Decimal("18.00")
    assert in_order()


def test_a_total_that_has_changed_is_told_with_the_whole_quote() -> None:
    make_method("post", "5.00")
    make_coupon(max_uses=1)
    with pytest.raises(PriceChangedError) as refusal:
        place(make_user(), LineRequest(make_product().pk), wishes=Wishes("SPRING"), expected_total=Decimal("9.00"))
    told = json.loads(json.dumps(refusal.value.extra))
    assert told["total"] == told["quote"]["total"] == "14.00"
    assert [way["price"] for way in told["quote"]["shipping_methods"]] == ["5.00"]
    assert nothing_was_placed()


@pytest.mark.parametrize(
    ("wishes", "refusal"),
    [
        ({"shipping_method": "rocket"}, InvalidError),
        ({"coupon": "WINTER"}, CouponInvalidError),
        ({"coupon": "SPRING"}, CouponMinTotalError),
    ],
)
def test_a_wish_that_cannot_be_met_places_nothing(wishes: dict[str, Any], refusal: type[Exception]) -> None:
    make_coupon(min_total=Decimal(11))
    with pytest.raises(refusal):
        buy(**wishes)
    assert nothing_was_placed()


def test_a_use_is_not_lost_on_what_is_sold_out() -> None:
    make_coupon(max_uses=1)
    with pytest.raises(OutOfStockError):
        buy(make_product(stock=0), coupon="SPRING")
    assert nothing_was_placed()
    assert buy(coupon="SPRING").discount_total == Decimal("1.00")


@pytest.mark.parametrize("end", [OrderStatus.CANCELLED, OrderStatus.RETURNED])
def test_a_use_that_was_paid_for_stays_used_whatever_becomes_of_the_order(end: OrderStatus) -> None:
    make_coupon(max_uses=1)
    order = buy(coupon="SPRING")
    for status in (OrderStatus.PROCESSING, *([OrderStatus.SHIPPED] if end is OrderStatus.RETURNED else []), end):
        order = move(order, status)
    with pytest.raises(CouponInvalidError):
        buy(coupon="SPRING")
    assert (uses(), order.status) == (1, end)
    assert in_order()


def test_a_use_is_given_back_with_the_hold() -> None:
    make_coupon(max_uses=1)
    for end in (OrderStatus.CANCELLED, OrderStatus.CANCELLED):
        order = buy(coupon="SPRING")
        with pytest.raises(CouponInvalidError):
            buy(coupon="SPRING")
        move(order, end)
        assert uses() == 0
    assert in_order()


def test_a_use_is_given_back_when_the_hold_expires(settings: Settings) -> None:
    make_coupon(max_uses=1)
    order = buy(coupon="SPRING")
    Order.objects.filter(pk=order.pk).update(hold_expires_at=clock.now() - timedelta(seconds=1))
    assert expiry.cancel_expired_orders() == 1
    assert uses() == 0
    assert in_order()


def test_what_was_called_off_and_is_paid_late_uses_its_coupon_again() -> None:
    coupon = make_coupon(max_uses=1)
    order = buy(coupon="SPRING")
    move(order, OrderStatus.CANCELLED)
    update_coupon(coupon=coupon, changes={"ends_at": coupon.starts_at + timedelta(microseconds=1)})
    move(order, OrderStatus.PROCESSING, role=Role.SYSTEM)
    assert uses() == 1
    assert in_order()


def test_what_is_paid_late_does_not_go_ahead_once_others_have_used_the_coupon_up() -> None:
    make_coupon(max_uses=1)
    product = make_product(stock=1)
    order = buy(product, coupon="SPRING")
    move(order, OrderStatus.CANCELLED)
    buy(coupon="SPRING")
    with pytest.raises(CouponInvalidError):
        move(order, OrderStatus.PROCESSING, role=Role.SYSTEM)
    assert Order.objects.get(pk=order.pk).status == OrderStatus.CANCELLED
    assert StockItem.objects.get(pk=product.stock_id).held == 0
    assert in_order()


def test_to_use_again_what_was_not_given_back_does_nothing() -> None:
    make_coupon(max_uses=1)
    order = buy(coupon="SPRING")
    coupons.retake(reference=str(order.pk))
    coupons.retake(reference="nobody's")
    assert uses() == 1


def test_one_customer_uses_a_coupon_as_often_as_they_may() -> None:
    make_coupon(max_uses_per_customer=1)
    user = make_user()
    buy(user=user, coupon="SPRING")
    with pytest.raises(CouponInvalidError):
        buy(user=user, coupon="SPRING")
    buy(coupon="SPRING")
    assert uses() == 2


def test_a_guest_is_known_by_their_address() -> None:
    user = make_user()
    assert coupon_use.customer_of(Order(user=user)) == user.actor
    assert coupon_use.customer_of(Order(email=" Ada@Example.com")) == "email:ada@example.com"


def test_guesses_with_orders_are_counted_by_address_too(settings: Settings) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "coupons_address": "1/1h"}
    make_coupon()
    with pytest.raises(CouponInvalidError):
        buy(coupon="GUESS", caller_address="192.0.2.17")
    with pytest.raises(RateLimitedError):
        buy(coupon="SPRING", caller_address="192.0.2.17")
    assert nothing_was_placed()


def test_a_dozen_lines_cost_as_many_queries_as_one() -> None:
    make_rate(make_class(), "20")
    make_method("post", None, (0, "3.90"))
    make_coupon(max_uses=9)
    user, products = make_user(), [make_product() for _ in range(12)]

    def queries(count: int) -> int:
        with CaptureQueriesContext(connection) as captured:
            place(user, *(LineRequest(product.pk) for product in products[:count]), wishes=Wishes("SPRING"))
        return len(captured)

    assert queries(1) == queries(3) == queries(12)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("limit", [1, 10])
def test_a_hundred_orders_at_once_use_a_coupon_as_often_as_it_may_be(limit: int) -> None:
    make_coupon(max_uses=limit)
    user, product = make_user(), make_product(stock=1000)

    def try_once(_number: int) -> str:
        try:
            buy(product, user=user, coupon="SPRING")
        except CouponInvalidError as error:
            return error.code
        finally:
            connection.close()
        return "placed"

    with ThreadPoolExecutor(20) as pool:
        outcomes = Counter(pool.map(try_once, range(100)))
    assert outcomes == {"placed": limit, "coupon_invalid": 100 - limit}
    assert (uses(), StockItem.objects.get(pk=product.stock_id).held) == (limit, limit)
    assert in_order()


@pytest.mark.django_db(transaction=True)
def test_without_its_lock_a_coupon_is_used_too_often(monkeypatch: pytest.MonkeyPatch) -> None:
    usable = coupons._usable

    def look_and_wait(code: str, customer: str, at: Any, *, lock: bool = False) -> Coupon:
        found = usable(code, customer, at)
        time.sleep(0.2)
        return found

    monkeypatch.setattr(coupons, "_usable", look_and_wait)
    make_coupon(max_uses=1)
    user, product = make_user(), make_product()
    at_once(*[lambda: buy(product, user=user, coupon="SPRING")] * 3)
    assert uses() > 1
