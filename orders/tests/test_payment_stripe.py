"""Stripe through its own client, against a stand-in that remembers."""

import itertools
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import stripe as official

from catalog.tests.factories import make_product
from fantasize.core import clock, invariants
from fantasize.core.errors import UnavailableError
from orders import payments as gateways
from orders.enums import OrderStatus
from orders.errors import NotEditableError, PaymentInProgressError
from orders.models import Order, PaymentSession
from orders.payments import calls, signatures
from orders.payments.base import GatewayDownError, GatewayRefusedError, from_minor_units, minor_units
from orders.payments.stripe import StripeGateway
from orders.services import reconciling, refunding
from orders.services.order_changes import LineChange
from orders.tests.factories import move
from orders.tests.payment_shop import alerts, make_unpaid, open_page, payment_of, post, standing, tell
from orders.tests.stripe_stand_in import KEY, SECRET, StripeStandIn, stripe_stand_in
from orders.tests.test_order_edits import edit, line_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def stripe(settings: Any) -> Iterator[StripeStandIn]:
    calls.forget_failures()
    with stripe_stand_in(settings) as running:
        yield running


def hear(stripe: StripeStandIn, *numbers: int) -> None:
    """The shop is told of these events, or of all."""
    for number in numbers or range(len(stripe.events)):
        tell(stripe.events[number], gateway="stripe", secret=SECRET)


def make_paid(stripe: StripeStandIn) -> tuple[Order, PaymentSession]:
    order = make_unpaid(product=make_product(price="20.00", stock=50))
    session = open_page(order)
    stripe.pay(session.provider_id)
    hear(stripe)
    return order, session


def test_a_page_of_stripe_is_opened_for_just_this_order(stripe: StripeStandIn) -> None:
    order = make_unpaid(product=make_product(price="12.34"))
    session = open_page(order)
    asked = stripe.sessions[session.provider_id]
    assert session.redirect_url == f"{stripe.url}/pay/cs_test_1"
    assert (asked["amount_total"], asked["currency"], asked["client_reference_id"]) == (1234, "usd", str(session.pk))
    assert asked["metadata"] == {"session": str(session.pk), "order": str(order.pk)}
    assert asked["success_url"].endswith(f"/pay/return/{session.pk}")
    assert list(stripe.keys) == [str(session.pk)]
    assert order.email not in str(asked), "who pays is Stripe's to ask"


def test_what_is_paid_at_stripe_goes_ahead(stripe: StripeStandIn) -> None:
    order, session = make_paid(stripe)
    assert standing(order) == ("processing", "paid")
    session.refresh_from_db()
    assert session.payment_ref == f"pi_{session.provider_id}"
    assert not {name for name, found in invariants.violations().items() if found}


def test_an_order_stays_as_it_is_until_its_page_is_surely_closed(stripe: StripeStandIn) -> None:
    """A payment of the page's last moment is known before anything can be changed that it is for."""
    order = make_unpaid(product=make_product(price="20.00", stock=50))
    session = open_page(order)
    closed, known = session.expires_at, session.expires_at + (session.expires_at - session.created_at) / 8
    moment = timedelta(microseconds=1)
    for at in (closed - moment, closed, known - moment):
        with clock.frozen_at(at), pytest.raises(PaymentInProgressError):
            edit(order, gift={"is_gift": True})
    stripe.pay(session.provider_id)
    with clock.frozen_at(known - moment):
        hear(stripe)
    with pytest.raises(NotEditableError):
        edit(order, gift={"is_gift": True})
    assert standing(order) == ("processing", "paid")
    assert alerts() == []


@pytest.mark.parametrize("is_told", [True, False])
def test_an_order_can_be_changed_once_its_page_is_surely_closed(stripe: StripeStandIn, *, is_told: bool) -> None:
    """At once, if Stripe says that it is."""
    order = make_unpaid(product=make_product(price="20.00", stock=50))
    session = open_page(order)
    at = session.expires_at + (session.expires_at - session.created_at) / 8
    if is_told:
        at = clock.now()
        StripeGateway(KEY, [], stripe.url).expire_session(session.provider_id)
        hear(stripe)
    with clock.frozen_at(at):
        edit(order, lines=[LineChange(line_of(order).pk, quantity=2)])
    assert (Order.objects.get(pk=order.pk).total, standing(order)) == (Decimal(40), ("pending", "unpaid"))


