"""Money received for orders, and given back."""

import uuid
from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from fantasize.core import clock
from fantasize.core.fields import MoneyField
from orders.enums import PaymentMethod, PaymentState
from orders.models.order import Order

_OPEN = (PaymentState.PENDING, PaymentState.FAILED, PaymentState.EXPIRED)


class PaymentQuerySet(models.QuerySet["Payment"]):
    """Adjectives for payments."""

    def captured(self) -> "PaymentQuerySet":
        """Those whose money came in, whatever became of it."""
        return self.filter(captured_at__isnull=False)


class Payment(models.Model):
    """One attempt to pay for an order, and the money that came of it. ``refunded`` never exceeds ``amount``.

    Attributes:
        amount: what is asked for, and from ``captured_at`` on what came in.
        refunded: what went back, and what is on its way.
        captured_at: when the money came; None while it has not.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="payments")
    method = models.CharField(max_length=20, choices=PaymentMethod)
    gateway = models.CharField(max_length=20)
    state = models.CharField(max_length=20, choices=PaymentState, default=PaymentState.PENDING)
    amount = MoneyField()
    refunded = MoneyField(default=0)
    currency = models.CharField(max_length=3)
    created_at = models.DateTimeField(default=clock.now)
    captured_at = models.DateTimeField(null=True, blank=True)

    objects = PaymentQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(amount__gte=0), name="payment_amount_not_negative"),
            models.CheckConstraint(
                condition=Q(refunded__gte=0, refunded__lte=F("amount")), name="payment_refunded_within_amount"
            ),
            models.CheckConstraint(condition=Q(state__in=PaymentState.values), name="payment_state_known"),
            models.CheckConstraint(
                condition=Q(captured_at=None, state__in=_OPEN, refunded=0)
                | (Q(captured_at__isnull=False) & ~Q(state__in=_OPEN)),
                name="payment_captured_as_its_state_says",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"

    @property
    def refundable(self) -> Decimal:
        """What can still go back."""
        return self.amount - self.refunded if self.captured_at else Decimal(0)
