"""Orders that staff prepare for somebody."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from fantasize.core import clock
from fantasize.core.fields import MoneyField
from orders.models.order import Order


class DraftOrder(models.Model):
    """What somebody might order, as staff noted it; it holds no stock. Written by ``orders.services.drafts``.

    Attributes:
        customer: whose account; null for a guest, who has an ``email``.
        body: as ``POST /orders`` takes it.
        note: a word among staff.
        total: what it came to when it was saved last.
        order: what became of it.
        created_by: who, as text.
        version: counts changes.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    customer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="order_drafts"
    )
    email = models.EmailField(blank=True)
    body = models.JSONField(default=dict)
    note = models.TextField(blank=True, max_length=1000)
    total = MoneyField()
    currency = models.CharField(max_length=3)
    order = models.OneToOneField(Order, on_delete=models.CASCADE, null=True, blank=True, related_name="draft")
    created_by = models.CharField(max_length=120)
    created_at = models.DateTimeField(default=clock.now)
    updated_at = models.DateTimeField(default=clock.now)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = "draft order"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(customer=None) | Q(email=""), name="draft_order_one_customer"),
            models.CheckConstraint(condition=Q(customer__isnull=False) | ~Q(email=""), name="draft_order_of_somebody"),
        ]
        indexes: ClassVar = [models.Index(fields=["-updated_at", "id"], name="draft_order_latest")]

    def __str__(self) -> str:
        return f"Draft for {self.customer.email if self.customer else self.email}"
