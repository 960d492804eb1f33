"""Paying over HTTP: pages are opened, repeated and refused as they should be; nothing of a card is ever taken."""

import uuid
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from accounts.tests.factories import make_user
from catalog.tests.factories import make_product
from fantasize.core import clock, invariants
from fantasize.tests.client import ApiClient, Reply
from orders.enums import OrderStatus, Role
from orders.errors import HoldExhaustedError
from orders.models import Hold, Order, Payment, PaymentSession, SandboxSession
from orders.tests.factories import make_order, move
from orders.tests.payment_shop import alerts, make_unpaid, names_of, open_page, payment_of, press, standing, tell

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(unpaid: Order) -> Order:
    return unpaid


def checkout(order: Order, user: User | None = None, body: Any = None, **headers: str) -> Reply:
    headers.setdefault("Idempotency_Key", str(uuid.uuid4()))
    return ApiClient(user or order.user).post(f"/orders/{order.pk}/checkout", {} if body is None else body, **headers)


def test_a_shopper_is_led_to_a_page_and_the_order_goes_ahead_once_it_is_paid() -> None:
    order = make_unpaid(product=make_product(price="10.00", stock=5), quantity=2)
    reply = checkout(order)
    assert reply.status == 200
    assert reply.data["redirect_url"].startswith("http://localhost:5000/pay/sandbox/cs_sandbox_")
    payment = reply.data["payment"]
    assert (payment["order"], payment["status"], payment["amount"], payment["currency"]) == (
        str(order.pk),
        "pending",
        "20.00",
        "USD",
    )
    press(PaymentSession.objects.get(), "pay")
    assert standing(order) == ("processing", "paid")
    assert names_of(order) == ["placed", "paid", "processing"]
    assert Hold.objects.get(order=order).outcome == "consumed"
    read = ApiClient(order.user).get(f"/payments/{payment['id']}").data
    assert (read["status"], read["redirect_url"]) == ("paid", None)
    assert not {name for name, found in invariants.violations().items() if found}


def test_asking_again_leads_to_the_same_page(order: Order) -> None:
    first, again = checkout(order), checkout(order)
    other_door = ApiClient(order.user).post(
        "/payments", {"order": str(order.pk), "method": "hosted"}, Idempotency_Key="1"
    )
    assert (again.status, other_door.status) == (200, 201)
    assert first.data == again.data
    assert other_door.data == first.data["payment"]
    assert SandboxSession.objects.count() == PaymentSession.objects.count() == Payment.objects.count() == 1


def test_a_key_gives_the_same_answer_byte_for_byte(order: Order) -> None:
    first = checkout(order, Idempotency_Key="k")
    press(PaymentSession.objects.get(), "pay")
    again = checkout(order, Idempotency_Key="k")
    assert (again.status, again.headers["Idempotency-Replayed"]) == (200, "true")
    assert again.content == first.content


@pytest.mark.parametrize("path", ["/payments", "/checkout"])
def test_v2_wants_a_key(path: str, order: Order) -> None:
    client = ApiClient(order.user)
    reply = client.post(path if path == "/payments" else f"/orders/{order.pk}/checkout", {})
    assert (reply.status, reply.body["code"]) == (400, "idempotency_key_missing")
    assert not PaymentSession.objects.exists()


@pytest.mark.parametrize("field", ["card_number", "cvc", "cvv", "card", "pan", "expiry", "source", "amount", "gateway"])
def test_nothing_of_a_card_and_nothing_that_the_shop_says_is_taken(field: str, order: Order) -> None:
    client, secret = ApiClient(order.user), "4242424242424242"
    replies = [
        checkout(order, body={field: secret}),
        client.post("/payments", {"order": str(order.pk), "method": "hosted", field: secret}, Idempotency_Key="1"),
    ]
    for reply in replies:
        assert (reply.status, reply.faults) == (422, {f"/{field}": "unknown_field"})
        assert secret not in reply.content.decode()
    assert not PaymentSession.objects.exists()


def test_who_is_shown_another_total_is_told() -> None:
    order = make_unpaid(product=make_product(price="10.00"))
    reply = checkout(order, body={"expected_total": "9.00"})
    assert (reply.status, reply.body["code"], reply.body["total"]) == (409, "price_changed", "10.00")
    assert not PaymentSession.objects.exists()
    assert checkout(order, body={"expected_total": "10.00"}).status == 200


