"""What an order in parts would cost is known beforehand: in all, and order by order."""

from collections.abc import Iterator
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from accounts.models import User
from accounts.tests.factories import make_user
from catalog.errors import CouponMinTotalError
from catalog.models import CouponRedemption
from catalog.pricing import BreakTerms
from catalog.services import price_breaks
from catalog.services.coupons import NewCoupon, create_coupon
from catalog.tests.factories import make_package, make_product
from fantasize.tests.client import ApiClient
from orders.enums import PaymentMethod
from orders.errors import PriceChangedError
from orders.models import Order
from orders.pricing import quote as price
from orders.pricing import together
from orders.services import checkout, customers, quote_documents, quoting
from orders.services.baskets import LineRequest
from orders.services.quoting import Estimate, Wishes
from orders.tests.buyers import Buyer, make_special, standing, wish
from orders.tests.factories import ADDRESS
from orders.tests.random_carts import cart_terms, items_of, random_cart
from orders.tests.terms import make_class, make_method, make_rate

pytestmark = pytest.mark.django_db

BASKETS, CARTS = 20, 200
ASKED = {"special": "A dragon on the handle"}
SUMS = ("items", "discounts", "shipping", "tax", "tax_included", "total")


def quote(body: dict[str, Any], buyer: Buyer | None = None) -> Any:
    reply = (buyer or Buyer()).call("POST", "/orders/quote", {"shipping_address": {"country": "GB"}, **body})
    assert reply.status == 200, reply.body
    return reply.data


def test_the_quote_tells_what_each_order_costs_and_both_together() -> None:
    make_method("post", "4.00")
    make_rate(make_class(), "10")
    create_coupon(new=NewCoupon(code="TENTH", percent=Decimal(10), min_total=Decimal(20)))
    plain, special = make_product(price="5.00", stock=1), make_special(price="20.00", stock=9)
    lines = [wish(special, answers=ASKED), wish(plain, 2), wish(special)]
    body = {"lines": lines, "ship_in_parts": True, "coupon": "TENTH"}
    before = standing()
    told = quote(body)
    first, second = told["quotes"]
    assert ([line["quantity"] for line in first["lines"]], len(second["lines"])) == ([2, 1], 1)
    assert (first["total"], second["total"], told["total"]) == ("34.10", "26.40", "60.50")
    assert (first["coupon"], second["coupon"], told["coupon"]) == ("TENTH", None, "TENTH")
    assert (first["needs_approval"], second["needs_approval"], told["needs_approval"]) == (False, True, True)
    for name in SUMS:
        assert Decimal(told[name]) == sum(Decimal(each[name]) for each in told["quotes"])
    assert told["lines"] == [second["lines"][0], *first["lines"]]
    assert [line["notices"] for line in told["lines"]] == [[], [notice_of_one_left()], []]
    assert told["shipping_methods"] == [{"code": "post", "name": "Post", "price": "8.00", "rule": "every parcel"}]
    assert (told["shipping_method"], told["taxes"][0]["amount"], told["taxes"][0]["shipping_amount"]) == (
        "post",
        "5.50",
        "0.80",
    )
    assert [(step["stage"], step["change"], step["amount"]) for step in told["stages"]] == [
        ("order", "34.10", "34.10"),
        ("order", "26.40", "60.50"),
        ("total", "0.00", "60.50"),
    ]
    assert standing() == before


def notice_of_one_left() -> dict[str, Any]:
    return {"code": "only_n_left", "detail": "There are only 1 of it now.", "available": 1}


def test_what_is_told_is_what_is_paid() -> None:
    make_method("post", "4.00")
    plain, special = make_product(price="5.00", stock=9), make_special(price="20.00", stock=9)
    buyer = Buyer(make_user())
    buyer.put(special, answers=ASKED)
    buyer.put(plain, 2)
    told = quote({"from_cart": True, "ship_in_parts": True}, buyer)
    assert told == quote({"lines": [wish(special, answers=ASKED), wish(plain, 2)], "ship_in_parts": True})
    refused = buyer.order(from_cart=True, ship_in_parts=True, expected_total="30.00")
    assert (refused.body["code"], refused.body["total"], refused.body["quotes"]) == (
        "price_changed",
        told["total"],
        told["quotes"],
    )
    placed = buyer.order(from_cart=True, ship_in_parts=True, expected_total=told["total"])
    assert placed.status == 201
    paid = [f"{order.total:.2f}" for order in Order.objects.order_by("number")]
    assert paid == [each["total"] for each in told["quotes"]]


def test_what_is_not_sent_in_parts_has_one_quote() -> None:
    special, plain = make_special(stock=9), make_product(stock=9)
    mixed = [wish(special, answers=ASKED), wish(plain)]
    assert "quotes" not in quote({"lines": mixed})
    assert "quotes" not in quote({"lines": mixed[1:], "ship_in_parts": True})


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        ({}, {"/lines": "required"}),
        ({"from_cart": False}, {"/lines": "required"}),
        ({"from_cart": True, "lines": []}, {"/from_cart": "exclusive", "/lines": "exclusive"}),
        ({"from_cart": True}, {"/from_cart": "cart_empty"}),
        ({"from_cart": True, "ship_in_parts": "some"}, {"/ship_in_parts": "invalid"}),
    ],
)
def test_it_is_of_lines_or_of_a_cart(body: dict[str, Any], faults: dict[str, str]) -> None:
    reply = ApiClient().post("/orders/quote", body)
    assert (reply.status, {name: reply.faults[name] for name in faults}) == (422, faults)


