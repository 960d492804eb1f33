"""The inbox of what payment providers tell: stored first, answered then, and worked on by whoever is first."""

from datetime import timedelta
from uuid import UUID

import structlog
from django.db import DatabaseError, transaction
from django.db.models import Q
from procrastinate.contrib.django import app as queue

from fantasize.core import clock, outbox
from fantasize.core.errors import DomainError
from fantasize.core.events import Event
from orders import events
from orders import payments as gateways
from orders.enums import WebhookState
from orders.errors import WebhookSignatureError
from orders.models import Order, PaymentSession, WebhookEvent
from orders.payments.base import Notice
from orders.payments.facts import Facts
from orders.services import settling

log = structlog.get_logger(__name__)

PROCESS_TASK = "orders.tasks.process_webhook"
# News of a payment may come before the news which payment is whose; after this long it will not.
_PATIENCE = timedelta(minutes=10)
_LEFT_LYING = timedelta(seconds=5)


def receive(*, gateway: str, body: bytes, signature: str) -> None:
    """Keep a message, once however often it is sent; it is worked on at once, and by a job should that fail.

    Not in a transaction. When this returns, the message is safe.

    Raises:
        WebhookSignatureError: it is not from a provider of ours.
        MalformedError: it says nothing that can be read.
    """
    provider = gateways.find_hosted(gateway)
    if provider is None:
        raise WebhookSignatureError
    notice = provider.read_webhook(body, signature)
    event_id = _store(gateway, notice)
    if event_id is not None:
        _process_now(event_id)


def process(event_id: int) -> None:
    """Do what follows from a message; nothing when that was done. Locks the order, then the message."""
    event = WebhookEvent.objects.get(pk=event_id)
    session = _session_of(event)
    with transaction.atomic(durable=True):
        if session is None:
            _set_aside(event_id)
            return
        order = Order.objects.select_for_update(no_key=True).get(pk=session.order_id)
        if _apply(event_id, order, session):
            _apply_waiting(order, session)


def process_left_lying(*, limit: int = 500) -> int:
    """Work on messages that nobody has finished; returns how many there were."""
    waiting = WebhookEvent.objects.filter(
        state=WebhookState.WAITING, received_at__lt=clock.now() - _LEFT_LYING
    ).order_by("received_at")
    ids = list(waiting.values_list("pk", flat=True)[:limit])
    for event_id in ids:
        _process_now(event_id)
    return len(ids)


def mismatch(session: PaymentSession, notice: Notice) -> str:
    """What does not fit between what a provider says and what the shop asked for; empty when all does.

    A good signature proves who speaks, not that it is about this order.
    """
    payment, order = session.payment, session.order
    provider = gateways.find_hosted(session.gateway)
    told = {
        "mode": (notice.is_live, provider is not None and provider.is_live),
        "session": (notice.provider_id or session.provider_id, session.provider_id or notice.provider_id),
        "key": (notice.key or str(session.pk), str(session.pk)),
        "order": (notice.order or str(order.pk), str(order.pk)),
        "currency": (notice.currency or payment.currency, payment.currency),
        "amount": (payment.amount if notice.amount is None else notice.amount, payment.amount),
        "captured": (notice.facts.captured or payment.amount, payment.amount),
        # Nobody can change what an order costs while its page is open; should it be otherwise, a person decides.
        "total": (payment.amount if notice.facts.captured and not payment.captured_at else order.total, order.total),
    }
    return next((name for name, (said, asked) in told.items() if said != asked), "")


def _store(gateway: str, notice: Notice) -> int | None:
    """The number of a message that nobody had before."""
    known = {
        "kind": notice.kind,
        "is_live": notice.is_live,
        "key": notice.key,
        "order_key": notice.order,
        "provider_id": notice.provider_id,
        "payment_ref": notice.facts.payment_ref,
        "amount": notice.amount,
        "currency": notice.currency,
        "facts": notice.facts.as_json(),
        "state": WebhookState.WAITING if notice.is_known else WebhookState.IGNORED,
    }
    with transaction.atomic(durable=True):
        event, is_new = WebhookEvent.objects.get_or_create(gateway=gateway, event_id=notice.event_id, defaults=known)
        if not is_new or not notice.is_known:
            return None
        queue.configure_task(PROCESS_TASK).defer(event_id=event.pk)
    return event.pk


