"""Pictures and videos of what is sold."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from catalog.enums import MediaKind, MediaState
from catalog.models.constraints import exactly_one
from catalog.models.package import Package
from catalog.models.product import Product
from catalog.models.taxonomy import Category
from fantasize.core import clock


class ProductMediaQuerySet(models.QuerySet["ProductMedia"]):
    """Adjectives for media."""

    def ready(self) -> "ProductMediaQuerySet":
        """Those that can be shown, in their order."""
        return self.filter(state=MediaState.READY).order_by("position", "pk")


class ProductMedia(models.Model):
    """A picture or a video of a product, a package or a category. Written by ``catalog.services.media``.

    Attributes:
        file: what we wrote ourselves of what was uploaded, under a random name.
        width, height: pixels; null for a video that does not tell.
        renditions: smaller copies of a picture, ``[{name, file, width, height}]``, smallest first.
    """

    product = models.ForeignKey(Product, models.CASCADE, null=True, blank=True, related_name="media")
    package = models.ForeignKey(Package, models.CASCADE, null=True, blank=True, related_name="media")
    category = models.OneToOneField(Category, models.CASCADE, null=True, blank=True, related_name="image")
    kind = models.CharField(max_length=5, choices=MediaKind)
    state = models.CharField(max_length=10, choices=MediaState, default=MediaState.PROCESSING)
    alt = models.CharField("alternative text", max_length=200, blank=True)
    position = models.PositiveIntegerField(default=0, db_index=True)
    file = models.FileField(max_length=200)
    content_type = models.CharField(max_length=20)
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    size = models.PositiveBigIntegerField(help_text="Bytes.")
    sha256 = models.CharField(max_length=64)
    renditions = models.JSONField(default=list)
    created_at = models.DateTimeField(default=clock.now)

    objects = ProductMediaQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "media"
        constraints: ClassVar = [
            models.CheckConstraint(condition=exactly_one("product", "package", "category"), name="media_one_target"),
            models.CheckConstraint(condition=Q(kind__in=MediaKind.values), name="media_kind_known"),
            models.CheckConstraint(condition=Q(state__in=MediaState.values), name="media_state_known"),
        ]

    def __str__(self) -> str:
        return self.alt or f"{self.kind} {self.pk}"
