"""Orders for somebody else: what the shopper says of them, and what nobody can say."""

from decimal import Decimal
from typing import Any

import pytest

from accounts.tests.factories import make_address, make_user
from catalog.services.coupons import NewCoupon, create_coupon
from catalog.tests.factories import make_product
from customizations.tests.factories import PHOTO, make_template, make_upload
from fantasize.core.money import quantize
from orders.models import Order
from orders.services import privacy
from orders.tests.buyers import Buyer, standing, wish
from orders.tests.factories import ADDRESS

pytestmark = pytest.mark.django_db


def test_a_gift_says_what_the_card_says_and_who_gets_it() -> None:
    buyer, recipient = Buyer(make_user()), {"name": "Grace Hopper", "email": "Grace@Example.com"}
    message = "For Zoe\u0308,\r\nwith love \U0001f381"
    told = buyer.buy(make_product(), is_gift=True, gift_message=message, recipient=recipient, is_anonymous=True).data
    assert (told["is_gift"], told["gift_message"], told["is_anonymous"]) == (
        True,
        "For Zo\u00eb,\nwith love \U0001f381",
        True,
    )
    assert told["recipient"] == {"name": "Grace Hopper", "email": "grace@example.com"}
    assert buyer.client.get(f"/orders/{told['id']}").data["recipient"] == told["recipient"]


def test_an_order_for_oneself_has_no_recipient() -> None:
    told = Buyer(make_user()).buy(make_product()).data
    assert (told["is_gift"], told["gift_message"], told["is_anonymous"]) == (False, "", False)
    assert (told["recipient"], told["group"], told["siblings"]) == (None, None, [])


def test_somebody_else_may_get_what_is_no_gift_and_need_not_have_an_address() -> None:
    told = Buyer().buy(make_product(), recipient={"name": "Grace Hopper"}).data
    assert (told["recipient"], told["is_gift"]) == ({"name": "Grace Hopper", "email": ""}, False)


def test_who_got_it_is_forgotten_with_who_gave_it() -> None:
    user = make_user()
    buyer = Buyer(user)
    placed = buyer.buy(make_product(), is_gift=True, gift_message="Hi", recipient={"name": "Grace", "email": "g@x.org"})
    buyer.call("POST", f"/orders/{placed.data['id']}/cancel", {})
    privacy.forget(user.pk)
    order = Order.objects.get()
    assert (order.gift_message, order.recipient_name, order.recipient_email) == ("", "", "")


_NOBODY = "00000000-0000-4000-8000-000000000000"
_GIFTS: list[tuple[dict[str, Any], dict[str, str]]] = [
    ({"gift_message": "Hi"}, {"/gift_message": "not_a_gift"}),
    ({"is_gift": False, "gift_message": "Hi"}, {"/gift_message": "not_a_gift"}),
    ({"is_gift": "yes"}, {"/is_gift": "invalid"}),
    ({"is_gift": 1}, {"/is_gift": "invalid"}),
    ({"is_gift": None}, {"/is_gift": "null"}),
    ({"is_gift": True, "gift_message": "x" * 1001}, {"/gift_message": "max_length"}),
    ({"is_gift": True, "gift_message": 7}, {"/gift_message": "invalid"}),
    ({"is_gift": True, "gift_message": "a\x00b"}, {"/gift_message": "invalid_character"}),
    ({"is_gift": True, "gift_message": "\ud800"}, {"/gift_message": "invalid_character"}),
    ({"is_gift": True, "gift_message": "a\x07b"}, {"/gift_message": "forbidden_character"}),
    ({"is_gift": True, "gift_message": "a\u202eb"}, {"/gift_message": "forbidden_character"}),
    ({"recipient": "Grace"}, {"/recipient": "invalid"}),
    ({"recipient": {}}, {"/recipient/name": "required"}),
    ({"recipient": {"name": " "}}, {"/recipient/name": "blank"}),
    ({"recipient": {"name": "\u200b"}}, {"/recipient/name": "blank"}),
    ({"recipient": {"name": "Grace\nHopper"}}, {"/recipient/name": "control_characters"}),
    ({"recipient": {"name": "x" * 151}}, {"/recipient/name": "max_length"}),
    ({"recipient": {"name": "Grace", "email": "grace"}}, {"/recipient/email": "invalid"}),
    ({"recipient": {"name": "Grace", "price": 1}}, {"/recipient/price": "unknown_field"}),
    ({"is_anonymous": "no"}, {"/is_anonymous": "invalid"}),
    ({"ship_in_parts": "no"}, {"/ship_in_parts": "invalid"}),
    ({"expected_total": "-1.00"}, {"/expected_total": "min_value"}),
    ({"expected_total": "1.001"}, {"/expected_total": "max_decimal_places"}),
    ({"expected_total": "1e9"}, {"/expected_total": "invalid"}),
    ({"shipping_method": "no-such"}, {"/shipping_method": "not_available"}),
    ({"payment_method": "stripe"}, {"/payment_method": "invalid_choice"}),
    ({"recipient_name": "Grace"}, {"/recipient_name": "unknown_field"}),
    *(({name: 1}, {f"/{name}": "unknown_field"}) for name in ("total", "status", "user", "group", "source", "number")),
]
_QUANTITIES = [
    (-1, "min_value"),
    (0, "min_value"),
    (1.5, "invalid"),
    (1001, "max_value"),
    (10**30, "max_value"),
    ("1", "invalid"),
    (True, "invalid"),
    (None, "null"),
]


