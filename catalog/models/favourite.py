"""What somebody likes."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from catalog.models.product import Product
from fantasize.core import clock


class Favourite(models.Model):
    """A product that somebody has marked; once each."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="favourites")
    product = models.ForeignKey(Product, models.CASCADE, related_name="favourites")
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "product"], name="favourite_once")]

    def __str__(self) -> str:
        return f"{self.user_id} likes {self.product_id}"
