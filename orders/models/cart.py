"""What somebody means to order. Nothing is reserved by it, and prices are those of the moment that it is looked at."""

from typing import ClassVar
from uuid import UUID

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from catalog.models import Package, Product
from fantasize.core import clock
from fantasize.core.fields import MoneyField

# As many as an order takes.
MAX_LINES = 100
MAX_QUANTITY = 1000
_PERSON = "user:"


class CartQuerySet(models.QuerySet["Cart"]):
    """Adjectives for carts."""

    def of(self, owner: str) -> "CartQuerySet":
        """Those of an account (``user:<id>``), or of a guest (``cart:<hash of the token>``); of nobody, none."""
        if owner.startswith(_PERSON):
            return self.filter(user=UUID(owner.removeprefix(_PERSON)))
        return self.filter(guest=owner) if owner else self.none()

    def open(self) -> "CartQuerySet":
        """Those that were not ordered."""
        return self.filter(ordered_at=None)


class Cart(models.Model):
    """Written by ``orders.services.carts``. Everybody has one open cart at most.

    Attributes:
        guest: whose it is without an account, as ``core.guests`` names them; empty for people.
        version: counts what its owner changes.
        ordered_at: when an order was placed from it; it is empty from then on, and another one is open.
        changed_at: when its owner changed something last.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="carts"
    )
    guest = models.CharField(max_length=100, blank=True)
    version = models.PositiveIntegerField(default=0)
    ordered_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    changed_at = models.DateTimeField(default=clock.now)

    objects = CartQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=(Q(user=None) & ~Q(guest="")) | Q(user__isnull=False, guest=""), name="cart_of_somebody"
            ),
            models.UniqueConstraint(fields=["user"], condition=Q(ordered_at=None), name="cart_one_open_per_user"),
            models.UniqueConstraint(
                fields=["guest"], condition=Q(ordered_at=None) & ~Q(guest=""), name="cart_one_open_per_guest"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["guest"], name="cart_by_guest", condition=~Q(guest="")),
            models.Index(fields=["-changed_at", "-id"], name="cart_latest"),
        ]

    def __str__(self) -> str:
        return f"Cart {self.pk}"

    @property
    def owner(self) -> str:
        """Whose it is, as text."""
        return f"{_PERSON}{self.user_id}" if self.user_id else self.guest


class CartLine(models.Model):
    """So many of one thing with the same answers; in the order of their keys.

    Attributes:
        product, package: one of them; neither, once the thing is deleted.
        name: what the thing was called when it was put there.
        answers: to the options of the thing itself, as the engine has normalised them.
        parts: to those of a package's parts, by the part's product.
        fingerprint: hash of the thing and all answers; equal lines add up.
        uploads: the pictures among the answers.
        templates: what asked when the answers were given: part, template and version of each.
        unit_price: what one cost when its owner last agreed to it; ``once``, what was paid beside.
    """

    cart = models.ForeignKey(Cart, on_delete=models.CASCADE, related_name="lines")
    product = models.ForeignKey(Product, on_delete=models.SET_NULL, null=True, related_name="+")
    package = models.ForeignKey(Package, on_delete=models.SET_NULL, null=True, related_name="+")
    name = models.CharField(max_length=200)
    quantity = models.PositiveIntegerField()
    answers = models.JSONField(default=dict)
    parts = models.JSONField(default=dict)
    fingerprint = models.CharField(max_length=64)
    uploads = ArrayField(models.UUIDField(), default=list)
    templates = models.JSONField(default=list)
    unit_price = MoneyField()
    once = MoneyField(default=0)
    currency = models.CharField(max_length=3)
    created_at = models.DateTimeField(default=clock.now)
    changed_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["cart", "fingerprint"], name="cart_line_once"),
            models.CheckConstraint(
                condition=Q(quantity__gte=1, quantity__lte=MAX_QUANTITY), name="cart_line_quantity_in_range"
            ),
            models.CheckConstraint(condition=Q(product=None) | Q(package=None), name="cart_line_one_thing"),
        ]
        indexes: ClassVar = [GinIndex(fields=["uploads"], name="cart_line_uploads")]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.name}"
