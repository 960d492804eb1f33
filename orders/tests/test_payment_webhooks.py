"""What providers tell: stored before it is answered, once, whatever the order; and nothing that does not fit."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from typing import Any
from unittest.mock import patch

import pytest
from django.db import OperationalError
from procrastinate.contrib.django.models import ProcrastinateJob

from catalog.models import StockItem
from catalog.tests.factories import make_product
from fantasize.core import clock
from fantasize.core.models import DomainEvent
from fantasize.tests.contract.standing import undone
from orders import tasks
from orders.enums import WebhookState
from orders.models import Order, PaymentSession, Refund, WebhookEvent
from orders.services import settling, webhooks
from orders.tests.payment_shop import (
    alerts,
    encoded,
    make_unpaid,
    names_of,
    open_page,
    paid_event,
    payment_of,
    post,
    signed,
    standing,
    tell,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def session(unpaid_page: PaymentSession) -> PaymentSession:
    return unpaid_page


def five_events(session: PaymentSession) -> list[dict[str, Any]]:
    """Completed and not paid yet, paid, a part given back, all given back, disputed."""
    paid = paid_event(session, payment_intent="pi_1")
    metadata = paid["data"]["object"]["metadata"]
    charge = {"id": "ch_1", "currency": "usd", "payment_intent": "pi_1", "metadata": metadata}
    dispute = {"id": "dp_1", "currency": "usd", "payment_intent": "pi_1"}
    things = [
        ("checkout.session.completed", paid["data"]["object"] | {"payment_status": "unpaid"}),
        ("checkout.session.async_payment_succeeded", paid["data"]["object"]),
        ("charge.refunded", charge | {"amount_refunded": 500}),
        ("charge.refunded", charge | {"amount_refunded": 2000}),
        ("charge.dispute.created", dispute),
    ]
    return [
        {"id": f"evt_{number}", "type": kind, "data": {"object": thing}} for number, (kind, thing) in enumerate(things)
    ]


def everything(order: Order) -> tuple[Any, ...]:
    """Where it all stands."""
    row, payment = Order.objects.get(pk=order.pk), payment_of(order)
    session = PaymentSession.objects.get(order=order)
    stock = StockItem.objects.values_list("on_hand", "held").get(holds__order=order)
    money = (payment.state, payment.amount, payment.refunded, sum(Refund.objects.values_list("amount", flat=True)))
    unfinished = WebhookEvent.objects.exclude(state=WebhookState.PROCESSED).count()
    return (
        row.status,
        row.payment_status,
        row.is_disputed,
        money,
        str(session.facts),
        stock,
        unfinished,
        told_last(order),
    )


def told_last(order: Order) -> str:
    """The status that the customer was told last; each thing that they were told begins where the last one ended."""
    events = DomainEvent.objects.filter(aggregate="order", aggregate_id=str(order.pk)).order_by("seq")
    told = list(events.values_list("data", flat=True))
    assert all(before["status"] == after["previous"] for before, after in pairwise(told)), told
    return str(told[-1]["status"])


def outcomes_of(order: Order, events: list[bytes], told: tuple[bytes, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where it all stands after each order of ``events``; two of them come twice. Orders begin as others do, once."""
    if len(told) == len(events):
        tell(told[0])
        tell(told[3])
        yield everything(order)
    for event in events:
        if event not in told:
            with undone():
                tell(event)
                yield from outcomes_of(order, events, (*told, event))


def test_whatever_the_order_and_however_often_it_leads_to_one_state() -> None:
    """All 120 orders of five events."""
    order = make_unpaid(product=make_product(price="10.00", stock=5), quantity=2)
    events = [encoded(event) for event in five_events(open_page(order))]
    outcomes = Counter(outcomes_of(order, events))
    assert [*outcomes.values()] == [120], outcomes
    outcome = next(iter(outcomes))
    assert (*outcome[:3], outcome[-1]) == ("processing", "refunded", True, "processing")


def test_a_dispute_heard_of_before_the_payment_waits_for_it(session: PaymentSession) -> None:
    order = session.order
    *_, dispute = events = five_events(session)
    tell(dispute)
    assert WebhookEvent.objects.get().state == WebhookState.WAITING
    assert not Order.objects.get(pk=order.pk).is_disputed
    tell(events[1])
    assert Order.objects.get(pk=order.pk).is_disputed
    assert alerts() == ["payment.disputed"]
    assert set(WebhookEvent.objects.values_list("state", flat=True)) == {WebhookState.PROCESSED}


def test_a_dispute_about_nobodys_payment_is_looked_at_by_a_person_in_the_end(session: PaymentSession) -> None:
    tell(five_events(session)[4])
    for minutes, told in ((1, []), (11, ["webhook_event.flagged"]), (12, ["webhook_event.flagged"])):
        with clock.frozen_at(clock.now() + timedelta(minutes=minutes)):
            webhooks.process_left_lying()
            webhooks.process(WebhookEvent.objects.get().pk)
        assert alerts() == told


