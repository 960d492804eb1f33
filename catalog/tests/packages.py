"""Packages for tests, and what is wrong with them."""

from decimal import Decimal
from typing import Any

from django.db import transaction

from accounts.tests.factories import make_user
from catalog.models import Package, PackageItem, Product
from catalog.services import packages
from catalog.services.packages import NewPackage, Part
from fantasize.core import invariants
from fantasize.core.errors import InvalidError
from fantasize.tests.client import ApiClient


def faults(error: InvalidError) -> dict[str, str]:
    """What is wrong, by place."""
    return {fault.location: fault.code for fault in error.errors}


def rows() -> list[Any]:
    """Everything that a write could have changed."""
    parts = PackageItem.objects.order_by("package", "position").values_list("package", "product", "quantity")
    return [*Package.objects.order_by("pk").values(), *parts]


def make_set(parts: list[Product], **new: Any) -> Package:
    """A package of one of the first of ``parts``, two of the second and so on."""
    said: dict[str, Any] = {"name": "Set", "percent_off": Decimal(10)} | new
    items = [Part(part.pk, number) for number, part in enumerate(parts, 1)]
    return packages.create_package(new=NewPackage(**said), items=items, actor="system")


def reprice(product: Product, price: str) -> None:
    """What a changed list price does to packages."""
    with transaction.atomic():
        row = Product.objects.select_for_update(no_key=True).get(pk=product.pk)
        row.list_price = row.price = Decimal(price)
        row.save()
        packages.refresh_prices([row.pk])


def broken() -> dict[str, int]:
    """The rules of packages that do not hold, each with how often."""
    found = invariants.violations()
    return {name: count for name, count in found.items() if name.startswith("packages.") and count}


def manager() -> ApiClient:
    """Somebody who may write packages."""
    return ApiClient(make_user(role="manager"))
