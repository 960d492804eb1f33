"""What becomes of an order when its payment provider says something. The caller has a transaction and the order locked.

A payment that comes after the goods were given back is honoured if they can still be had; else the money goes back,
and the shopper is told so.
"""

from decimal import Decimal
from typing import Any

from django.db import transaction

from catalog.errors import CouponInvalidError, OutOfStockError
from fantasize.core import clock, outbox
from fantasize.core.events import Event
from fantasize.core.models import DomainEvent
from orders import events
from orders.enums import OrderStatus, PaymentState, RefundState, Role
from orders.errors import ApprovalMissingError, QuoteNotAcceptedError
from orders.models import Order, Payment, PaymentSession, Refund
from orders.models.refund import MADE_ELSEWHERE
from orders.payments.facts import Facts, state_of
from orders.services import payments
from orders.services.transitions import Move, move_order

ACTOR = "system"
# Why money went back, as the shopper reads it.
PAID_TWICE = "The order had been paid already."
CALLED_OFF = "The order had been called off before the payment arrived."
SOLD_OUT = "The payment arrived after the reservation had ended, and what you ordered is sold out."
NO_COUPON = "The payment arrived after the reservation had ended, and your coupon can be used no more."
NOT_APPROVED = "What you ordered was changed after it had been approved."
BY_PROVIDER = "The payment was given back."


def apply(order: Order, session: PaymentSession, news: Facts) -> None:
    """Add what a provider says to what is known, and do what follows from it; nothing for what was known before.

    Moves stock, writes events, and leaves the order's row as it is to be.
    """
    before = Facts.from_json(session.facts)
    known = before.joined(news)
    if known == before:
        return
    _remember(session, known)
    payment = session.payment
    if known.captured and payment.captured_at is None:
        capture(order, payment)
    elif payment.captured_at is None and payment.state != state_of(known):
        _set_aside(order, payment, state_of(known))
    for name, amount in sorted(known.failed_refunds - before.failed_refunds):
        _take_back(order, payment, name, amount)
    take_over_refunds(order, payment, known)
    if known.is_under_dispute != before.is_under_dispute:
        _mark_dispute(order, payment, is_disputed=known.is_under_dispute)
    if known.is_dispute_lost and not before.is_dispute_lost:
        alert(payment, "dispute_lost", number=order.number)
    update_status(order)


def update_status(order: Order) -> None:
    """Have the order say where its money is."""
    order.refresh_from_db()
    status = payments.status_of(order)
    if order.payment_status != status:
        order.payment_status = status
        order.version += 1
        order.save(update_fields=["payment_status", "version"])


def tell(order: Order, name: str, **details: Any) -> None:
    """``order.<name>``, which leaves the order's status as it is."""
    status = OrderStatus(order.status)
    outbox.publish(
        events.status_changed(
            order.pk, name=name, status=status, previous=status, actor=ACTOR, details=details and dict(details)
        )
    )


def alert(payment: Payment, name: str, **data: Any) -> None:
    """``payment.<name>``: something that staff should look at."""
    data |= {"order": str(payment.order_id), "gateway": payment.gateway}
    outbox.publish(Event(events.PAYMENT_AGGREGATE, str(payment.pk), f"payment.{name}", data))


def alert_once(order: Order, payment: Payment, name: str) -> None:
    """As ``alert``, unless that was said of a payment for the order before."""
    payments_of = [str(pk) for pk in order.payments.values_list("pk", flat=True)]
    said = DomainEvent.objects.filter(aggregate=events.PAYMENT_AGGREGATE, aggregate_id__in=payments_of)
    if not said.filter(name=f"payment.{name}").exists():
        alert(payment, name, number=order.number)


def _remember(session: PaymentSession, known: Facts) -> None:
    session.facts = known.as_json()
    session.payment_ref = known.payment_ref
    if known.is_over and session.closed_at is None:
        session.closed_at = clock.now()
    session.save(update_fields=["facts", "payment_ref", "closed_at"])


def capture(order: Order, payment: Payment) -> None:
    """The money is here: the order goes ahead, or the money back."""
    is_first = not order.payments.captured().exists()
    payment.captured_at, payment.state = clock.now(), PaymentState.PAID
    payment.save(update_fields=["captured_at", "state"])
    refusal = _fulfil(order) if is_first else PAID_TWICE
    if refusal:
        payments.refund(payment, amount=payment.amount, key="not fulfilled")
        tell(order, "refunded", refunded=str(payment.amount), reason=refusal)


