"""Several products sold together."""

from decimal import Decimal
from functools import cached_property
from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Prefetch, Q

from catalog.enums import StockStatus
from catalog.models.constraints import exactly_one
from catalog.models.product import Product
from catalog.models.sellable import SEARCH_COLUMNS, Sellable
from fantasize.core.fields import MoneyField


class PackageQuerySet(models.QuerySet["Package"]):
    """Adjectives for packages."""

    def active(self) -> "PackageQuerySet":
        """Those that shoppers may see."""
        return self.filter(is_active=True)

    def in_stock(self) -> "PackageQuerySet":
        """Those that can be sold at least once: there is enough of every part, and none is hidden."""
        return self.filter(~Exists(missing_parts()))

    def with_parts(self) -> "PackageQuerySet":
        """Each with its parts in their order, and their stock. One query for all."""
        unread = [f"product__{column}" for column in ("description", *SEARCH_COLUMNS)]
        parts = PackageItem.objects.select_related("product__stock").defer(*unread).order_by("position", "pk")
        return self.prefetch_related(Prefetch("items", queryset=parts))

    def out_of_stock(self) -> "PackageQuerySet":
        """Those that cannot be sold now."""
        return self.exclude(pk__in=self.model._default_manager.in_stock().values("pk"))  # noqa: SLF001 - Django's documented interface


def missing_parts() -> "models.QuerySet[PackageItem]":
    """For a subquery: the parts that keep the outer package from being sold."""
    needed = F("product__stock__held") + F("quantity")
    is_missing = Q(product__is_active=False) | Q(product__stock__on_hand__lt=needed)
    return PackageItem.objects.filter(is_missing, package=OuterRef("pk"))


class Package(Sellable):
    """Products sold together. Written by ``catalog.services.packages``.

    It has no stock: it can be sold as often as its scarcest part allows. ``list_price`` is ``own_price``, or what the
    parts' list prices come to less ``percent_off``; the service keeps it when parts or their prices change.

    Attributes:
        parts_total: what the parts cost singly, at their list prices.
    """

    own_price = MoneyField(null=True, blank=True)
    percent_off = models.DecimalField(
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(100))],
    )
    parts_total = MoneyField(default=0, editable=False)
    products = models.ManyToManyField(Product, through="PackageItem", related_name="packages")

    objects = PackageQuerySet.as_manager()

    class Meta(Sellable.Meta):
        constraints: ClassVar = [
            *Sellable.Meta.constraints,
            models.CheckConstraint(condition=exactly_one("own_price", "percent_off"), name="package_one_kind_of_price"),
            models.CheckConstraint(
                condition=Q(own_price=None) | Q(own_price__gte=0), name="package_own_price_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(percent_off=None) | Q(percent_off__gte=0, percent_off__lte=100),
                name="package_percent_off_is_percent",
            ),
        ]

    @property
    def saving(self) -> Decimal:
        """How much less it costs now than its parts singly; 0 if it does not."""
        return max(self.parts_total - self.price, self.price - self.price)

    @property
    def available(self) -> int:
        """How often it can be sold now."""
        return self._scarcest[0]

    @property
    def status(self) -> StockStatus:
        """What a shopper is told."""
        available, low_stock_at = self._scarcest
        if available <= 0:
            return StockStatus.OUT_OF_STOCK
        return StockStatus.RUNNING_LOW if available <= low_stock_at else StockStatus.IN_STOCK

    @cached_property
    def _scarcest(self) -> tuple[int, int]:
        """How often the part can be taken that can be taken least often, and from how many times on that is few."""
        levels = [(item.available, item.product.stock.low_stock_at // item.quantity) for item in self.items.all()]
        return min(levels, key=lambda level: (level[0], -level[1]), default=(0, 0))


class PackageItem(models.Model):
    """One part of a package: a product, and how many pieces of it."""

    package = models.ForeignKey(Package, on_delete=models.CASCADE, related_name="items")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="package_items")
    quantity = models.PositiveIntegerField(default=1)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["package", "product"], name="package_item_once"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="package_item_quantity_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x product {self.product_id}"

    @property
    def available(self) -> int:
        """For how many packages there is enough of it; a product that is hidden is in none."""
        return self.product.available // self.quantity if self.product.is_active else 0
