"""What somebody likes."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from catalog.models.constraints import exactly_one
from catalog.models.package import Package
from catalog.models.product import Product
from fantasize.core import clock


class Favourite(models.Model):
    """A product or package that somebody has marked; once each."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="favourites")
    product = models.ForeignKey(Product, models.CASCADE, null=True, related_name="favourites")
    package = models.ForeignKey(Package, models.CASCADE, null=True, related_name="favourites")
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=exactly_one("product", "package"), name="favourite_one_target"),
            models.UniqueConstraint(fields=["user", "product"], name="favourite_once"),
            models.UniqueConstraint(fields=["user", "package"], name="favourite_once_per_package"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} likes {self.product_id or self.package_id}"
