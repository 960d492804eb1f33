"""What is sold."""

from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q

from catalog.enums import StockStatus
from catalog.models.stock import StockItem
from catalog.models.taxonomy import Brand, Category
from fantasize.core import clock
from fantasize.core.fields import MoneyField


class ProductQuerySet(models.QuerySet["Product"]):
    """Adjectives for products."""

    def active(self) -> "ProductQuerySet":
        """Those that shoppers may see."""
        return self.filter(is_active=True)

    def in_stock(self) -> "ProductQuerySet":
        """Those of which at least one piece can be sold."""
        return self.filter(stock__on_hand__gt=F("stock__held"))

    def with_relations(self) -> "ProductQuerySet":
        """Everything a product's representation shows, in one query."""
        return self.select_related("category", "brand", "stock")


class Product(models.Model):
    """A gift that can be sold. Written by ``catalog.services.products``, which keeps the search vector."""

    sku = models.CharField("SKU", max_length=64, unique=True)
    name = models.CharField(max_length=200)
    slug = models.SlugField(max_length=220, unique=True)
    description = models.TextField(blank=True)
    list_price = MoneyField()
    category = models.ForeignKey(Category, on_delete=models.PROTECT, null=True, blank=True, related_name="products")
    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, null=True, blank=True, related_name="products")
    stock = models.OneToOneField(StockItem, on_delete=models.PROTECT, related_name="product")
    is_active = models.BooleanField("active", default=True)
    has_options = models.BooleanField(default=False, editable=False)
    sales_count = models.PositiveIntegerField(default=0, editable=False)
    search = SearchVectorField(null=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    updated_at = models.DateTimeField(default=clock.now, editable=False)

    objects = ProductQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(list_price__gte=0), name="product_price_not_negative"),
        ]
        indexes: ClassVar = [
            GinIndex(fields=["search"], name="product_search"),
            models.Index(fields=["-created_at", "-id"], name="product_newest", condition=Q(is_active=True)),
            models.Index(fields=["list_price", "id"], name="product_by_price", condition=Q(is_active=True)),
            models.Index(fields=["name", "id"], name="product_by_name", condition=Q(is_active=True)),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def status(self) -> StockStatus:
        """What a shopper is told about its stock."""
        return self.stock.status
