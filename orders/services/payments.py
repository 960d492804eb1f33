"""Money received and given back. Runs in the caller's transaction, the order locked."""

from decimal import Decimal

from django.db.models import F

from orders.enums import PaymentMethod, PaymentStatus
from orders.models import Order, Payment


def record_cash(order: Order) -> None:
    """The courier was paid: the order's whole total in cash. Does nothing for orders paid otherwise."""
    if not order.is_cash:
        return
    Payment.objects.create(
        order=order,
        method=PaymentMethod.CASH_ON_DELIVERY,
        gateway=PaymentMethod.CASH_ON_DELIVERY,
        amount=order.total,
        currency=order.currency,
    )
    order.payment_status = PaymentStatus.PAID


def refund_everything(order: Order) -> Decimal:
    """Give back all that was captured and not yet given back; returns how much that was."""
    payments = list(order.payments.filter(refunded__lt=F("amount")).select_for_update().order_by("pk"))
    amount = sum((payment.amount - payment.refunded for payment in payments), start=Decimal(0))
    if amount:
        order.payments.filter(pk__in=[payment.pk for payment in payments]).update(refunded=F("amount"))
        order.payment_status = PaymentStatus.REFUNDED
    return amount
