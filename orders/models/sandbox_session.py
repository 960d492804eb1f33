"""What the sandbox knows: the provider's side of payments that move no money."""

from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.db.models import Q

from fantasize.core import clock
from fantasize.core.fields import MoneyField


class SandboxSession(models.Model):
    """A page of the sandbox. Only ``orders.payments.sandbox`` reads and writes it, as a provider's own books.

    Attributes:
        provider_id: unguessable; whoever has it may pay.
        key: under which the shop asked for it.
        is_completed, is_paid, is_failed, is_cancelled: what was pressed on it, and came of it.
        pays_at: when a late payment arrives.
        refunds: what went back, by the shop's key.
    """

    provider_id = models.CharField(max_length=80, primary_key=True)
    key = models.CharField(max_length=255, unique=True)
    order = models.CharField(max_length=40)
    number = models.PositiveBigIntegerField()
    amount = MoneyField()
    refunds = models.JSONField(default=dict)
    currency = models.CharField(max_length=3)
    success_url = models.TextField()
    cancel_url = models.TextField()
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField(default=clock.now)
    is_completed = models.BooleanField(default=False)
    is_paid = models.BooleanField(default=False)
    is_failed = models.BooleanField(default=False)
    is_cancelled = models.BooleanField(default=False)
    pays_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(is_paid=True, is_failed=True), name="sandbox_session_one_outcome"),
        ]

    def __str__(self) -> str:
        return f"Sandbox page of order {self.number}"

    @property
    def refunded(self) -> Decimal:
        """What went back in all."""
        return sum(map(Decimal, self.refunds.values()), start=Decimal(0))

    @property
    def is_open(self) -> bool:
        """Whether somebody can still pay on it."""
        return not (self.is_completed or self.is_cancelled or self.expires_at <= clock.now())