def test_nothing_comes_of_what_is_wrong() -> None:
    product, buyers = make_product(stock=2000), [Buyer(make_user()), Buyer()]
    cases = [({"lines": [wish(product)], **body}, faults) for body, faults in _GIFTS]
    cases += [({"lines": [wish(product, pieces)]}, {"/lines/0/quantity": code}) for pieces, code in _QUANTITIES]
    before = standing()
    for body, faults in cases:
        for buyer in buyers:
            reply = buyer.order(**body)
            assert (body, reply.status, reply.faults) == (body, 422, faults)
            assert standing() == before


def test_nothing_comes_of_what_is_others() -> None:
    """Carts, addresses, pictures and coupons: what is another's looks like what is not there."""
    other, buyer, mug = make_user(), Buyer(make_user()), make_product(stock=9)
    make_template(
        schema={"options": [{k: v for k, v in PHOTO.items() if k != "when"}], "canvas": None}, products=[mug.pk]
    )
    address, picture = make_address(other, is_default_shipping=True), make_upload(owner=other.actor)
    create_coupon(new=NewCoupon(code="ONCE", percent=Decimal(10), max_uses=1))
    Buyer(other).put(mug)
    assert Buyer(other).buy(make_product(), coupon="ONCE").status == 201
    before = standing()
    cases: list[tuple[dict[str, Any], int, str]] = [
        ({"from_cart": True}, 422, "/from_cart"),
        ({"lines": [wish(mug)], "shipping_address": ...}, 422, "/shipping_address"),
        ({"lines": [wish(mug)], "shipping_address": str(address.pk)}, 422, "/shipping_address"),
        ({"lines": [wish(mug)], "shipping_address": {**ADDRESS, "id": address.pk}}, 422, "/shipping_address/id"),
        ({"lines": [wish(mug, answers={"photo": str(picture.pk)})]}, 422, "/lines/0/answers/photo"),
        ({"lines": [wish(mug, answers={"photo": _NOBODY})]}, 422, "/lines/0/answers/photo"),
        ({"lines": [wish(mug)], "coupon": "ONCE"}, 409, "coupon_invalid"),
        ({"lines": [wish(mug)], "coupon": "NEVER"}, 409, "coupon_invalid"),
    ]
    for body, status, where in cases:
        reply = buyer.order(**body)
        assert (body, reply.status) == (body, status)
        assert where in (*reply.faults, reply.body["code"]) if reply.body.get("errors") else where == reply.body["code"]
        assert standing() == before


def test_a_total_that_was_not_shown_changes_nothing() -> None:
    buyer, product = Buyer(), make_product(price="10.00")
    before = standing()
    for shown in ("9.99", "10.01", "0.00", "99999999999.99"):
        reply = buyer.buy(product, expected_total=shown)
        assert (reply.status, reply.body["code"], reply.body["total"]) == (409, "price_changed", "10.00")
        assert reply.body["quote"]["total"] == str(quantize(Decimal(10), "USD"))
        assert standing() == before
