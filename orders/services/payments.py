"""Money received and given back. Runs in the caller's transaction, the order locked."""

from decimal import Decimal

from procrastinate.contrib.django import app as queue

from fantasize.core import clock
from fantasize.core.errors import InvalidError
from orders.enums import PaymentMethod, PaymentState, PaymentStatus, RefundState
from orders.models import Order, Payment, Refund
from orders.payments.cash_on_delivery import CashOnDelivery
from orders.payments.facts import refund_state

REFUND_TASK = "orders.tasks.execute_refund"
# Why a refund was made of everything that was left: there is only one such of each payment at a time.
_ALL = "everything"


def record_cash(order: Order) -> None:
    """The courier was paid: the order's whole total in cash. Does nothing for orders paid otherwise."""
    if not order.is_cash:
        return
    Payment.objects.create(
        order=order,
        method=PaymentMethod.CASH_ON_DELIVERY,
        gateway=CashOnDelivery.name,
        state=PaymentState.PAID,
        amount=order.total,
        currency=order.currency,
        captured_at=clock.now(),
    )
    order.payment_status = PaymentStatus.PAID


def refund_everything(order: Order) -> Decimal:
    """Give back all that was captured and is not on its way back; returns how much that was.

    What was paid on a page is asked back from its provider by a job; cash is only written down.
    """
    amount = Decimal(0)
    for payment in order.payments.captured().order_by("pk"):
        if left := payment.refundable:
            refund(payment, amount=left, key=f"{_ALL} after {payment.refunded}")
            amount += left
    if amount:
        order.payment_status = status_of(order)
    return amount


def refund(payment: Payment, *, amount: Decimal, key: str) -> Refund:
    """Give a part of a payment back, once under ``key``; the caller says so to the customer.

    The refund is written down now, and carried out by a job after the commit. What the order's ``payment_status`` is
    then says ``status_of``.

    Raises:
        InvalidError: it is nothing, or more than is left of the payment.
    """
    known = payment.refunds.filter(key=key).exclude(state=RefundState.FAILED).first()
    if known is not None:
        return known
    # Somebody may have given a part back since it was read.
    payment.refresh_from_db(fields=["refunded", "state", "captured_at"])
    if not 0 < amount <= payment.refundable:
        raise InvalidError.at("/amount", "There is not so much to give back.", code="out_of_range")
    row = Refund(payment=payment, key=key, amount=amount)
    if payment.gateway == CashOnDelivery.name:
        row.state, row.settled_at = RefundState.SUCCEEDED, clock.now()
    row.save(force_insert=True)
    book(payment, amount)
    if row.state == RefundState.PENDING:
        queue.configure_task(REFUND_TASK).defer(refund_id=str(row.pk))
    return row


def book(payment: Payment, back: Decimal) -> None:
    """Note that ``back`` more of the payment is returned; less than nothing for what could not be."""
    payment.refunded += back
    payment.state = refund_state(payment.amount, payment.refunded)
    payment.save(update_fields=["refunded", "state"])


def status_of(order: Order) -> PaymentStatus:
    """Where the order's money is, by its payments. One query."""
    payments = list(order.payments.select_related("session").order_by("created_at", "pk"))
    captured = [payment for payment in payments if payment.captured_at]
    if captured:
        return _status_of_captured(order.total, captured)
    latest = payments[-1] if payments else None
    if latest is None or latest.state == PaymentState.EXPIRED:
        return PaymentStatus.UNPAID
    if latest.state == PaymentState.FAILED:
        return PaymentStatus.FAILED
    # The page is open; only who has gone through it waits for a bank.
    return PaymentStatus.PENDING if latest.session.facts.get("is_completed") else PaymentStatus.UNPAID


def _status_of_captured(total: Decimal, payments: list[Payment]) -> PaymentStatus:
    """Who has paid twice and got one payment back has paid."""
    refunded = sum((payment.refunded for payment in payments), start=Decimal(0))
    kept = sum((payment.amount for payment in payments), start=Decimal(0)) - refunded
    if not refunded or kept >= total > 0:
        return PaymentStatus.PAID
    return PaymentStatus.PARTIALLY_REFUNDED if kept else PaymentStatus.REFUNDED
