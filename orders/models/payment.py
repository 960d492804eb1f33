"""Money received for orders, and given back."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from fantasize.core import clock
from fantasize.core.fields import MoneyField
from orders.enums import PaymentMethod
from orders.models.order import Order


class Payment(models.Model):
    """Money captured for an order. ``refunded`` never exceeds ``amount``."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="payments")
    method = models.CharField(max_length=20, choices=PaymentMethod)
    gateway = models.CharField(max_length=20)
    amount = MoneyField()
    refunded = MoneyField(default=0)
    currency = models.CharField(max_length=3)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(amount__gte=0), name="payment_amount_not_negative"),
            models.CheckConstraint(
                condition=Q(refunded__gte=0, refunded__lte=F("amount")), name="payment_refunded_within_amount"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"
