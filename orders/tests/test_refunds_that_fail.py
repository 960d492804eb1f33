"""Refunds that do not arrive, or that nobody answers for: staff are told, once, and go on."""

import itertools
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from catalog.tests.factories import make_product
from fantasize.core import clock
from fantasize.core.errors import UnavailableError
from fantasize.core.models import DomainEvent
from fantasize.tests.contract.standing import undone
from fantasize.tests.staff import signed_in
from orders.enums import OrderStatus
from orders.errors import NothingToRefundError
from orders.models import Order
from orders.payments import calls
from orders.services import reconciling, refunding
from orders.tests.factories import move
from orders.tests.payment_shop import alerts, make_unpaid, open_page, payment_of, standing, tell
from orders.tests.refunds import broken, carry_out, give, money_of, states
from orders.tests.stripe_stand_in import SECRET, StripeStandIn, stripe_stand_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_failures() -> None:
    calls.forget_failures()


@pytest.fixture
def stripe(settings: Any) -> Iterator[StripeStandIn]:
    with stripe_stand_in(settings) as stripe:
        yield stripe


def hear(event: bytes) -> None:
    tell(event, gateway="stripe", secret=SECRET)


def make_paid(stripe: StripeStandIn) -> tuple[Order, str]:
    """A paid order, and Stripe's name of the payment."""
    order = make_unpaid(product=make_product(price="20.00"))
    session = open_page(order)
    stripe.pay(session.provider_id)
    hear(stripe.events[-1])
    return order, f"pi_{session.provider_id}"


def make_paid_twice(stripe: StripeStandIn) -> tuple[Order, str]:
    """An order paid on a second page and then on the first; Stripe's name of the payment that counts."""
    order = make_unpaid(product=make_product(price="20.00"))
    first = open_page(order)
    with clock.frozen_at(first.expires_at + timedelta(seconds=1)):
        second = open_page(order)
    for session in (second, first):
        stripe.pay(session.provider_id)
        hear(stripe.events[-1])
    return order, f"pi_{second.provider_id}"


def test_a_refund_that_does_not_arrive_is_owed_again_and_given_again(stripe: StripeStandIn) -> None:
    order, _ = make_paid(stripe)
    give(order, amount="5.00")
    carry_out(order)
    stripe.bounce(0)
    for event in (*stripe.events, stripe.events[-1]):
        hear(event)
    assert (money_of(order), standing(order)[1]) == ((20, 0, 20), "paid")
    assert (states(order), alerts()) == (["failed"], ["payment.refund_came_back"])
    assert not broken()
    assert refunding.give_again(order_id=order.pk, actor="user:staff") == 5
    carry_out(order)
    hear(stripe.events[-1])
    assert (money_of(order), states(order)) == ((20, 5, 15), ["failed", "succeeded"])
    assert len(alerts()) == 1
    assert not broken()


def test_whatever_the_order_of_the_news_it_leads_to_one_state(stripe: StripeStandIn) -> None:
    """One refund of ours, one made at the dashboard; both are told of, and neither arrives."""
    order, payment = make_paid(stripe)
    give(order, amount="5.00")
    carry_out(order)
    stripe.refund(payment, 300)
    for number in (0, 1):
        stripe.bounce(number)
    outcomes = set()
    for events in itertools.permutations(stripe.events[1:]):
        with undone():
            for event in (*events, events[0]):
                hear(event)
            outcomes.add((money_of(order), standing(order), tuple(sorted(alerts())), frozenset(broken())))
    [(money, status, told, faults)] = {(*outcome[:2], outcome[2].count(_CAME_BACK), outcome[3]) for outcome in outcomes}
    assert (money, status, told, faults) == ((20, 0, 20), ("processing", "paid"), 2, frozenset())


_CAME_BACK = "payment.refund_came_back"


def test_what_is_given_back_at_the_dashboard_instead_is_booked(stripe: StripeStandIn) -> None:
    order, payment = make_paid(stripe)
    give(order, amount="5.00")
    carry_out(order)
    stripe.bounce(0)
    hear(stripe.events[-2])
    hear(stripe.events[-1])
    stripe.refund(payment, 500)
    stripe.happen_refund(-1, "refund.created")
    hear(stripe.events[-2])
    hear(stripe.events[-1])
    assert money_of(order) == (20, 5, 15)
    with pytest.raises(NothingToRefundError):
        refunding.give_again(order_id=order.pk, actor="user:staff")
    stripe.bounce(1)
    hear(stripe.events[-1])
    assert (money_of(order), states(order)) == ((20, 0, 20), ["failed", "failed"])
    assert refunding.give_again(order_id=order.pk, actor="user:staff") == 5
    assert not broken()


