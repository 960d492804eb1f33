"""Sending a shopper to a page to pay on: the intent first, then the provider, then its answer.

A crash anywhere in between is healed by asking again: the provider opens one page per intent.
"""

from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction

from fantasize.core import clock
from fantasize.core.errors import NotFoundError, UnavailableError
from orders import payments as gateways
from orders.enums import OrderStatus, PaymentMethod, PaymentState
from orders.errors import HoldExhaustedError, NotPayableError, PaymentInProgressError, PriceChangedError
from orders.models import Order, Payment, PaymentSession
from orders.payments import calls
from orders.payments.base import Checkout, GatewayDownError, GatewayRefusedError, HostedGateway, OpenedSession
from orders.payments.facts import Facts
from orders.services import approvals, holds, settling

log = structlog.get_logger(__name__)

MAX_EXTENSIONS = 3
# How much longer than the page is open the goods are kept, and the order stays as it is: for the message that somebody
# has paid in its last moment.
_MARGIN = timedelta(minutes=5)
_NO_GATEWAY = "none"


def open_page(*, order_id: UUID, expected_total: Decimal | None = None) -> Payment:
    """A payment with a page to pay on (``payment.session.redirect_url``); the same one while it is open.

    Not in a transaction. Keeps the order's goods until the page has closed. An order that costs nothing goes ahead at
    once, and has no page. Locks the order.

    Raises:
        NotFoundError: there is no such order.
        NotPayableError: it is paid, called off, looked at by staff first, or paid in cash.
        QuoteNotAcceptedError: staff ask more for it, and the shopper has not said yes.
        PriceChangedError: the total is not ``expected_total``.
        PaymentInProgressError: a bank is at it.
        HoldExhaustedError: the goods were kept for payments so often before.
        NoGatewayError: the shop takes no payments online.
        UnavailableError: the provider does not answer; the goods are kept.
    """
    payment = _claim(order_id, expected_total)
    session = getattr(payment, "session", None)
    if session is not None and session.opened_at is None:
        _record(session, _ask(session))
    return payment


def require_not_paying(order: Order) -> None:
    """That nobody can be paying for the order as it is now, nor has a moment ago. The caller holds its lock.

    A page that the provider says is over needs no waiting; one that has only run out may have been paid on.

    Raises:
        PaymentInProgressError: somebody can, or may have.
    """
    session = order.payment_sessions.unsettled().first()
    if session is not None and (_is_completed(session) or clock.now() < session.expires_at + _margin_of(session)):
        raise PaymentInProgressError("The payment page is open. Pay or leave it first.")


def close(session: PaymentSession) -> None:
    """No money is expected by it any more; should some come all the same, it is dealt with. The order is locked."""
    session.closed_at = clock.now()
    session.save(update_fields=["closed_at"])
    payment = session.payment
    if payment.state == PaymentState.PENDING:
        payment.state = PaymentState.EXPIRED
        payment.save(update_fields=["state"])


@transaction.atomic(durable=True)
def _claim(order_id: UUID, expected_total: Decimal | None) -> Payment:
    """The order's open payment, else a new one, written down before anybody is asked."""
    order = Order.objects.select_for_update(no_key=True).filter(pk=order_id).first()
    if order is None:
        raise NotFoundError
    _require_payable(order)
    if expected_total is not None and expected_total != order.total:
        detail = f"The total is now {order.total} {order.currency}."
        raise PriceChangedError(detail, extra={"total": str(order.total)})
    if not order.total:
        return _take_nothing(order)
    return _find_open(order) or _begin(order, gateways.get_hosted())


def _require_payable(order: Order) -> None:
    if order.is_cash:
        raise NotPayableError("The order is paid in cash on delivery.")
    if order.status == OrderStatus.PENDING and order.awaits_acceptance:
        approvals.require_accepted(order)
    if order.status != OrderStatus.PENDING or order.payments.captured().exists():
        raise NotPayableError(f"The order is {OrderStatus(order.status).label.lower()}: there is nothing to pay now.")


def _find_open(order: Order) -> Payment | None:
    """The payment whose page can still be paid on; one that cannot is closed."""
    session = order.payment_sessions.unsettled().select_related("payment").first()
    if session is None:
        return None
    if _is_completed(session):
        raise PaymentInProgressError("The payment is being worked on by a bank.")
    if _is_open(session) and session.payment.amount == order.total:
        return session.payment
    close(session)
    return None