def test_a_lost_answer_opens_no_second_page(stripe: StripeStandIn) -> None:
    order = make_unpaid()
    stripe.loses = 1
    with pytest.raises(UnavailableError):
        open_page(order)
    assert open_page(order).provider_id == "cs_test_1"
    assert stripe.calls == ["POST /v1/checkout/sessions"] * 2
    assert len(stripe.sessions) == 1


def test_a_fault_that_stripe_would_repeat_is_not_asked_for_again(stripe: StripeStandIn) -> None:
    order = make_unpaid()
    stripe.breaks = 1
    with pytest.raises(UnavailableError):
        open_page(order)
    assert open_page(order).provider_id == "cs_test_2"
    assert PaymentSession.objects.unsettled().count() == 1


def test_a_bank_that_takes_its_time(stripe: StripeStandIn) -> None:
    orders = [make_unpaid() for _ in range(2)]
    for order, is_good in zip(orders, (True, False), strict=True):
        session = open_page(order)
        stripe.pay(session.provider_id, is_late=True)
        hear(stripe)
        assert standing(order) == ("pending", "pending")
        stripe.settle(session.provider_id, is_good=is_good)
    hear(stripe)
    assert [standing(order) for order in orders] == [("processing", "paid"), ("pending", "failed")]


def test_pages_whose_news_are_dropped_are_asked_about(stripe: StripeStandIn) -> None:
    orders = [make_unpaid() for _ in range(4)]
    pages = [open_page(order).provider_id for order in orders]
    stripe.pay(pages[0])
    stripe.pay(pages[1], is_late=True)
    stripe.settle(pages[1], is_good=False)
    stripe.sessions[pages[2]]["status"] = "expired"
    with clock.frozen_at(clock.now() + timedelta(minutes=2)):
        assert reconciling.reconcile() == 4
    states = [standing(order)[1] for order in orders]
    assert states == ["paid", "failed", "unpaid", "unpaid"]
    assert stripe.calls[-4:] == [f"GET /v1/checkout/sessions/{page}" for page in pages]


def test_two_hundred_dropped_twice_and_mixed_up(stripe: StripeStandIn) -> None:
    order = make_unpaid(product=make_product(price="20.00"))
    session = open_page(order)
    stripe.pay(session.provider_id, is_late=True)
    stripe.settle(session.provider_id, is_good=True)
    stripe.refund(f"pi_{session.provider_id}", 500)
    stripe.dispute(f"pi_{session.provider_id}")
    for permutation in itertools.islice(itertools.permutations(range(4)), 0, None, 9):
        hear(stripe, *permutation, *permutation)
    assert standing(order) == ("processing", "partially_refunded")
    assert Order.objects.get(pk=order.pk).is_disputed
    assert payment_of(order).refunded == Decimal("5.00")
    assert sorted(alerts()) == ["payment.disputed", "payment.refunded_elsewhere"]


def test_money_goes_back_once_even_if_the_answer_is_lost(stripe: StripeStandIn) -> None:
    order, _ = make_paid(stripe)
    move(order, OrderStatus.CANCELLED)
    refund = payment_of(order).refunds.get()
    stripe.loses = 1
    with pytest.raises(UnavailableError):
        refunding.execute(refund.pk)
    refunding.execute(refund.pk)
    refund.refresh_from_db()
    assert (refund.state, refund.provider_id) == ("succeeded", "re_0")
    assert [row["amount"] for row in stripe.refunds] == [2000]
    hear(stripe)
    assert payment_of(order).refunds.count() == 1
    assert standing(order) == ("cancelled", "refunded")


def test_a_refund_whose_fault_stripe_repeats_is_known_by_its_news(stripe: StripeStandIn) -> None:
    order, _ = make_paid(stripe)
    move(order, OrderStatus.CANCELLED)
    refund = payment_of(order).refunds.get()
    stripe.breaks = 1
    for _ in range(2):
        with pytest.raises(UnavailableError):
            refunding.execute(refund.pk)
    hear(stripe)
    refund.refresh_from_db()
    assert refund.state == "succeeded"
    assert len(stripe.refunds) == 1


