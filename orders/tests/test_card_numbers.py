"""Nobody gets the number of a payment card into the shop, at whatever door; staff at the phone neither."""

from typing import Any

import pytest

from accounts.tests.factories import make_user
from catalog.tests.factories import make_product
from fantasize.core import card_numbers
from fantasize.tests.client import ApiClient, Reply
from fantasize.tests.staff import said, signed_in
from orders.enums import OrderStatus
from orders.models import CartLine, Order
from orders.tests.customized import make_customizable, make_customizable_package
from orders.tests.factories import ADDRESS, make_order, move

pytestmark = pytest.mark.django_db

CARD = "4111 1111 1111 1111"


def ask(client: ApiClient, **more: Any) -> Reply:
    body = {"payment_method": "cash_on_delivery", "shipping_address": ADDRESS, **more}
    return client.post("/orders", body, Idempotency_Key="one")


def test_no_field_of_an_order_takes_one() -> None:
    line = {"product": make_product().pk, "quantity": 1}
    reply = ask(
        ApiClient(make_user()),
        lines=[line],
        is_gift=True,
        gift_message=f"Charge {CARD} 12/27 123",
        recipient={"name": CARD},
        shipping_address={**ADDRESS, "line2": CARD},
    )
    places = ("/gift_message", "/recipient/name", "/shipping_address/line2")
    assert (reply.status, reply.faults) == (422, dict.fromkeys(places, "card_number"))
    assert CARD not in reply.content.decode()
    assert not Order.objects.exists()


def test_no_answer_is_one() -> None:
    mug = make_customizable(price="8.00")
    package = make_customizable_package((mug, 2), own_price=15)
    lines = [
        {"product": mug.pk, "quantity": 1, "answers": {"colour": "gold", "name": CARD}},
        {"package": package.pk, "quantity": 1, "answers": {"card": CARD}, "parts": {str(mug.pk): {"name": CARD}}},
    ]
    client = ApiClient(make_user())
    places = ("/lines/0/answers/name", "/lines/1/answers/card", f"/lines/1/parts/{mug.pk}/name")
    assert ask(client, lines=lines).faults == dict.fromkeys(places, "card_number")
    added = client.post("/cart/items", lines[0])
    assert (added.status, added.faults) == (422, {"/answers/name": "card_number"})
    assert not CartLine.objects.exists()


def test_what_is_no_text_of_people_may_look_like_one() -> None:
    """A carrier's number is the carrier's, and what somebody has for a password nobody is to know."""
    parcel = move(make_order(), OrderStatus.PROCESSED)
    body = {"status": "shipped", "carrier": "Evri", "tracking_number": CARD.replace(" ", "")}
    staff = ApiClient(make_user(role="manager"))
    moved = staff.call("PUT", f"/orders/{parcel.pk}/status", body, If_Match=f'"{parcel.version}"')
    assert moved.status == 200, moved.body
    assert Order.objects.get(pk=parcel.pk).tracking_number == CARD.replace(" ", "")
    answer = ApiClient().post("/auth/login", {"email": "ada@example.com", "password": CARD})
    assert answer.body["code"] == "invalid_credentials"


def test_staff_are_told_in_the_admin() -> None:
    order, client = make_order(), signed_in()
    form = {"status": "processing", "version": order.version, "note": f"Paid with {CARD}"}
    assert said(client.post(f"/admin/orders/order/{order.pk}/move/", form)) == [f"Note: {card_numbers.MESSAGE}"]
    assert Order.objects.get(pk=order.pk).status == OrderStatus.PENDING
    refund = {"version": 1, "kind": "refund", "reason": CARD, "amount": "1.00"}
    shown = client.post(f"/admin/orders/order/{move(order, OrderStatus.PROCESSING).pk}/refund/", refund, follow=True)
    assert card_numbers.MESSAGE in shown.content.decode()
