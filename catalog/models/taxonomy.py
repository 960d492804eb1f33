"""How products are grouped: a category tree, and brands."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q


class Category(models.Model):
    """A place in the shop's tree."""

    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=140, unique=True)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    position = models.PositiveIntegerField(default=0)
    is_active = models.BooleanField("active", default=True)

    class Meta:
        verbose_name_plural = "categories"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(parent=None) | ~Q(parent=F("id")), name="category_not_its_own_parent"),
        ]

    def __str__(self) -> str:
        return self.name


class Brand(models.Model):
    """Who makes a product."""

    name = models.CharField(max_length=120, unique=True)
    slug = models.SlugField(max_length=140, unique=True)

    def __str__(self) -> str:
        return self.name
