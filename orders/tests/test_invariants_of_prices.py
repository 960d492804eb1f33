"""Every invariant of an order's price as a whole notices when it is broken."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from accounts.tests.factories import make_user
from catalog.services.coupons import NewCoupon, create_coupon
from catalog.tests.factories import make_product
from fantasize.core.tests.planting import plant
from fantasize.tests.standing import Standing
from orders.enums import OrderStatus
from orders.models import Order
from orders.services.baskets import LineRequest
from orders.services.quoting import Wishes
from orders.tests.customized import place
from orders.tests.factories import move
from orders.tests.terms import make_class, make_method, make_rate
from orders.tests.test_invariants import broken

pytestmark = pytest.mark.django_db

STAGES, SHARES = "orders.total_follows_its_stages", "orders.shares_come_to_totals"
TAXES, USES = "orders.taxes_follow_rates", "orders.coupons_are_used_once"
SUMS, LINES = "orders.total_is_sum_of_lines", "orders.lines_follow_their_price"


def build_order() -> Order:
    """20.00 of one class, 10.00 of another, 3.00 off, sent for 5.00, taxed in both ways; a cancelled one beside it."""
    books = make_class("books", is_default=False)
    make_rate(make_class(), "20")
    make_rate(books, "7", is_included=True)
    make_method("post", "5.00")
    create_coupon(new=NewCoupon(code="SPRING", percent=Decimal(10)))
    lines = [LineRequest(make_product().pk, 2), LineRequest(make_product(tax_class=books).pk)]
    move(place(make_user(), *lines, wishes=Wishes("SPRING")), OrderStatus.CANCELLED)
    placed = place(make_user(), *lines, wishes=Wishes("SPRING"))
    assert not broken()
    return placed


@pytest.fixture(scope="module")
def built(standing: Standing) -> Callable[[], Order]:
    return standing(build_order)


@pytest.fixture
def order(built: Callable[[], Order]) -> Order:
    return built()


def test_what_comes_to_the_order_is_of_several_kinds(order: Order) -> None:
    assert (order.discount_total, order.shipping_total) == (Decimal("3.00"), Decimal("5.00"))
    assert (order.tax_total, order.tax_included_total, order.total) == (
        Decimal("4.60"),
        Decimal("0.59"),
        Decimal("36.60"),
    )


_TAX = "jsonb_set(taxes, '{{{place},{name}}}', '\"{value}\"')"


def _in_tax(name: str, value: str, place: int = 0) -> str:
    return f"UPDATE orders_order SET taxes = {_TAX.format(place=place, name=name, value=value)} WHERE id = %s"  # noqa: S608 - the test's own words


@pytest.mark.parametrize(
    ("table", "statement", "names"),
    [
        (
            "orders_order",
            "UPDATE orders_order SET discount_total = 2, total = 37.60 WHERE id = %s",
            {STAGES, SHARES, USES},
        ),
        ("orders_order", "UPDATE orders_order SET tax_total = 5.60, total = 37.60 WHERE id = %s", {STAGES, SHARES}),
        ("orders_order", "UPDATE orders_order SET tax_included_total = 0.60 WHERE id = %s", {SHARES}),
        ("orders_order", "UPDATE orders_order SET stages = stages - 1 WHERE id = %s", {STAGES}),
        ("orders_order", "UPDATE orders_order SET stages = stages - 2 WHERE id = %s", {STAGES}),
        ("orders_order", "UPDATE orders_order SET coupon = '' WHERE id = %s", {USES}),
        ("orders_order", _in_tax("amount", "4.61"), {TAXES}),
        ("orders_order", _in_tax("amount", "0.58", 1), {TAXES}),
        ("orders_order", _in_tax("percent", "21"), {TAXES}),
        ("orders_order", _in_tax("base", "23.01"), {TAXES}),
        ("orders_order", _in_tax("shipping_base", "4.00"), {TAXES}),
        ("orders_order", _in_tax("shipping_amount", "0.99"), {SHARES}),
        ("orders_orderline", "UPDATE orders_orderline SET discount = 0 WHERE order_id = %s", {SHARES, TAXES}),
        ("orders_orderline", "UPDATE orders_orderline SET tax = 0 WHERE order_id = %s", {SHARES}),
        ("orders_orderline", "UPDATE orders_orderline SET tax_class = 'books' WHERE order_id = %s", {TAXES}),
        (
            "catalog_couponredemption",
            "UPDATE catalog_couponredemption SET released_at = now() WHERE reference = %s",
            {USES},
        ),
        ("catalog_couponredemption", "UPDATE catalog_couponredemption SET amount = 2 WHERE reference = %s", {USES}),
        ("catalog_couponredemption", "DELETE FROM catalog_couponredemption WHERE reference = %s", {USES}),
    ],
)
def test_a_planted_fault_is_noticed(order: Order, table: str, statement: str, names: set[str]) -> None:
    plant(table, statement, [str(order.pk)])
    found: dict[str, Any] = broken()
    assert set(found) == names
