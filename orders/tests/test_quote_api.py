"""``POST /orders/quote``, and what ``POST /orders`` takes that prices go by."""

import uuid
from decimal import Decimal
from typing import Any

import pytest
from pytest_django import Settings

from accounts.tests.factories import make_address, make_user
from catalog.models import CouponRedemption, StockItem
from catalog.services.coupons import NewCoupon, create_coupon
from catalog.tests.factories import make_product
from customizations.tests.factories import make_upload
from fantasize.core import guests
from fantasize.core.models import IdempotencyRecord
from fantasize.tests.client import ApiClient, Reply
from orders.models import Order
from orders.tests.customized import PHOTO, make_customizable, make_picture
from orders.tests.factories import ADDRESS
from orders.tests.terms import make_class, make_method, make_rate

pytestmark = pytest.mark.django_db


def asked(*products: int, quantity: Any = 1, **more: Any) -> dict[str, Any]:
    return {"lines": [{"product": product, "quantity": quantity} for product in products], **more}


def quote(body: dict[str, Any], client: ApiClient | None = None, **headers: Any) -> Reply:
    return (client or ApiClient()).post("/orders/quote", body, **headers)


def place(body: dict[str, Any], client: ApiClient | None = None, **headers: Any) -> Reply:
    sent = {"payment_method": "cash_on_delivery", "shipping_address": ADDRESS, **body}
    return (client or ApiClient(make_user())).post("/orders", sent, Idempotency_Key=str(uuid.uuid4()), **headers)


def nothing_happened() -> bool:
    return not (
        Order.objects.exists()
        or CouponRedemption.objects.exists()
        or StockItem.objects.filter(held__gt=0).exists()
        or IdempotencyRecord.objects.exists()
    )


def test_anybody_is_told_the_whole_derivation() -> None:
    product = make_product(name="Oak lantern", price="12.50", stock=1)
    make_method("post", "5.00")
    make_method("courier", "9.00", countries=["GB"])
    make_rate(make_class(), "20", is_included=True)
    create_coupon(new=NewCoupon(code="SPRING", percent=Decimal(10)))
    body = asked(product.pk, quantity=2, coupon="spring", shipping_address={"country": "gb"})
    reply = quote(body, Idempotency_Key="kept nowhere")
    assert reply.status == 200
    told = reply.data
    [line] = told.pop("lines")
    assert told == {
        "items": "25.00",
        "coupon": "SPRING",
        "discounts": "2.50",
        "shipping_method": "post",
        "shipping": "5.00",
        "shipping_methods": [
            {"code": "post", "name": "Post", "price": "5.00", "rule": "every parcel"},
            {"code": "courier", "name": "Courier", "price": "9.00", "rule": "every parcel"},
        ],
        "tax": "0.00",
        "tax_included": "4.58",
        "taxes": [
            {
                "name": "VAT",
                "tax_class": "standard",
                "percent": "20",
                "is_included": True,
                "base": "27.50",
                "amount": "4.58",
                "shipping_base": "5.00",
                "shipping_amount": "0.83",
            }
        ],
        "total": "27.50",
        "currency": "USD",
        "stages": [
            {"stage": "items", "rule": "all lines", "change": "25.00", "amount": "25.00"},
            {"stage": "coupon", "rule": "SPRING: 10 % off", "change": "-2.50", "amount": "22.50"},
            {"stage": "shipping", "rule": "Post: every parcel", "change": "5.00", "amount": "27.50"},
            {
                "stage": "tax",
                "rule": "VAT: 20 % of 27.50 USD, 4.58 USD included",
                "change": "0.00",
                "amount": "27.50",
            },
            {"stage": "total", "rule": "what there is to pay", "change": "0.00", "amount": "27.50"},
        ],
        "needs_approval": False,
    }
    assert {name: line[name] for name in ("product", "package", "name", "quantity", "unit_price", "line_total")} == {
        "product": product.pk,
        "package": None,
        "name": "Oak lantern",
        "quantity": 2,
        "unit_price": "12.50",
        "line_total": "25.00",
    }
    assert (line["discount"], line["tax"], line["tax_included"]) == ("2.50", "0.00", "3.75")
    assert line["notices"] == [{"code": "only_n_left", "detail": "There are only 1 of it now.", "available": 1}]
    assert nothing_happened()


