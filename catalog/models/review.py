"""What buyers say, and who may say it."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from catalog.enums import ReviewState
from catalog.models.constraints import exactly_one
from catalog.models.package import Package
from catalog.models.product import Product
from fantasize.core import clock


class ReviewGrant(models.Model):
    """That somebody has received something, and may review it."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="review_grants")
    product = models.ForeignKey(Product, models.CASCADE, null=True, related_name="review_grants")
    package = models.ForeignKey(Package, models.CASCADE, null=True, related_name="review_grants")
    reference = models.CharField(max_length=64, help_text="The order that brought it.")
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=exactly_one("product", "package"), name="reviewgrant_one_target"),
            models.UniqueConstraint(fields=["user", "product"], name="reviewgrant_once_per_product"),
            models.UniqueConstraint(fields=["user", "package"], name="reviewgrant_once_per_package"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} may review"


class Review(models.Model):
    """One buyer's opinion of one thing. Shoppers see it, and its stars count, once staff have published it."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="reviews")
    product = models.ForeignKey(Product, models.CASCADE, null=True, related_name="reviews")
    package = models.ForeignKey(Package, models.CASCADE, null=True, related_name="reviews")
    rating = models.PositiveSmallIntegerField()
    text = models.TextField(max_length=4000, blank=True)
    state = models.CharField(max_length=10, choices=ReviewState, default=ReviewState.PENDING)
    moderated_by = models.CharField(max_length=120, blank=True)
    moderated_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    edited_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=exactly_one("product", "package"), name="review_one_target"),
            models.CheckConstraint(condition=Q(rating__gte=1, rating__lte=5), name="review_one_to_five_stars"),
            models.CheckConstraint(condition=Q(state__in=ReviewState.values), name="review_state_known"),
            models.UniqueConstraint(fields=["user", "product"], name="review_once_per_product"),
            models.UniqueConstraint(fields=["user", "package"], name="review_once_per_package"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["product", "-created_at"], name="review_of_product"),
            models.Index(fields=["package", "-created_at"], name="review_of_package"),
            models.Index(fields=["created_at"], name="review_queue", condition=Q(state=ReviewState.PENDING)),
        ]

    def __str__(self) -> str:
        return f"{self.rating} of 5"