def test_a_refund_that_fails_at_once_is_refused(stripe: StripeStandIn) -> None:
    order, _ = make_paid(stripe)
    give(order, amount="5.00")
    stripe.fails = 1
    carry_out(order)
    assert (states(order), alerts(), money_of(order)) == (["failed"], ["payment.refund_failed"], (20, 0, 20))


def test_a_wrong_key_is_told_to_staff_once_and_all_goes_on_with_a_good_one(
    stripe: StripeStandIn, settings: Any, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    order, _ = make_paid(stripe)
    give(order, amount="5.00")
    key, settings.STRIPE_API_KEY = settings.STRIPE_API_KEY, "sk_test_wrong"
    for minutes, told in ((11, []), (61, ["payment.refund_waits"]), (90, ["payment.refund_waits"])):
        with clock.frozen_at(clock.now() + timedelta(minutes=minutes)):
            reconciling.reconcile()
            assert alerts() == told
    path = f"/admin/orders/order/{order.pk}/change/"
    with clock.frozen_at(clock.now() + timedelta(minutes=61)):
        assert "has not answered for 5.00 USD yet" in signed_in().get(path).content.decode()
        with django_assert_num_queries(1):  # what staff know of is not looked at one by one
            refunding.execute_left_lying(limit=0)
    facts = DomainEvent.objects.get(name="payment.refund_waits").data
    assert (facts["number"], facts["amount"], states(order)) == (order.number, "5.00", ["pending"])
    settings.STRIPE_API_KEY = key
    with clock.frozen_at(clock.now() + timedelta(minutes=91)):
        reconciling.reconcile()
    assert (states(order), len(stripe.refunds), len(alerts())) == (["succeeded"], 1, 1)
    assert "data-waiting" not in signed_in().get(path).content.decode()


def test_a_wrong_key_by_which_nobody_can_pay_is_told_once_of_an_order(stripe: StripeStandIn, settings: Any) -> None:
    order = make_unpaid()
    settings.STRIPE_API_KEY = "sk_test_wrong"
    for _ in range(2):
        with pytest.raises(UnavailableError):
            open_page(order)
    assert (alerts(), stripe.sessions) == (["payment.page_refused"], {})


def test_what_is_owed_since_an_order_was_paid_twice_keeps_the_books_right(stripe: StripeStandIn) -> None:
    order, _ = make_paid_twice(stripe)
    stripe.refuses = 1
    carry_out(order)
    assert (standing(order), money_of(order), broken()) == (("processing", "paid"), (40, 0, 40), set())
    refunding.give_again(order_id=order.pk, actor="user:staff")
    carry_out(order)
    assert (standing(order), money_of(order), broken()) == (("processing", "paid"), (40, 20, 20), set())
    order.payments.update(refunded=0)
    assert "orders.money_follows_payments" in broken(), "nothing is owed that was not refused"


def test_a_dispute_lasts_whatever_is_heard_of_another_payment(stripe: StripeStandIn) -> None:
    order, payment = make_paid_twice(stripe)
    stripe.dispute(payment)
    hear(stripe.events[-1])
    carry_out(order)
    hear(stripe.events[-1])
    assert Order.objects.get(pk=order.pk).is_disputed
    assert alerts() == ["payment.disputed"]


def test_what_was_called_off_and_does_not_arrive_is_given_again(stripe: StripeStandIn) -> None:
    order, _ = make_paid(stripe)
    move(order, OrderStatus.CANCELLED)
    carry_out(order)
    stripe.bounce(0)
    hear(stripe.events[-1])
    assert (standing(order), broken()) == (("cancelled", "paid"), set())
    assert refunding.give_again(order_id=order.pk, actor="user:staff") == Decimal(20)
    carry_out(order)
    assert (standing(order), payment_of(order).state, broken()) == (("cancelled", "refunded"), "refunded", set())
