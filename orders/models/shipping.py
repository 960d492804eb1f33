"""How things are sent, and what that costs."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from catalog.models import TaxClass
from fantasize.core.fields import MoneyField
from fantasize.core.statements import Slot
from orders.enums import ShippingKind


class ShippingMethodQuerySet(models.QuerySet["ShippingMethod"]):
    """Adjectives for shipping methods."""

    def serving(self, country: str | Slot) -> "ShippingMethodQuerySet":
        """Those in use that go to a country, by its code; to nowhere in particular go those that go everywhere."""
        return self.filter(Q(countries=[]) | Q(countries__contains=[country]), is_active=True)


class ShippingMethod(models.Model):
    """A way to send an order.

    Attributes:
        code: what orders and shoppers name it by.
        countries: ISO 3166-1 codes; empty is everywhere.
        price: of every parcel, if it is flat; else its bands say.
        free_above: what the goods must come to, the coupon taken off, for it to cost nothing.
        tax_class: None is the default one.
        position: of those that cost the same, the first one is proposed.
    """

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    countries = ArrayField(models.CharField(max_length=2), default=list, blank=True)
    kind = models.CharField(max_length=10, choices=ShippingKind, default=ShippingKind.FLAT)
    price = MoneyField(null=True, blank=True)
    free_above = MoneyField(null=True, blank=True)
    tax_class = models.ForeignKey(
        TaxClass, on_delete=models.PROTECT, null=True, blank=True, related_name="shipping_methods"
    )
    position = models.PositiveIntegerField(default=0)
    is_active = models.BooleanField("active", default=True)

    objects = ShippingMethodQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(kind__in=ShippingKind.values), name="shippingmethod_kind_known"),
            models.CheckConstraint(
                condition=Q(kind=ShippingKind.FLAT, price__isnull=False, price__gte=0)
                | (~Q(kind=ShippingKind.FLAT) & Q(price=None)),
                name="shippingmethod_price_if_flat",
            ),
            models.CheckConstraint(
                condition=Q(free_above=None) | Q(free_above__gte=0), name="shippingmethod_free_above_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ShippingBand(models.Model):
    """From ``minimum`` on, in grams or as an amount, a parcel costs ``price``; null: it is not sent like this."""

    method = models.ForeignKey(ShippingMethod, on_delete=models.CASCADE, related_name="bands")
    minimum = models.DecimalField(max_digits=14, decimal_places=3)
    price = MoneyField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["method", "minimum"], name="shippingband_once"),
            models.CheckConstraint(condition=Q(minimum__gte=0), name="shippingband_minimum_not_negative"),
            models.CheckConstraint(condition=Q(price=None) | Q(price__gte=0), name="shippingband_price_not_negative"),
        ]

    def __str__(self) -> str:
        return f"from {self.minimum.normalize():f}"
