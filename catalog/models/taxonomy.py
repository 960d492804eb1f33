"""How products are grouped: a category tree, brands, materials and tags."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q


class Category(models.Model):
    """A place in the shop's tree. Written by ``catalog.services.taxonomy``; a trigger keeps the tree without a circle.

    Attributes:
        branches: those right below it, once ``selectors.taxonomy.category_forest`` has read the tree.
    """

    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=140, unique=True)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    position = models.PositiveIntegerField(default=0, db_index=True)
    is_active = models.BooleanField("active", default=True)
    version = models.PositiveIntegerField(default=1, db_default=1, editable=False)

    branches: list["Category"]

    class Meta:
        verbose_name_plural = "categories"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(parent=None) | ~Q(parent=F("id")), name="category_not_its_own_parent"),
        ]

    def __str__(self) -> str:
        return self.name


class Label(models.Model):
    """A name that things are grouped by, in an order that staff choose."""

    name = models.CharField(max_length=120, unique=True)
    slug = models.SlugField(max_length=140, unique=True)
    position = models.PositiveIntegerField(default=0, db_index=True)
    version = models.PositiveIntegerField(default=1, db_default=1, editable=False)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name


class Brand(Label):
    """Who makes a product."""


class Material(Label):
    """What products are made of."""


class Tag(Label):
    """A theme that shoppers look for ("wedding", "for gardeners")."""