def _is_open(session: PaymentSession) -> bool:
    return session.expires_at > clock.now()


def _margin_of(session: PaymentSession) -> timedelta:
    return _margin(session.expires_at - session.created_at)


def _margin(lifetime: timedelta) -> timedelta:
    return min(_MARGIN, lifetime / 8)


def _is_completed(session: PaymentSession) -> bool:
    return Facts.from_json(session.facts).is_completed


def _begin(order: Order, gateway: HostedGateway) -> Payment:
    expires_at = clock.now() + gateway.session_lifetime()
    extends = _keep_goods_beyond(order, expires_at + _margin(gateway.session_lifetime()))
    payment = Payment.objects.create(
        order=order,
        method=PaymentMethod.HOSTED,
        gateway=gateway.name,
        amount=order.total,
        currency=order.currency,
    )
    PaymentSession.objects.create(
        payment=payment, order=order, gateway=gateway.name, expires_at=expires_at, extended_hold=extends
    )
    settling.update_status(order)
    return payment


def _keep_goods_beyond(order: Order, moment: datetime) -> bool:
    """Whether the goods had to be kept longer for it.

    Raises:
        HoldExhaustedError: that was done too often.
    """
    if holds.are_kept_until(order, moment):
        return False
    if order.payment_sessions.filter(extended_hold=True).count() >= MAX_EXTENSIONS:
        raise HoldExhaustedError("The reservation was extended too often. Place the order anew.")
    holds.keep_until(order, moment)
    return True


def _take_nothing(order: Order) -> Payment:
    payment = Payment.objects.create(
        order=order, method=PaymentMethod.HOSTED, gateway=_NO_GATEWAY, amount=order.total, currency=order.currency
    )
    settling.capture(order, payment)
    settling.update_status(order)
    return payment


def _ask(session: PaymentSession) -> OpenedSession:
    """The provider's page for an intent.

    Raises:
        UnavailableError: there is none to be had.
    """
    gateway = gateways.get_hosted(session.gateway)
    try:
        return calls.call_out(gateway.name, lambda: gateway.open_session(_checkout(session)))
    except UnavailableError as error:
        # The provider would go on saying so under this name: the next call takes another one.
        if isinstance(error.__cause__, GatewayDownError) and error.__cause__.is_final:
            _give_up(session)
        raise
    except GatewayRefusedError as error:
        log.error("payments.session_refused", session=str(session.pk), reason=str(error))  # noqa: TRY400 - no stack
        _give_up(session, is_refused=True)
        raise calls.unavailable() from None


def _checkout(session: PaymentSession) -> Checkout:
    payment, order = session.payment, session.order
    return Checkout(
        key=str(session.pk),
        order=str(order.pk),
        number=order.number,
        amount=payment.amount,
        currency=payment.currency,
        expires_at=session.expires_at,
        success_url=_return_url(session, "paid"),
        cancel_url=_return_url(session, "cancelled"),
    )


def _return_url(session: PaymentSession, outcome: str) -> str:
    """Where the shopper comes back to. It says nothing about whether anything was paid."""
    own = settings.PAYMENT_RETURN_URL
    if own:
        return str(own).replace("{order}", str(session.order_id)).replace("{outcome}", outcome)
    return f"{settings.PUBLIC_BASE_URL}/pay/return/{session.pk}"


@transaction.atomic(durable=True)
def _record(session: PaymentSession, opened: OpenedSession) -> None:
    """Keep the provider's answer; it is the same for everybody who asked."""
    session.provider_id, session.redirect_url = opened.provider_id, opened.redirect_url
    session.expires_at, session.opened_at = opened.expires_at, clock.now()
    session.save(update_fields=["provider_id", "redirect_url", "expires_at", "opened_at"])


@transaction.atomic(durable=True)
def _give_up(session: PaymentSession, *, is_refused: bool = False) -> None:
    """Nobody gets to see the page. Staff are told, once of each order, if it is the provider that will not have it."""
    order = Order.objects.select_for_update(no_key=True).get(pk=session.order_id)
    close(PaymentSession.objects.select_related("payment").get(pk=session.pk))
    settling.update_status(order)
    if is_refused:
        settling.alert_once(order, session.payment, "page_refused")