def test_a_declined_card_leaves_the_page_open_for_another_one(session: PaymentSession) -> None:
    order = session.order
    declined = {"id": "pi_1", "currency": "usd", "metadata": {"session": str(session.pk), "order": str(order.pk)}}
    tell({"id": "e1", "type": "payment_intent.payment_failed", "data": {"object": declined}})
    assert standing(order) == ("pending", "failed")
    assert open_page(order).pk == session.pk
    tell(paid_event(session))
    assert standing(order) == ("processing", "paid")


def test_a_dispute_comes_to_its_end(session: PaymentSession) -> None:
    order = session.order
    events = five_events(session)
    tell(events[1])
    tell(events[4])
    assert Order.objects.get(pk=order.pk).is_disputed
    tell({**events[4], "id": "closed", "type": "charge.dispute.closed"})
    tell({**events[4], "id": "again"})
    assert not Order.objects.get(pk=order.pk).is_disputed
    assert alerts() == ["payment.disputed", "payment.dispute_closed"]


@pytest.mark.parametrize("order_of_news", [(1, 4, "closed"), (1, "closed", 4)])
def test_staff_hear_once_of_a_dispute_that_is_lost(session: PaymentSession, order_of_news: tuple[Any, ...]) -> None:
    events = five_events(session)
    lost = {**events[4], "type": "charge.dispute.closed"}
    lost["data"] = {"object": {**events[4]["data"]["object"], "status": "lost"}}
    for number, each in enumerate((*order_of_news, "closed")):
        tell({**(lost if each == "closed" else events[each]), "id": f"event_{number}"})
    assert alerts().count("payment.dispute_lost") == 1
    assert not Order.objects.get(pk=session.order_id).is_disputed


def test_expired_after_paid_changes_nothing(session: PaymentSession) -> None:
    order = session.order
    tell(paid_event(session))
    tell({**paid_event(session, status="expired", payment_status="unpaid"), "id": "e2", "type": _EXPIRED})
    assert standing(order) == ("processing", "paid")
    assert names_of(order) == ["placed", "paid", "processing"]


_EXPIRED = "checkout.session.expired"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"amount_total": 1}, "amount"),
        ({"amount_total": 2001}, "amount"),
        ({"currency": "eur"}, "currency"),
        ({"id": "cs_other"}, "session"),
        ({"metadata": {"order": "00000000-0000-4000-8000-000000000000"}}, "order"),
        ({"livemode": True}, "mode"),
        ({"client_reference_id": "00000000-0000-4000-8000-000000000000", "id": "cs_nobodys"}, "unknown"),
        ({"client_reference_id": "nonsense", "id": "cs_nobodys", "metadata": {}}, "unknown"),
        ({"client_reference_id": "00000000-0000-4000-8000-000000000000"}, "key"),
    ],
)
def test_a_good_signature_is_not_enough(changes: dict[str, Any], reason: str, session: PaymentSession) -> None:
    order = session.order
    event = paid_event(session, **changes)
    event["livemode"] = bool(changes.get("livemode"))
    reply = post(encoded(event), signed(encoded(event)))
    assert (reply.status, reply.data) == (200, {"received": True})
    kept = WebhookEvent.objects.get()
    assert (kept.state, kept.reason) == (WebhookState.FLAGGED, reason)
    assert standing(order) == ("pending", "unpaid")
    assert payment_of(order).captured_at is None
    assert alerts() == ["webhook_event.flagged"]


def test_money_for_an_order_that_costs_something_else_by_now_is_looked_at_by_a_person(session: PaymentSession) -> None:
    order = session.order
    event = paid_event(session)
    Order.objects.filter(pk=order.pk).update(total=21, items_total=21)
    tell(event)
    assert WebhookEvent.objects.get().reason == "total"
    assert standing(order) == ("pending", "unpaid")


def test_who_paid_is_not_kept(session: PaymentSession) -> None:
    tell(paid_event(session, customer_details={"email": "ada@example.com", "name": "Ada Lovelace"}))
    row = WebhookEvent.objects.values().get()
    assert "ada" not in str(row).lower()


def test_the_same_event_much_later_with_a_fresh_signature_changes_nothing(session: PaymentSession) -> None:
    order = session.order
    event = encoded(paid_event(session))
    tell(event)
    before = everything(order)
    with clock.frozen_at(clock.now() + timedelta(days=4)):
        tell(event)
    assert everything(order) == before
    assert WebhookEvent.objects.count() == 1


def test_a_message_that_could_not_be_worked_on_is_safe_and_its_job_does_it(session: PaymentSession) -> None:
    order = session.order
    event = encoded(paid_event(session))
    with patch.object(settling, "apply", side_effect=OperationalError):
        assert post(event, signed(event)).status == 200
    assert standing(order) == ("pending", "unpaid")
    job = ProcrastinateJob.objects.get(task_name=webhooks.PROCESS_TASK)
    tasks.process_webhook(**job.args)
    tasks.process_webhook(**job.args)
    assert standing(order) == ("processing", "paid")
    assert names_of(order) == ["placed", "paid", "processing"]


def test_what_cannot_be_kept_is_not_answered_with_success(session: PaymentSession) -> None:
    event = encoded(paid_event(session))
    with patch.object(WebhookEvent.objects, "get_or_create", side_effect=OperationalError):
        assert post(event, signed(event)).status == 503
    assert not WebhookEvent.objects.exists()
