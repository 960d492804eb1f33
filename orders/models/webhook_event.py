"""What payment providers have told us."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from fantasize.core import clock
from fantasize.core.fields import MoneyField
from orders.enums import WebhookState
from orders.models.payment_session import PaymentSession


class WebhookEvent(models.Model):
    """A signed message, stored before it is answered. Who paid is not kept: only what the shop acts on.

    Attributes:
        event_id: the provider's number; a repetition has the same one.
        kind: what happened, in the provider's words.
        key, order_key, provider_id: how it names the session and the order; as they came, so they may name nothing.
        payment_ref: the provider's name of the payment.
        facts: what it tells (``orders.payments.facts``).
        reason: why somebody has to look at it.
    """

    gateway = models.CharField(max_length=20)
    event_id = models.CharField(max_length=120)
    kind = models.CharField(max_length=120)
    is_live = models.BooleanField()
    key = models.CharField(max_length=255, blank=True)
    order_key = models.CharField(max_length=255, blank=True)
    provider_id = models.CharField(max_length=255, blank=True)
    payment_ref = models.CharField(max_length=255, blank=True)
    amount = MoneyField(null=True, blank=True)
    currency = models.CharField(max_length=10, blank=True)
    facts = models.JSONField(default=dict)
    session = models.ForeignKey(PaymentSession, on_delete=models.PROTECT, null=True, blank=True, related_name="events")
    state = models.CharField(max_length=10, choices=WebhookState, default=WebhookState.WAITING)
    reason = models.CharField(max_length=40, blank=True)
    received_at = models.DateTimeField(default=clock.now)
    processed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["gateway", "event_id"], name="webhook_event_once"),
            models.CheckConstraint(condition=Q(state__in=WebhookState.values), name="webhook_event_state_known"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["received_at"], name="webhook_event_waiting", condition=Q(state=WebhookState.WAITING)),
            models.Index(fields=["-received_at"], name="webhook_event_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.gateway} {self.kind}"