def make_goods() -> list[tuple[dict[str, Any], bool]]:
    """Things of any kind, some of which anything can be asked about; and the terms that orders go by."""
    standard, reduced = make_class(), make_class("reduced", is_default=False)
    make_rate(standard, "19", is_included=True)
    make_rate(reduced, "7.5")
    make_method("light", None, (0, "3.10"), (900, "5.90"), (3000, None))
    make_method("heavy", "7.77", free_above=Decimal(90), tax_class=reduced)
    create_coupon(new=NewCoupon(code="FIVE", amount=Decimal(5), min_total=Decimal(60)))
    create_coupon(new=NewCoupon(code="THIRD", percent=Decimal("33.33"), min_total=Decimal(60)))
    prices = ("0.07", "9.99", "12.50", "41.30")
    plain = [make_product(price=price, stock=999, weight_grams=350, tax_class=reduced) for price in prices]
    special = [make_special(price=price, stock=999, weight_grams=600) for price in prices]
    for product in (plain[1], special[2]):
        price_breaks.add_break(target=product, terms=BreakTerms(3, Decimal(10), None))
    box = make_package((plain[0], 2), (plain[2], 1))
    return [({"product_id": each.pk}, False) for each in plain] + [
        ({"package_id": box.pk}, False),
        *(({"product_id": each.pk}, True) for each in special),
    ]


def random_baskets(goods: list[tuple[dict[str, Any], bool]]) -> Iterator[tuple[list[LineRequest], Wishes]]:
    dice = Random(11)  # noqa: S311 - the same each time
    for _ in range(BASKETS):
        lines = [
            LineRequest(quantity=dice.randint(1, 4), answers=ASKED if may and dice.random() < 0.7 else {}, **thing)
            for thing, may in dice.choices(goods, k=dice.randint(2, 6))
        ]
        coupon, method = dice.choice(("", "FIVE", "THIRD")), dice.choice((None, "heavy"))
        yield lines, Wishes(coupon, method, ship_in_parts=dice.random() < 0.9)


def estimate(user: User, lines: list[LineRequest], wishes: Wishes) -> Estimate:
    return quoting.estimate(lines, principal=user.actor, customer=user.actor, address=ADDRESS, wishes=wishes)


def test_baskets_of_any_kind_cost_what_was_told() -> None:
    """Placing tells what it comes to when something else is expected; in full, order by order."""
    user, told, refused = make_user(), 0, 0
    for lines, wishes in random_baskets(make_goods()):
        try:
            found = estimate(user, lines, wishes)
        except CouponMinTotalError:
            with pytest.raises(CouponMinTotalError):
                place(user, lines, wishes, Decimal(-1))
            refused += 1
            continue
        with pytest.raises(PriceChangedError) as refusal:
            place(user, lines, wishes, Decimal(-1))
        document = quote_documents.describe_estimate(found)
        assert refusal.value.extra["total"] == document["total"]
        assert refusal.value.extra.get("quotes", []) == document.get("quotes", [])
        told += bool(found.parts)
    assert not Order.objects.exists()
    assert not CouponRedemption.objects.exists()
    assert told > BASKETS / 3
    assert refused > 0


def place(user: User, lines: list[LineRequest], wishes: Wishes, expected_total: Decimal) -> Order:
    return checkout.place_order(
        customer=customers.of(user),
        lines=lines,
        payment_method=PaymentMethod.HOSTED,
        shipping_address=ADDRESS,
        expected_total=expected_total,
        wishes=wishes,
    )


def test_what_orders_cost_together_comes_to_its_own_parts() -> None:
    """Of carts of any kind and currency: every sum is that of the orders, and of the lines."""
    dice = Random(7)  # noqa: S311 - the same each time
    for _ in range(CARTS):
        cart = random_cart(dice)
        terms, items = cart_terms(cart), items_of(cart)
        places = [list(range(0, len(items), 2)), list(range(1, len(items), 2))][: len(items)]
        quotes = [price([items[at] for at in each], currency=cart["currency"], terms=terms) for each in places]
        whole = together(quotes, places)
        assert whole.total == whole.items - whole.discounts + whole.shipping + whole.tax == whole.steps[-1].amount
        assert whole.total == sum(each.total for each in quotes)
        assert [line.quantity for line in whole.lines] == [item.quantity for item in items]
        assert sum(line.tax + line.tax_included for line in whole.lines) == sum(
            sum(tax.shares[:-1]) for tax in whole.taxes
        )
        assert all(sum(tax.shares) == tax.amount and len(tax.bases) == len(items) + 1 for tax in whole.taxes)
        assert whole.method is None or whole.method.price == whole.shipping