def test_answers_cost_what_they_cost_in_an_order() -> None:
    product = make_customizable(stock=5)
    line = {"product": product.pk, "quantity": 2, "answers": {"colour": "gold", "name": "Ada"}}
    told = quote({"lines": [line]}).data
    placed = place({"lines": [line], "expected_total": told["total"]})
    assert placed.status == 201
    [quoted], [ordered] = told["lines"], placed.data["lines"]
    for name in ("stages", "surcharges", "unit_price", "once", "line_total", "discount", "tax"):
        assert quoted[name] == ordered[name]


def test_a_guests_own_pictures_count_and_nobody_elses() -> None:
    token = guests.new_token()
    upload = make_upload(guests.principal_of(token))
    product = make_customizable(PHOTO)
    line = {"product": product.pk, "quantity": 1, "answers": {"colour": "red", "name": "Ada", "photo": str(upload.pk)}}
    assert quote({"lines": [line]}, X_Cart_Token=token).status == 200
    nobody: dict[str, Any] = {}
    for headers in (nobody, {"X_Cart_Token": guests.new_token()}):
        reply = quote({"lines": [line]}, **headers)
        assert (reply.status, set(reply.faults)) == (422, {"/lines/0/answers/photo"})
    assert quote({"lines": [line]}, X_Cart_Token="mine").status == 400


@pytest.mark.parametrize("ask", [quote, place])
def test_who_has_signed_in_still_has_the_pictures_that_they_sent_as_a_guest(ask: Any) -> None:
    token, user = guests.new_token(), make_user()
    photo = str(make_picture(guests.principal_of(token)).pk)
    product = make_customizable(PHOTO, stock=3)
    line = {"product": product.pk, "quantity": 1, "answers": {"colour": "red", "name": "Ada", "photo": photo}}
    assert set(ask({"lines": [line]}, ApiClient(user)).faults) == {"/lines/0/answers/photo"}
    assert ask({"lines": [line]}, ApiClient(user), X_Cart_Token=token).status in {200, 201}
    assert quote({"lines": [line]}, X_Cart_Token=token).status == 422


def test_a_program_that_asks_for_a_guest_takes_nothing_from_them(settings: Settings) -> None:
    settings.API_KEYS = ["shop:a-key-of-the-tests:orders+catalog"]
    key: dict[str, Any] = {"X_API_Key": "a-key-of-the-tests"}
    product = make_product()
    token = ApiClient().post("/cart/items", {"product": product.pk, "quantity": 2}).data["token"]
    assert quote({"from_cart": True}, **key, X_Cart_Token=token).status == 403
    assert quote(asked(product.pk), **key, X_Cart_Token=token).status == 200
    assert quote({"from_cart": True}, X_Cart_Token=token).data["lines"][0]["quantity"] == 2


def test_an_account_is_asked_for_its_address_only_if_it_has_none() -> None:
    make_rate(make_class(), "20")
    user, product = make_user(), make_product()
    client = ApiClient(user)
    assert quote(asked(product.pk), client).data["tax"] == "0.00"
    make_address(user, is_default_shipping=True)
    assert quote(asked(product.pk), client).data["tax"] == "2.00"
    assert quote(asked(product.pk, shipping_address={"country": "FR"}), client).data["tax"] == "0.00"


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        ({"lines": []}, "/lines"),
        ({"lines": [{"product": 999_999_999, "quantity": 1}]}, "/lines/0/product"),
        ({"total": "1.00"}, "/total"),
        ({"tax": "0.00"}, "/tax"),
        ({"coupon": ""}, "/coupon"),
        ({"coupon": 7}, "/coupon"),
        ({"coupon": "\x00"}, "/coupon"),
        ({"shipping_method": "rocket"}, "/shipping_method"),
        ({"shipping_method": None}, "/shipping_method"),
        ({"shipping_address": {}}, "/shipping_address/country"),
        ({"shipping_address": {"country": "England"}}, "/shipping_address/country"),
        ({"shipping_address": {"country": "GB", "price": "0"}}, "/shipping_address/price"),
    ],
)
def test_what_is_not_right_is_named(more: dict[str, Any], fault: str) -> None:
    reply = quote({**asked(make_product().pk), **more})
    assert (reply.status, set(reply.faults)) == (422, {fault})