def _fulfil(order: Order) -> str:
    """Have the order made; returns why it cannot be."""
    if not waits_for_money(order):
        return CALLED_OFF
    update_status(order)
    try:
        with transaction.atomic():
            tell(order, "paid")
            move_order(order_id=order.pk, move=Move(target=OrderStatus.PROCESSING, actor=ACTOR, role=Role.SYSTEM))
    except OutOfStockError:
        return SOLD_OUT
    except CouponInvalidError:
        return NO_COUPON
    except (ApprovalMissingError, QuoteNotAcceptedError):
        return NOT_APPROVED
    # Another row object was moved: what is told next begins where the order is now.
    order.refresh_from_db()
    return ""


def waits_for_money(order: Order) -> bool:
    """Whether it is made once its money comes: it waits for that, or did until it had waited too long."""
    if _is_forgotten(order):
        return False
    if order.status != OrderStatus.CANCELLED:
        return order.status == OrderStatus.PENDING
    calls_off = DomainEvent.objects.filter(
        aggregate=events.AGGREGATE, aggregate_id=str(order.pk), name="order.cancelled"
    )
    return calls_off.order_by("-seq").values_list("actor", flat=True).first() == ACTOR


def _is_forgotten(order: Order) -> bool:
    """Whether the shop no longer knows where to send it."""
    return not order.shipping_address or bool(order.user and order.user.erased_at)


def _set_aside(order: Order, payment: Payment, state: PaymentState) -> None:
    """No money came: the attempt failed, or nobody made one."""
    payment.state = state
    payment.save(update_fields=["state"])
    if state == PaymentState.FAILED:
        tell(order, "payment_failed")
        alert(payment, "failed", number=order.number)


def _take_back(order: Order, payment: Payment, name: str, amount: Decimal) -> None:
    """A refund did not arrive: the money is owed again. Staff are told, and give it once more."""
    row = _refund_of(payment, name, amount)
    if row is not None and row.state == RefundState.FAILED:
        return
    if row is not None:
        row.state, row.provider_id, row.settled_at = RefundState.FAILED, row.provider_id or name, clock.now()
        row.save(update_fields=["state", "provider_id", "settled_at"])
        payments.book(payment, -row.amount)
    alert(payment, "refund_came_back", number=order.number, amount=str(amount))


def _refund_of(payment: Payment, name: str, amount: Decimal) -> Refund | None:
    """The refund of that name; of those made elsewhere one of that amount, whose names nobody has told us."""
    rows = list(payment.refunds.order_by("created_at", "pk"))
    named = (row for row in rows if name in {str(row.pk), row.provider_id})
    elsewhere = (
        row for row in rows if row.key.startswith(MADE_ELSEWHERE) and not row.provider_id and row.amount == amount
    )
    return next(named, None) or next(elsewhere, None)


def take_over_refunds(order: Order, payment: Payment, known: Facts) -> None:
    """Write down what went back without our asking for it: somebody gave it back at the provider's."""
    if payment.captured_at is None:
        return
    back = min(known.returned, payment.amount) - payment.refunded
    if back >= 0:
        # Whatever became of the calls, all that we wanted back has gone back.
        pending = payment.refunds.filter(state=RefundState.PENDING)
        pending.update(state=RefundState.SUCCEEDED, settled_at=clock.now())
    if back <= 0:
        return
    Refund.objects.create(
        payment=payment,
        key=f"{MADE_ELSEWHERE}number {payment.refunds.count() + 1}",
        amount=back,
        state=RefundState.SUCCEEDED,
        settled_at=clock.now(),
    )
    payments.book(payment, back)
    tell(order, "refunded", refunded=str(back), reason=BY_PROVIDER)
    alert(payment, "refunded_elsewhere", number=order.number, amount=str(Decimal(back)))


def _mark_dispute(order: Order, payment: Payment, *, is_disputed: bool) -> None:
    """An order is disputed while any of its payments is."""
    known = [Facts.from_json(facts) for facts in order.payment_sessions.values_list("facts", flat=True)]
    order.is_disputed = any(facts.is_under_dispute for facts in known)
    order.version += 1
    order.save(update_fields=["is_disputed", "version"])
    alert(payment, "disputed" if is_disputed else "dispute_closed", number=order.number)