def _process_now(event_id: int) -> None:
    """Best effort: the message is safe, and its job does what could not be done."""
    try:
        process(event_id)
    except (DomainError, DatabaseError) as error:
        log.warning("payments.webhook_left_to_job", event_id=event_id, error=type(error).__name__)


def _session_of(event: WebhookEvent) -> PaymentSession | None:
    """The session that a message is about, by whatever name it has."""
    sessions = PaymentSession.objects.filter(gateway=event.gateway)
    for condition in _names(event):
        found = sessions.filter(condition).first()
        if found is not None:
            return found
    return None


def _names(event: WebhookEvent) -> list[Q]:
    names = [Q(pk=pk) for pk in _uuids(event.key)]
    if event.provider_id:
        names.append(Q(provider_id=event.provider_id))
    if event.payment_ref:
        names.append(Q(payment_ref=event.payment_ref))
    return names


def _uuids(text: str) -> list[UUID]:
    try:
        return [UUID(text)]
    except ValueError:
        return []


def _apply(event_id: int, order: Order, session: PaymentSession) -> bool:
    """Take a message in, unless somebody has; whether it was."""
    event = WebhookEvent.objects.select_for_update().get(pk=event_id)
    if event.state != WebhookState.WAITING:
        return False
    session = PaymentSession.objects.select_related("payment", "order").get(pk=session.pk)
    reason = mismatch(session, notice_of(event))
    event.session = session
    if reason:
        _flag(event, reason, number=order.number, order=str(order.pk))
        return False
    settling.apply(order, session, Facts.from_json(event.facts))
    _finish(event, WebhookState.PROCESSED)
    return True


def _apply_waiting(order: Order, session: PaymentSession) -> None:
    """Take in what came before anybody knew that it is about this session."""
    session.refresh_from_db(fields=["payment_ref"])
    if session.payment_ref:
        waiting = WebhookEvent.objects.filter(
            gateway=session.gateway, payment_ref=session.payment_ref, state=WebhookState.WAITING
        )
        for event_id in waiting.order_by("pk").values_list("pk", flat=True):
            _apply(event_id, order, session)


def _set_aside(event_id: int) -> None:
    """A message about no session that we know: maybe one that we shall know, by the name of its payment."""
    event = WebhookEvent.objects.select_for_update().get(pk=event_id)
    if event.state != WebhookState.WAITING:
        return
    is_clear = bool(event.key or event.provider_id) or not event.payment_ref
    if is_clear or event.received_at < clock.now() - _PATIENCE:
        _flag(event, "unknown")


def _flag(event: WebhookEvent, reason: str, **data: str | int) -> None:
    """Have staff look at it; nothing else comes of it."""
    event.reason = reason
    _finish(event, WebhookState.FLAGGED)
    data |= {"gateway": event.gateway, "kind": event.kind, "event": event.event_id, "reason": reason}
    outbox.publish(Event(events.WEBHOOK_AGGREGATE, str(event.pk), "webhook_event.flagged", data))


def _finish(event: WebhookEvent, state: WebhookState) -> None:
    event.state, event.processed_at = state, clock.now()
    event.save(update_fields=["state", "reason", "session", "processed_at"])


def notice_of(event: WebhookEvent) -> Notice:
    """What a stored message says."""
    return Notice(
        event_id=event.event_id,
        kind=event.kind,
        key=event.key,
        order=event.order_key,
        provider_id=event.provider_id,
        amount=event.amount,
        currency=event.currency,
        is_live=event.is_live,
        facts=Facts.from_json(event.facts),
    )
