"""What is sold."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Prefetch, Q

from catalog.enums import StockStatus
from catalog.models.sellable import Sellable
from catalog.models.stock import StockItem
from catalog.models.taxonomy import Brand, Material, Tag


class ProductQuerySet(models.QuerySet["Product"]):
    """Adjectives for products."""

    def active(self) -> "ProductQuerySet":
        """Those that shoppers may see."""
        return self.filter(is_active=True)

    def in_stock(self) -> "ProductQuerySet":
        """Those of which at least one piece can be sold."""
        return self.filter(stock__on_hand__gt=F("stock__held"))

    def out_of_stock(self) -> "ProductQuerySet":
        """Those of which no piece can be sold."""
        return self.filter(stock__on_hand__lte=F("stock__held"))

    def with_relations(self) -> "ProductQuerySet":
        """Each with what it belongs to and how many there are of it."""
        return self.select_related("category", "brand", "stock")

    def with_labels(self) -> "ProductQuerySet":
        """Each with its materials, the most first, and its tags: as lists, ``ordered_shares`` and ``ordered_tags``."""
        shares = ProductMaterial.objects.select_related("material").order_by("-percent", "pk")
        tags = Tag.objects.order_by("position", "name", "pk")
        return self.prefetch_related(
            Prefetch("material_shares", queryset=shares, to_attr="ordered_shares"),
            Prefetch("tags", queryset=tags, to_attr="ordered_tags"),
        )


class Product(Sellable):
    """A gift that can be sold. Written by ``catalog.services.products``, which keeps the search vector.

    Attributes:
        material_labels, tag_labels: as it is shown with them, once ``selectors.products.complete`` has been asked.
    """

    weight_grams = models.PositiveIntegerField("weight in grams", default=0, db_default=0)
    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, null=True, blank=True, related_name="products")
    stock = models.OneToOneField(StockItem, on_delete=models.PROTECT, related_name="product")
    materials = models.ManyToManyField(Material, through="ProductMaterial", related_name="products")
    tags = models.ManyToManyField(Tag, blank=True, related_name="products")

    objects = ProductQuerySet.as_manager()

    material_labels: Sequence[Any]
    tag_labels: Sequence[Any]

    class Meta(Sellable.Meta):
        indexes: ClassVar = [
            *Sellable.Meta.indexes,
            # Each is the newest of something in order, and counts without reading a row of the table.
            models.Index(
                fields=["category", "-created_at", "-id"], name="product_in_category", condition=Q(is_active=True)
            ),
            models.Index(fields=["brand", "-created_at", "-id"], name="product_of_brand", condition=Q(is_active=True)),
            models.Index(fields=["stock", "id"], name="product_by_stock", condition=Q(is_active=True)),
        ]

    @property
    def available(self) -> int:
        """Pieces that can be sold now."""
        return self.stock.available

    @property
    def status(self) -> StockStatus:
        """What a shopper is told about its stock."""
        return self.stock.status


class ProductMaterial(models.Model):
    """How much of a product is of a material, by weight.

    All of a product's shares together are 100: a trigger checks that at the commit.
    """

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="material_shares")
    material = models.ForeignKey(Material, on_delete=models.PROTECT, related_name="uses")
    percent = models.DecimalField(max_digits=5, decimal_places=2)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["product", "material"], name="product_material_once"),
            models.CheckConstraint(condition=Q(percent__gt=0, percent__lte=100), name="product_material_share"),
        ]

    def __str__(self) -> str:
        return f"{self.percent} % of material {self.material_id}"
