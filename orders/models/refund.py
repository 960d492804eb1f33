"""Money that goes back."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Exists, OuterRef, Q

from fantasize.core import clock
from fantasize.core.fields import MoneyField
from orders.enums import RefundState
from orders.models.payment import Payment

# How the key of a refund begins that somebody made at the provider's, without our asking for it.
MADE_ELSEWHERE = "provider: "


class RefundQuerySet(models.QuerySet["Refund"]):
    """Adjectives for refunds."""

    def refused(self) -> "RefundQuerySet":
        """Those of ours that a provider would not carry out, and that nobody asked for again since, here or there."""
        is_later = Q(created_at__gt=OuterRef("created_at"))
        again = Q(is_later | ~Q(state=RefundState.FAILED), key=OuterRef("key"))
        is_elsewhere = Q(key__startswith=MADE_ELSEWHERE)
        elsewhere = Q(is_later, is_elsewhere, ~Q(state=RefundState.FAILED))
        later = Refund.objects.filter(again | elsewhere, payment=OuterRef("payment"))
        return self.filter(~Exists(later), ~is_elsewhere, state=RefundState.FAILED)


class Refund(models.Model):
    """A part of a payment that goes back, written down before the provider is asked for it.

    Attributes:
        id: our name of it, and the provider's idempotency key.
        key: what makes it this refund and no other, within its payment.
        provider_id: the provider's name of it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="refunds")
    key = models.CharField(max_length=255)
    amount = MoneyField()
    state = models.CharField(max_length=10, choices=RefundState, default=RefundState.PENDING)
    provider_id = models.CharField(max_length=255, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    settled_at = models.DateTimeField(null=True, blank=True)

    objects = RefundQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            # What the provider would not do may be asked for again.
            models.UniqueConstraint(
                fields=["payment", "key"], condition=~Q(state=RefundState.FAILED), name="refund_once_under_its_key"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="refund_amount_positive"),
            models.CheckConstraint(
                condition=Q(state=RefundState.PENDING, settled_at=None)
                | (Q(settled_at__isnull=False) & ~Q(state=RefundState.PENDING)),
                name="refund_settled_when_not_pending",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["created_at"], name="refund_pending", condition=Q(state=RefundState.PENDING)),
        ]

    def __str__(self) -> str:
        return f"{self.amount} back"