@pytest.mark.parametrize("quantity", [0, -1, 1.5, 10**9, "2", None])
def test_impossible_quantities_are_refused(quantity: Any) -> None:
    assert set(quote(asked(make_product().pk, quantity=quantity)).faults) == {"/lines/0/quantity"}


@pytest.mark.parametrize("more", [{}, {"coupon": "ALL"}])
def test_what_costs_too_much_is_one_answer_everywhere(more: dict[str, Any]) -> None:
    create_coupon(new=NewCoupon(code="ALL", percent=Decimal(100)))
    body = asked(*[make_product(price="99999999.99", stock=3000).pk] * 2, quantity=1000, **more)
    assert {(reply.status, str(reply.faults)) for reply in (quote(body), place(body))} == {
        (422, "{'/lines': 'too_large'}")
    }
    assert nothing_happened()


def test_a_coupon_that_cannot_be_used_is_one_answer_everywhere() -> None:
    create_coupon(new=NewCoupon(code="SPRING", percent=Decimal(10), is_active=False))
    product = make_product()
    replies = [
        call(asked(product.pk, coupon=code)) for call in (quote, place) for code in ("SPRING", "WINTER", "x" * 99)
    ]
    told = [{**reply.body, "request_id": "", "instance": ""} for reply in replies]
    assert [reply.status for reply in replies] == [409] * 6
    assert {body["code"] for body in told} == {"coupon_invalid"}
    assert told[0] == told[1] == told[2]
    assert nothing_happened()


def test_guesses_without_a_name_are_counted_by_address(settings: Settings) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "coupons_address": "2/1h", "coupons": "100/1h"}
    settings.TRUSTED_PROXIES = ["127.0.0.1"]
    product = make_product()
    place_of: dict[str, Any] = {"X_Forwarded_For": "198.51.100.3"}
    for _ in range(2):
        body = asked(product.pk, coupon="GUESS")
        assert quote(body, **place_of, X_Cart_Token=guests.new_token()).body["code"] == "coupon_invalid"
    reply = quote(asked(product.pk, coupon="GUESS"), **place_of, X_Cart_Token=guests.new_token())
    assert reply.status == 429
    assert int(reply.headers["Retry-After"]) > 0
    assert quote(asked(product.pk, coupon="GUESS"), X_Forwarded_For="198.51.100.4").status == 409


def test_an_order_is_placed_as_it_was_quoted() -> None:
    make_method("post", "5.00")
    make_method("courier", "9.00")
    make_rate(make_class(), "20")
    create_coupon(new=NewCoupon(code="SPRING", amount=Decimal(3), max_uses=1))
    body = asked(make_product().pk, coupon="SPRING", shipping_method="courier")
    told = quote({**body, "shipping_address": {"country": "GB"}}).data
    reply = place({**body, "expected_total": told["total"]})
    assert reply.status == 201
    order = reply.data
    assert order["totals"] == {
        "items": "10.00",
        "discounts": "3.00",
        "shipping": "9.00",
        "tax": "3.20",
        "total": "19.20",
    }
    for name in ("coupon", "shipping_method", "tax_included", "taxes", "stages"):
        assert order[name] == told[name]
    assert (order["coupon"], order["shipping_method"]) == ("SPRING", "courier")


def test_an_order_without_coupon_and_shipping_says_so() -> None:
    order = place(asked(make_product().pk)).data
    assert (order["coupon"], order["shipping_method"], order["taxes"]) == (None, None, [])


def test_a_changed_price_is_told_with_the_new_quote() -> None:
    make_method("post", "5.00")
    reply = place(asked(make_product().pk, expected_total="10.00"))
    assert (reply.status, reply.body["code"], reply.body["total"]) == (409, "price_changed", "15.00")
    assert reply.body["quote"]["shipping"] == "5.00"
    assert nothing_happened()


def test_a_method_that_does_not_go_there_is_refused() -> None:
    make_method("post", "5.00", countries=["DE"])
    reply = place(asked(make_product().pk, shipping_method="post"))
    assert (reply.status, reply.faults) == (422, {"/shipping_method": "not_available"})
    assert nothing_happened()