def test_there_is_nothing_to_pay_for_what_is_paid_called_off_or_paid_in_cash() -> None:
    paid, cancelled, cash = make_unpaid(), make_unpaid(), make_order()
    press(open_page(paid), "pay")
    move(cancelled, OrderStatus.CANCELLED, role=Role.OWNER)
    known = PaymentSession.objects.count()
    for order in (paid, cancelled, cash):
        reply = checkout(order)
        assert (reply.status, reply.body["code"]) == (409, "not_payable")
    assert PaymentSession.objects.count() == known


def test_the_method_is_the_one_of_the_order(order: Order) -> None:
    body = {"order": str(order.pk), "method": "cash_on_delivery"}
    reply = ApiClient(order.user).post("/payments", body, Idempotency_Key="1")
    assert (reply.status, reply.faults) == (422, {"/method": "invalid_choice"})
    assert not Payment.objects.exists()


def test_staff_may_open_a_page_and_strangers_may_not(order: Order) -> None:
    stranger = checkout(order, make_user())
    assert stranger.status == 404
    assert not PaymentSession.objects.exists()
    assert checkout(order, make_user(role="manager")).status == 200
    foreign = ApiClient(make_user()).get(f"/payments/{payment_of(order).pk}")
    assert foreign.status == 404


def test_goods_are_kept_longer_than_the_page_is_open_but_not_for_ever(order: Order) -> None:
    moment = order.placed_at
    for extensions in range(4):
        with clock.frozen_at(moment):
            session = open_page(order)
        order.refresh_from_db()
        assert order.hold_expires_at is not None
        assert session.expires_at < order.hold_expires_at
        assert PaymentSession.objects.filter(extended_hold=True).count() == extensions
        moment = session.expires_at + timedelta(seconds=1)
    with clock.frozen_at(moment), pytest.raises(HoldExhaustedError):
        open_page(order)
    assert PaymentSession.objects.count() == 4
    assert Order.objects.get(pk=order.pk).hold_expires_at == order.hold_expires_at


def test_a_failed_payment_is_told_to_everybody_and_can_be_tried_again(order: Order) -> None:
    press(open_page(order), "fail")
    assert standing(order) == ("pending", "failed")
    assert names_of(order) == ["placed", "payment_failed"]
    assert alerts() == ["payment.failed"]
    press(open_page(order), "pay")
    assert standing(order) == ("processing", "paid")
    assert sorted(order.payments.values_list("state", flat=True)) == ["failed", "paid"]


def test_leaving_the_page_leaves_the_order_as_it_was(order: Order) -> None:
    press(open_page(order), "cancel")
    assert standing(order) == ("pending", "unpaid")
    assert names_of(order) == ["placed"]
    assert payment_of(order).state == "expired"


def test_what_costs_nothing_goes_ahead_without_a_page() -> None:
    order = make_unpaid(product=make_product(price="0.00", stock=1))
    reply = checkout(order)
    assert (reply.status, reply.data["redirect_url"], reply.data["payment"]["status"]) == (200, None, "paid")
    assert standing(order) == ("processing", "paid")
    assert payment_of(order).amount == Decimal(0)


def test_while_a_bank_is_at_it_no_second_page_is_opened(order: Order) -> None:
    press(open_page(order), "pay_late")
    assert standing(order) == ("pending", "pending")
    reply = checkout(order)
    assert (reply.status, reply.body["code"]) == (409, "payment_in_progress")
    assert ApiClient(order.user).get(f"/payments/{payment_of(order).pk}").data["redirect_url"] is None
    assert PaymentSession.objects.count() == 1


def test_a_shop_without_a_gateway_says_so(settings: Any, order: Order) -> None:
    settings.SANDBOX_PAYMENTS = False
    reply = checkout(order)
    assert (reply.status, reply.body["code"]) == (409, "no_gateway")
    assert not Payment.objects.exists()


def test_the_page_of_the_sandbox_is_gone_in_a_shop_without_one(settings: Any) -> None:
    session = open_page(make_unpaid())
    page = f"/pay/sandbox/{session.provider_id}"
    assert Client().get(page).status_code == 200
    settings.SANDBOX_PAYMENTS = False
    assert Client().get(page).status_code == Client().post(page, {"action": "pay"}).status_code == 404
    assert not SandboxSession.objects.get().is_paid


def test_news_of_somebody_elses_customers_are_kept_and_do_nothing() -> None:
    tell({"id": "evt_1", "type": "customer.created", "data": {"object": {"email": "ada@example.com"}}})
    assert alerts() == []
