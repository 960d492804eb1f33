"""The order itself, and the counter its number comes from."""

import uuid
from collections.abc import Sequence
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from fantasize.core import clock
from fantasize.core.fields import MoneyField
from orders.enums import OrderSource, OrderStatus, PaymentMethod, PaymentStatus


class OrderQuerySet(models.QuerySet["Order"]):
    """Adjectives for orders."""

    def with_lines(self) -> "OrderQuerySet":
        """With everything a representation shows; one query more, however many orders and lines."""
        from orders.models.line import lines_in_order  # noqa: PLC0415 - lines name their order

        return self.select_related("user").prefetch_related(lines_in_order())


class Order(models.Model):
    """What one person bought at one moment. ``status`` is written by ``orders.services.transitions`` alone.

    Attributes:
        group: what orders have in common that were placed as one, to be sent in parts.
        siblings: the others of its group, if ``selectors.attach_siblings`` has read them.
        access_token: what a guest reads it by; known only to who has just placed it.
    """

    siblings: "Sequence[Order]" = ()
    access_token = ""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.PositiveBigIntegerField(unique=True, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="orders"
    )
    email = models.EmailField(blank=True)
    status = models.CharField(max_length=20, choices=OrderStatus)
    payment_status = models.CharField(max_length=20, choices=PaymentStatus, default=PaymentStatus.UNPAID)
    payment_method = models.CharField(max_length=20, choices=PaymentMethod)
    source = models.CharField(max_length=10, choices=OrderSource, default=OrderSource.SHOP)
    currency = models.CharField(max_length=3)
    items_total = MoneyField()
    discount_total = MoneyField(default=0)
    shipping_total = MoneyField(default=0)
    tax_total = MoneyField(default=0, help_text="What comes on top of the prices.")
    tax_included_total = MoneyField(default=0, help_text="What the prices contain.")
    total = MoneyField()
    coupon = models.CharField(max_length=40, blank=True)
    shipping_method = models.CharField(max_length=40, blank=True)
    stages = models.JSONField(default=list, help_text="How the total came about, step by step.")
    taxes = models.JSONField(default=list, help_text="Each rate: what it is of, and what it comes to.")
    shipping_address = models.JSONField(default=dict)
    is_gift = models.BooleanField(default=False)
    gift_message = models.TextField(blank=True)
    recipient_name = models.CharField(max_length=150, blank=True, default="")
    recipient_email = models.EmailField(blank=True, default="")
    is_anonymous = models.BooleanField(default=False, help_text="The recipient never learns who bought it.")
    is_disputed = models.BooleanField(default=False)
    awaits_acceptance = models.BooleanField(
        default=False, db_default=False, help_text="Staff asked for more; the shopper has not said yes yet."
    )
    group = models.UUIDField(null=True, blank=True)
    reference = models.CharField(
        max_length=40, blank=True, help_text="The order's name in the system it was imported from."
    )
    carrier = models.CharField(max_length=80, blank=True)
    tracking_number = models.CharField(max_length=120, blank=True)
    hold_expires_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    placed_at = models.DateTimeField(default=clock.now)
    under_review_at = models.DateTimeField(null=True, blank=True)
    pending_at = models.DateTimeField(null=True, blank=True)
    processing_at = models.DateTimeField(null=True, blank=True)
    processed_at = models.DateTimeField(null=True, blank=True)
    shipped_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    rejected_at = models.DateTimeField(null=True, blank=True)
    returned_at = models.DateTimeField(null=True, blank=True)

    objects = OrderQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(total__gte=0), name="order_total_not_negative"),
            models.CheckConstraint(condition=Q(status__in=OrderStatus.values), name="order_status_known"),
            models.UniqueConstraint(fields=["reference"], condition=~Q(reference=""), name="order_imported_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["-placed_at", "-number"], name="order_newest"),
            models.Index(fields=["status", "-placed_at"], name="order_by_status"),
            models.Index(fields=["user", "-placed_at"], name="order_by_user"),
            models.Index(fields=["email"], name="order_by_email", opclasses=["varchar_pattern_ops"]),
            models.Index(fields=["group"], name="order_by_group", condition=Q(group__isnull=False)),
            models.Index(fields=["placed_at"], name="order_awaits_acceptance", condition=Q(awaits_acceptance=True)),
            models.Index(
                fields=["hold_expires_at"],
                name="order_hold_expiry",
                condition=Q(status__in=[OrderStatus.PENDING, OrderStatus.UNDER_REVIEW], hold_expires_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"Order {self.number}"

    @property
    def asks_for_acceptance(self) -> bool:
        """Whether the shopper can say yes to what staff ask more for; nobody is asked once it was called off."""
        return self.awaits_acceptance and self.status == OrderStatus.PENDING

    @property
    def is_cash(self) -> bool:
        """Whether it is paid in cash on delivery."""
        return self.payment_method == PaymentMethod.CASH_ON_DELIVERY


class OrderCounter(models.Model):
    """The last order number given out; one row, locked last, so that numbers have no holes."""

    last_number = models.PositiveBigIntegerField()

    def __str__(self) -> str:
        return str(self.last_number)
