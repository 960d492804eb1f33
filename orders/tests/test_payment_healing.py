"""Whatever dies in between, and whatever gets lost: nobody pays twice, and nobody pays for nothing."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.db import transaction

from accounts.services import erasure
from catalog.tests.factories import make_product
from fantasize.core import clock, invariants
from fantasize.core.errors import UnavailableError
from fantasize.core.models import DomainEvent
from orders import handlers, tasks
from orders.enums import OrderStatus, Role
from orders.errors import PaymentInProgressError
from orders.models import Order, Payment, PaymentSession, SandboxSession, WebhookEvent
from orders.payments import calls, sandbox
from orders.payments.base import GatewayDownError, GatewayRefusedError
from orders.payments.sandbox import SandboxGateway
from orders.services import checkout_sessions, reconciling, settling, webhooks
from orders.tests.factories import move
from orders.tests.payment_shop import (
    alerts,
    make_unpaid,
    names_of,
    open_page,
    paid_event,
    payment_of,
    press,
    standing,
    tell,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(unpaid: Order) -> Order:
    return unpaid


class KilledError(BaseException):
    """The process is gone."""


@pytest.fixture(autouse=True)
def _no_failures() -> None:
    calls.forget_failures()


def broken() -> set[str]:
    return {name for name, found in invariants.violations().items() if found}


def after(original: Callable[..., Any]) -> Callable[..., Any]:
    """Does its work, and dies before anybody hears of it."""

    def die(*args: Any, **kwargs: Any) -> Any:
        original(*args, **kwargs)
        raise KilledError

    return die


SEAMS: dict[str, tuple[Any, str, Callable[[Callable[..., Any]], Any]]] = {
    "K4 committed, provider not asked": (calls, "call_out", lambda _: _killed),
    "K5 provider asked, answer lost": (SandboxGateway, "open_session", after),
    "K6 answer in, not stored": (checkout_sessions, "_record", lambda _: _killed),
    "K7 stored, reply not sent": (checkout_sessions, "_record", after),
}


def _killed(*_args: Any, **_kwargs: Any) -> Any:
    raise KilledError


@pytest.mark.parametrize("seam", SEAMS)
def test_whoever_was_cut_off_while_the_page_was_opened_asks_again(seam: str, order: Order) -> None:
    target, name, how = SEAMS[seam]
    with patch.object(target, name, how(getattr(target, name))), pytest.raises(KilledError):
        open_page(order)
    assert PaymentSession.objects.count() == 1
    session = open_page(order)
    assert PaymentSession.objects.count() == SandboxSession.objects.count() == Payment.objects.count() == 1
    assert session.provider_id == SandboxSession.objects.get().provider_id
    press(session, "pay")
    assert standing(order) == ("processing", "paid")
    assert not broken()


def test_who_is_paid_on_a_page_that_was_never_recorded_is_paid(order: Order) -> None:
    """K6: the news name our intent, which was there first."""
    with patch.object(checkout_sessions, "_record", _killed), pytest.raises(KilledError):
        open_page(order)
    session, page = PaymentSession.objects.get(), SandboxSession.objects.get()
    assert session.provider_id == ""
    session.provider_id = page.provider_id
    tell(paid_event(session))
    assert standing(order) == ("processing", "paid")


@pytest.mark.parametrize(
    ("seam", "kept"), [("K8 verified, not kept", 0), ("K9 kept, not answered", 1)], ids=["K8", "K9"]
)
def test_a_message_that_was_cut_off_is_sent_again_or_has_its_job(seam: str, kept: int, order: Order) -> None:
    event = paid_event(open_page(order))
    store = webhooks._store
    with (
        patch.object(webhooks, "_store", after(store) if kept else _killed),
        pytest.raises(KilledError),
    ):
        tell(event)
    assert WebhookEvent.objects.count() == kept
    if kept:
        tasks.process_webhook(WebhookEvent.objects.get().pk)
    else:
        tell(event)
    tell(event)
    assert standing(order) == ("processing", "paid")
    assert names_of(order) == ["placed", "paid", "processing"]


def test_what_is_half_done_is_not_done_at_all(order: Order) -> None:
    """K11: fulfilled, and killed before the end of the transaction."""
    event = paid_event(open_page(order))
    with patch.object(settling, "take_over_refunds", _killed), pytest.raises(KilledError):
        tell(event)
    assert standing(order) == ("pending", "unpaid")
    assert payment_of(order).captured_at is None
    tasks.process_webhook(WebhookEvent.objects.get().pk)
    assert names_of(order) == ["placed", "paid", "processing"]
    assert not broken()


def test_pages_whose_news_were_lost_are_asked_about() -> None:
    orders = [make_unpaid() for _ in range(4)]
    for order, action in zip(orders, ("pay", "fail", "cancel", ""), strict=True):
        session = open_page(order)
        if action:
            sandbox.press(session.provider_id, action)
    assert reconciling.reconcile() == 0, "not at once"
    with clock.frozen_at(clock.now() + timedelta(minutes=2)):
        assert reconciling.reconcile() == 4
        assert [standing(order) for order in orders] == [
            ("processing", "paid"),
            ("pending", "failed"),
            ("pending", "unpaid"),
            ("pending", "unpaid"),
        ]
        assert reconciling.reconcile() == 0, "those settled never, the open one not so soon"
    with clock.frozen_at(clock.now() + timedelta(minutes=4)):
        assert reconciling.reconcile() == 1
    assert not broken()


def test_long_after_a_page_has_closed_it_is_asked_about_seldom(order: Order) -> None:
    session = open_page(order)
    sandbox.press(session.provider_id, "pay_late")
    start = session.expires_at
    asked = []
    for minutes in (10, 12, 130, 132, 195):
        with clock.frozen_at(start + timedelta(minutes=minutes)):
            asked.append(reconciling.reconcile())
    assert asked == [1, 1, 1, 0, 1]


def test_an_intent_whose_page_nobody_saw_is_given_up_once_the_page_must_have_closed(order: Order) -> None:
    with patch.object(calls, "call_out", _killed), pytest.raises(KilledError):
        open_page(order)
    session = PaymentSession.objects.get()
    reconciling.reconcile()
    assert PaymentSession.objects.unsettled().exists()
    with clock.frozen_at(session.expires_at + timedelta(seconds=1)):
        reconciling.reconcile()
    assert not PaymentSession.objects.unsettled().exists()
    assert payment_of(order).state == "expired"


def test_an_answer_that_does_not_fit_is_looked_at_by_a_person_once(order: Order) -> None:
    session = open_page(order)
    sandbox.press(session.provider_id, "pay")
    SandboxSession.objects.update(amount=1)
    for minutes in (2, 4):
        with clock.frozen_at(clock.now() + timedelta(minutes=minutes)):
            reconciling.reconcile()
    assert standing(order) == ("pending", "unpaid")
    assert alerts() == ["payment.flagged"]


def test_a_provider_that_is_away_is_asked_later_and_left_alone_after_a_few_failures(order: Order) -> None:
    asked = []

    def fail(*_: Any) -> None:
        asked.append(1)
        raise GatewayDownError("timeout")

    with patch.object(SandboxGateway, "open_session", fail):
        for _ in range(calls.FAILURES + 3):
            with pytest.raises(UnavailableError) as refusal:
                open_page(order)
    assert refusal.value.code == "payment_provider_unavailable"
    assert refusal.value.extra["retry_after"] > 0
    assert len(asked) == calls.FAILURES
    assert standing(order) == ("pending", "unpaid")
    assert order.holds.filter(ended_at=None).exists(), "what was ordered is kept"
    calls.forget_failures()
    press(open_page(order), "pay")
    assert PaymentSession.objects.count() == 1
    assert standing(order) == ("processing", "paid")


def test_a_page_that_the_provider_refuses_is_given_up_and_another_one_asked_for(order: Order) -> None:
    with (
        patch.object(SandboxGateway, "open_session", side_effect=GatewayRefusedError("InvalidRequestError")),
        pytest.raises(UnavailableError),
    ):
        open_page(order)
    press(open_page(order), "pay")
    assert sorted(order.payments.values_list("state", flat=True)) == ["expired", "paid"]


def test_a_provider_is_never_called_while_something_is_locked() -> None:
    with transaction.atomic(), pytest.raises(RuntimeError):
        calls.call_out("sandbox", lambda: None)


def test_nobody_changes_what_somebody_may_be_paying_for(order: Order) -> None:
    checkout_sessions.require_not_paying(order)
    session = open_page(order)
    with pytest.raises(PaymentInProgressError):
        checkout_sessions.require_not_paying(order)
    margin = (session.expires_at - session.created_at) / 8
    with clock.frozen_at(session.expires_at + margin):
        checkout_sessions.require_not_paying(order)
    press(session, "pay_late")
    with clock.frozen_at(session.expires_at + timedelta(seconds=1)), pytest.raises(PaymentInProgressError):
        checkout_sessions.require_not_paying(order)


def test_pages_of_an_order_that_is_called_off_are_closed(order: Order) -> None:
    session = open_page(order)
    move(order, OrderStatus.CANCELLED, role=Role.OWNER)
    event = DomainEvent.objects.get(aggregate_id=str(order.pk), name="order.cancelled")
    for _ in range(2):
        handlers.end_payment_pages(event)
    assert not SandboxSession.objects.get().is_open
    with patch.object(SandboxGateway, "expire_session", side_effect=GatewayDownError("timeout")):
        handlers.end_payment_pages(event)
    assert session.redirect_url


def test_who_pays_for_what_they_have_called_off_gets_it_back() -> None:
    order = make_unpaid(product=make_product(stock=5))
    session = open_page(order)
    move(order, OrderStatus.CANCELLED, role=Role.OWNER)
    tell(paid_event(session))
    assert standing(order) == ("cancelled", "refunded")
    assert names_of(order) == ["placed", "cancelled", "refunded"]
    assert not broken()


def test_who_pays_twice_gets_one_payment_back(order: Order) -> None:
    first = open_page(order)
    with clock.frozen_at(first.expires_at + timedelta(seconds=1)):
        second = open_page(order)
    assert second.pk != first.pk
    for session in (second, first):
        tell({**paid_event(session), "id": str(session.pk)})
    assert standing(order) == ("processing", "paid")
    assert sorted(order.payments.values_list("state", flat=True)) == ["paid", "refunded"]
    assert not broken()


def test_a_late_payment_of_somebody_forgotten_goes_back() -> None:
    order = make_unpaid(product=make_product(stock=5))
    session = open_page(order)
    with clock.frozen_at(clock.now() + timedelta(hours=2)):
        move(
            order,
            OrderStatus.CANCELLED,
            role=Role.SYSTEM,
        )
    assert order.user is not None
    erasure.erase(user=order.user, actor=order.user.actor)
    tell(paid_event(session))
    assert standing(order) == ("cancelled", "refunded")
