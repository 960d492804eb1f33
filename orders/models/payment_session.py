"""Pages to pay on, as the shop knows them."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q

from fantasize.core import clock
from orders.models.order import Order
from orders.models.payment import Payment


class PaymentSessionQuerySet(models.QuerySet["PaymentSession"]):
    """Adjectives for sessions."""

    def unsettled(self) -> "PaymentSessionQuerySet":
        """Those by which money may still come."""
        return self.filter(closed_at=None)


class PaymentSession(models.Model):
    """A page that a provider opens for one payment. Written down before the provider is asked for it.

    Attributes:
        id: our name of it, and the provider's idempotency key: asking again opens no second page.
        provider_id, redirect_url: the provider's name of it and its address; empty until the provider has answered.
        payment_ref: the provider's name of the payment, once there is one.
        facts: what is known of it (``orders.payments.facts``).
        extended_hold: whether the goods were kept longer because of it.
        expires_at: when the page closes.
        opened_at: when the provider had answered.
        asked_at: when the provider was last asked how it stands.
        closed_at: since when no money can come by it any more.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    payment = models.OneToOneField(Payment, on_delete=models.PROTECT, related_name="session")
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="payment_sessions")
    gateway = models.CharField(max_length=20)
    provider_id = models.CharField(max_length=255, blank=True)
    redirect_url = models.TextField(blank=True)
    payment_ref = models.CharField(max_length=255, blank=True)
    facts = models.JSONField(default=dict)
    extended_hold = models.BooleanField(default=False)
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField(default=clock.now)
    opened_at = models.DateTimeField(null=True, blank=True)
    asked_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = PaymentSessionQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["gateway", "provider_id"], condition=~Q(provider_id=""), name="payment_session_opened_once"
            ),
            # Somebody who pays on two pages at once would pay twice.
            models.UniqueConstraint(fields=["order"], condition=Q(closed_at=None), name="payment_session_one_open"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["created_at"], name="payment_session_unsettled", condition=Q(closed_at=None)),
            models.Index(fields=["payment_ref"], name="payment_session_by_payment", condition=~Q(payment_ref="")),
        ]

    def __str__(self) -> str:
        return f"{self.gateway} {self.provider_id or self.pk}"
