"""Mail to staff about payments that somebody should look at."""

from typing import Any

import pytest

from accounts.tests.factories import make_user
from fantasize.core import events, mail
from fantasize.core.models import DomainEvent
from fantasize.tests.staff import make_viewer
from notifications.services import payment_alerts

pytestmark = pytest.mark.django_db

ORDER = "00000000-0000-4000-8000-000000000001"


@pytest.fixture
def letters(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, Any]]]:
    """Mails that were written: to whom, about what."""
    written: list[tuple[str, dict[str, Any]]] = []
    monkeypatch.setattr(mail, "send_later", lambda _, *, to, context, **__: written.append((to, context)))
    return written


def happen(name: str, **data: Any) -> None:
    """What the worker does with an event of a payment."""
    aggregate = name.partition(".")[0]
    event = DomainEvent.objects.create(aggregate=aggregate, aggregate_id=name, seq=1, name=name, data=data)
    for handler in events.handlers_for(aggregate):
        handler(event)


@pytest.mark.parametrize(
    "name",
    [
        *("payment.failed", "payment.refund_failed", "payment.flagged", "payment.refunded_elsewhere"),
        *("payment.disputed", "webhook_event.flagged", "payment.refund_came_back", "payment.refund_waits"),
        *("payment.page_refused", "payment.dispute_lost"),
    ],
)
def test_staff_who_may_see_payments_are_told(name: str, letters: list[tuple[str, dict[str, Any]]]) -> None:
    viewer = make_viewer("orders.view_payment")
    make_user()
    make_viewer("catalog.view_stockitem")
    happen(name, order=ORDER, number=1001, gateway="stripe", reason="amount", amount="5.00")
    [(to, context)] = letters
    assert to == viewer.email
    assert context["url"].endswith(f"/admin/orders/order/{ORDER}/change/")
    message: Any = mail.compose("notifications/payment_alert", to=to, context=context, message_id="<1@shop>")
    assert message.subject.endswith(": order 1001")
    for text in (message.body, message.alternatives[0][0]):
        assert "it is about another amount" in text
        assert "5.00" in text
        assert "stripe" in text


def test_what_is_about_no_order_leads_to_the_messages(letters: list[tuple[str, dict[str, Any]]]) -> None:
    make_viewer("orders.view_payment")
    happen("webhook_event.flagged", gateway="stripe", reason="unknown")
    [(to, context)] = letters
    assert context["url"].endswith("/admin/orders/webhookevent/")
    message = mail.compose("notifications/payment_alert", to=to, context=context, message_id="<1@shop>")
    assert message.subject == "A message of a payment provider fits no payment"
    assert "Amount" not in message.body


def test_what_needs_nobody_is_told_nobody(letters: list[tuple[str, dict[str, Any]]]) -> None:
    make_viewer("orders.view_payment")
    happen("payment.dispute_closed", order=ORDER, number=1001, gateway="stripe")
    assert letters == []


def test_an_event_that_is_handed_on_twice_makes_copies_of_one_mail(monkeypatch: pytest.MonkeyPatch) -> None:
    make_viewer("orders.view_payment")
    make_viewer("orders.view_payment")
    ids: list[str] = []
    monkeypatch.setattr(mail, "send_later", lambda *_, message_id, **__: ids.append(message_id))
    happen("payment.failed", order=ORDER, number=1001, gateway="stripe")
    payment_alerts.tell_staff(DomainEvent.objects.get())
    assert len(ids) == 4
    assert len(set(ids)) == 2
