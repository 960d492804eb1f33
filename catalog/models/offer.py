"""What makes things cheaper: offers, price breaks and coupons."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper

from catalog.models.constraints import exactly_one
from catalog.models.package import Package
from catalog.models.product import Product
from catalog.models.taxonomy import Category
from fantasize.core import clock
from fantasize.core.fields import MoneyField


class Discount(models.Model):
    """So many percent, or an amount, within a window of time; ``ends_at`` is not within it, and null is never."""

    percent = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    amount = MoneyField(null=True, blank=True)
    starts_at = models.DateTimeField(default=clock.now)
    ends_at = models.DateTimeField(null=True, blank=True)
    is_active = models.BooleanField("active", default=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        abstract = True
        constraints: ClassVar = [
            models.CheckConstraint(condition=exactly_one("percent", "amount"), name="%(class)s_percent_or_amount"),
            models.CheckConstraint(
                condition=Q(percent=None) | Q(percent__gt=0, percent__lte=100), name="%(class)s_percent_is_percent"
            ),
            models.CheckConstraint(condition=Q(amount=None) | Q(amount__gt=0), name="%(class)s_amount_positive"),
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gt=F("starts_at")), name="%(class)s_ends_after_start"
            ),
        ]


class Offer(Discount):
    """A lower price for these products and packages, and for everything in these categories and below them.

    The best one for the buyer applies, never two.
    """

    name = models.CharField(max_length=120)
    products = models.ManyToManyField(Product, blank=True, related_name="offers")
    packages = models.ManyToManyField(Package, blank=True, related_name="offers")
    categories = models.ManyToManyField(Category, blank=True, related_name="offers")
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta(Discount.Meta):
        indexes: ClassVar = [
            models.Index(fields=["starts_at", "ends_at"], name="offer_window", condition=Q(is_active=True)),
            models.Index(fields=["ends_at"], name="offer_end", condition=Q(is_active=True)),
        ]

    def __str__(self) -> str:
        return self.name


class PriceBreak(models.Model):
    """A lower unit price for whoever takes at least so many of one thing in one order."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, null=True, blank=True, related_name="price_breaks")
    package = models.ForeignKey(Package, on_delete=models.CASCADE, null=True, blank=True, related_name="price_breaks")
    min_quantity = models.PositiveIntegerField()
    percent = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    unit_price = MoneyField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1, db_default=1, editable=False)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=exactly_one("product", "package"), name="pricebreak_one_target"),
            models.CheckConstraint(condition=exactly_one("percent", "unit_price"), name="pricebreak_percent_or_price"),
            models.CheckConstraint(
                condition=Q(percent=None) | Q(percent__gt=0, percent__lte=100), name="pricebreak_percent_is_percent"
            ),
            models.CheckConstraint(
                condition=Q(unit_price=None) | Q(unit_price__gte=0), name="pricebreak_price_not_negative"
            ),
            models.CheckConstraint(condition=Q(min_quantity__gte=2), name="pricebreak_from_two"),
            models.UniqueConstraint(fields=["product", "min_quantity"], name="pricebreak_once_per_product"),
            models.UniqueConstraint(fields=["package", "min_quantity"], name="pricebreak_once_per_package"),
        ]

    def __str__(self) -> str:
        return f"from {self.min_quantity}"


class Coupon(Discount):
    """A code that makes an order cheaper; never listed to shoppers.

    Attributes:
        code: compared without regard to case.
        min_total: what the order's items must come to.
        max_uses, max_uses_per_customer: null is as often as one likes.
    """

    code = models.CharField(max_length=40)
    min_total = MoneyField(default=0)
    max_uses = models.PositiveIntegerField(null=True, blank=True)
    max_uses_per_customer = models.PositiveIntegerField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta(Discount.Meta):
        constraints: ClassVar = [
            *Discount.Meta.constraints,
            models.UniqueConstraint(Upper("code"), name="coupon_code_once"),
            models.CheckConstraint(condition=Q(min_total__gte=0), name="coupon_min_total_not_negative"),
            models.CheckConstraint(condition=Q(max_uses=None) | Q(max_uses__gte=1), name="coupon_uses_positive"),
            models.CheckConstraint(
                condition=Q(max_uses_per_customer=None) | Q(max_uses_per_customer__gte=1),
                name="coupon_uses_per_customer_positive",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class CouponRedemption(models.Model):
    """One use of a coupon by one order; released when the order's hold is.

    Attributes:
        reference: the order's id.
        customer: who used it, as text: ``user:<id>``, or ``email:<normalised address>`` of a guest.
    """

    coupon = models.ForeignKey(Coupon, on_delete=models.PROTECT, related_name="redemptions")
    reference = models.CharField(max_length=64)
    customer = models.CharField(max_length=320)
    amount = MoneyField()
    created_at = models.DateTimeField(default=clock.now)
    released_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["reference"], condition=Q(released_at=None), name="couponredemption_one_per_order"
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["coupon", "customer"], name="couponredemption_by_customer", condition=Q(released_at=None)
            ),
        ]

    def __str__(self) -> str:
        return f"coupon {self.coupon_id} for {self.reference}"
