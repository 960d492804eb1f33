"""Asking providers about pages that they have not told us of: messages get lost."""

from datetime import timedelta
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import F, Q, QuerySet

from fantasize.core import clock
from fantasize.core.errors import UnavailableError
from orders import payments as gateways
from orders.models import Order, PaymentSession
from orders.payments import calls
from orders.payments.base import GatewayRefusedError, HostedGateway, Notice
from orders.services import checkout_sessions, refunding, settling, webhooks

log = structlog.get_logger(__name__)

# How long a page may stay silent, and how often it is asked about; seldom, long after it has closed.
SILENCE = timedelta(minutes=1)
_SELDOM = timedelta(hours=1)
_LONG_AFTER = timedelta(hours=2)


def reconcile(*, limit: int = 100) -> int:
    """Bring to its end what is left lying: messages, refunds, silent pages; returns how many pages were asked about.

    Not in a transaction.
    """
    webhooks.process_left_lying()
    refunding.execute_left_lying()
    _close_never_opened()
    return sum(_ask(session) for session in _silent()[:limit])


def end_pages_of(order_id: str) -> None:
    """An order is over: nobody should pay for it any more. Best effort; a payment all the same is given back."""
    sessions = PaymentSession.objects.unsettled().filter(order=UUID(order_id)).exclude(provider_id="")
    for session in sessions:
        if gateway := gateways.find_hosted(session.gateway):
            _end_page(gateway, session)


def _end_page(gateway: HostedGateway, session: PaymentSession) -> None:
    try:
        calls.call_out(gateway.name, lambda: gateway.expire_session(session.provider_id))
    except (UnavailableError, GatewayRefusedError) as error:
        log.info("payments.page_not_ended", session=str(session.pk), error=type(error).__name__)


def _silent() -> QuerySet[PaymentSession]:
    """Those that were not asked about for long enough, the longest first."""
    now = clock.now()
    recent = Q(expires_at__gte=now - _LONG_AFTER) & (Q(asked_at=None) | Q(asked_at__lt=now - SILENCE))
    old = Q(expires_at__lt=now - _LONG_AFTER) & (Q(asked_at=None) | Q(asked_at__lt=now - _SELDOM))
    opened = PaymentSession.objects.unsettled().filter(recent | old, opened_at__lt=now - SILENCE)
    return opened.order_by(F("asked_at").asc(nulls_first=True), "created_at")


def _ask(session: PaymentSession) -> bool:
    """Ask about one page, and do what follows; whether it was answered."""
    gateway = gateways.find_hosted(session.gateway)
    if gateway is None:
        return False
    try:
        notice = calls.call_out(gateway.name, lambda: gateway.fetch_session(session.provider_id))
    except UnavailableError:
        return False
    except GatewayRefusedError as error:
        log.warning("payments.page_not_known", session=str(session.pk), reason=str(error))
        # Others have their turn first.
        PaymentSession.objects.filter(pk=session.pk).update(asked_at=clock.now())
        return False
    _take_in(session, notice)
    return True


@transaction.atomic(durable=True)
def _take_in(session: PaymentSession, notice: Notice) -> None:
    order = Order.objects.select_for_update(no_key=True).get(pk=session.order_id)
    session = PaymentSession.objects.select_related("payment", "order").get(pk=session.pk)
    session.asked_at = clock.now()
    session.save(update_fields=["asked_at"])
    reason = webhooks.mismatch(session, notice)
    if not reason:
        settling.apply(order, session, notice.facts)
    elif notice.facts.captured:
        _flag_once(session, reason)


def _flag_once(session: PaymentSession, reason: str) -> None:
    """Have staff look at money that does not fit; the page is not asked about again."""
    checkout_sessions.close(session)
    settling.alert(session.payment, "flagged", number=session.order.number, reason=reason)


def _close_never_opened() -> None:
    """Intents whose page nobody ever got to see, because the call was cut off: once it must have closed."""
    abandoned = PaymentSession.objects.unsettled().filter(opened_at=None, expires_at__lt=clock.now())
    for session in abandoned.select_related("payment")[:100]:
        with transaction.atomic(durable=True):
            order = Order.objects.select_for_update(no_key=True).get(pk=session.order_id)
            session.refresh_from_db()
            if session.opened_at is None and session.closed_at is None:
                checkout_sessions.close(session)
                settling.update_status(order)