def test_what_was_given_back_at_stripe_is_not_given_back_again(stripe: StripeStandIn) -> None:
    order, session = make_paid(stripe)
    move(order, OrderStatus.CANCELLED)
    stripe.refund(f"pi_{session.provider_id}", 2000)
    refunding.execute(payment_of(order).refunds.get().pk)
    assert alerts() == ["payment.refund_failed"]
    hear(stripe)
    assert standing(order) == ("cancelled", "refunded")
    assert payment_of(order).refunded == Decimal("20.00")
    assert not {name for name, found in invariants.violations().items() if found}


def test_pages_of_orders_that_are_called_off_are_closed_at_stripe(stripe: StripeStandIn) -> None:
    order = make_unpaid()
    session = open_page(order)
    for _ in range(2):
        reconciling.end_pages_of(str(order.pk))
    assert stripe.sessions[session.provider_id]["status"] == "expired"
    hear(stripe)
    assert payment_of(order).state == "expired"


def test_each_of_several_secrets_is_good_and_the_official_client_agrees(stripe: StripeStandIn) -> None:
    session = open_page(make_unpaid())
    stripe.pay(session.provider_id)
    body = stripe.events[0]
    for secret in ("whsec_of_before", SECRET):
        signature = signatures.sign(body, secret)
        assert official.WebhookSignature.verify_header(body.decode(), signature, secret, 300)
        assert post(body, signature, gateway="stripe").status == 200
    assert post(body, signatures.sign(body, "whsec_of_nobody"), gateway="stripe").status == 400


def test_a_key_that_stripe_does_not_know_opens_nothing(stripe: StripeStandIn, settings: Any) -> None:
    settings.STRIPE_API_KEY = "sk_test_wrong"
    with pytest.raises(UnavailableError):
        open_page(make_unpaid())
    assert stripe.sessions == {}


def _official(name: str, **facts: Any) -> Exception:
    error: Exception = getattr(official, name)("x", **facts)
    return error


@pytest.mark.parametrize(
    ("error", "expected", "is_final"),
    [
        (_official("APIConnectionError"), GatewayDownError, False),
        (_official("RateLimitError", http_status=429), GatewayDownError, False),
        (_official("APIError", http_status=503), GatewayDownError, True),
        (_official("APIError", http_status=409), GatewayDownError, False),
        (_official("InvalidRequestError", param=None, http_status=400), GatewayRefusedError, None),
        (_official("AuthenticationError", http_status=401), GatewayRefusedError, None),
    ],
)
def test_stripes_errors_are_ours(error: Exception, expected: type[Exception], is_final: bool | None) -> None:  # noqa: FBT001 - a cell of the table
    from orders.payments.stripe import _translated  # noqa: PLC0415 - for this one

    with pytest.raises(expected) as found, _translated():
        raise error
    assert getattr(found.value, "is_final", None) is is_final


def test_a_key_says_whether_money_is_meant() -> None:
    assert [StripeGateway(key, []).is_live for key in ("sk_live_1", "rk_live_1", "sk_test_1")] == [True, True, False]


@pytest.mark.parametrize(
    ("amount", "currency", "count"),
    [("12.34", "USD", 1234), ("500", "JPY", 500), ("1.234", "KWD", 1234), ("7", "UGX", 700), ("0.10", "EUR", 10)],
)
def test_providers_count_in_minor_units(amount: str, currency: str, count: int) -> None:
    assert minor_units(Decimal(amount), currency) == count
    assert from_minor_units(count, currency) == Decimal(amount)


def test_new_payments_go_to_stripe_and_old_ones_of_the_sandbox_stay_there(settings: Any) -> None:
    assert gateways.get_hosted().name == "stripe"
    assert [gateway.name for gateway in gateways.in_use()] == ["stripe", "sandbox"]
    assert gateways.get_hosted() is gateways.get_hosted("stripe"), "it keeps its connections"
    settings.STRIPE_API_KEY = ""
    assert gateways.get_hosted().name == "sandbox"
