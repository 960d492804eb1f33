"""Reads of packages."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

from django.db.models import Case, Exists, F, IntegerField, OuterRef, Prefetch, QuerySet, Subquery, When
from django.db.models.functions import Coalesce

from catalog.models import Favourite, Package, PackageItem, Product
from catalog.models.package import PackageQuerySet
from catalog.models.sellable import SEARCH_COLUMNS
from catalog.selectors.media import with_media


def list_packages(*, including_hidden: bool = False) -> PackageQuerySet:
    """What a shopper may see (or everything, for staff), with relations, parts, ``available``, ``running_low_at``.

    As many queries for fifty packages as for one.
    """
    parts = PackageItem.objects.select_related("product__stock").order_by("position", "pk")
    packages = with_availability(Package.objects.defer(*SEARCH_COLUMNS)).select_related("category")
    packages = packages.prefetch_related(Prefetch("items", queryset=parts))
    return cast("PackageQuerySet", with_media(packages if including_hidden else packages.active()))


def with_availability(packages: PackageQuerySet) -> PackageQuerySet:
    """The same packages, each with how often its scarcest part allows it to be sold, and with that part's low mark."""
    scarcest: Any = _scarcest_part()
    facts = {"available": scarcest.values("times"), "running_low_at": scarcest.values("mark")}
    return packages.annotate(**{name: Coalesce(Subquery(rows[:1]), 0) for name, rows in facts.items()})


def seen_by(packages: PackageQuerySet, user_id: UUID | None) -> PackageQuerySet:
    """The same packages; for somebody with an account each says whether they have marked it (``is_favorite``)."""
    if user_id is None:
        return packages
    marks = Favourite.objects.filter(user_id=user_id, package=OuterRef("pk"))
    return packages.annotate(is_favorite=Exists(marks))


def parts_of(packages: Iterable[Package]) -> list[Product]:
    """The products that packages of ``list_packages`` are made of; one that several are made of comes several times."""
    return [item.product for package in packages for item in package.items.all()]


def saving_of(package: Package, price: Decimal) -> Decimal:
    """How much less than its parts singly a package is at ``price``; 0 if it is not."""
    return max(package.parts_total - price, price - price)


def _scarcest_part() -> "QuerySet[PackageItem]":
    """The parts of the outer package, the one first that can be taken least often. A hidden one never can."""
    pieces = F("product__stock__on_hand") - F("product__stock__held")
    times = Case(When(product__is_active=True, then=pieces / F("quantity")), default=0, output_field=IntegerField())
    parts = PackageItem.objects.filter(package=OuterRef("pk"))
    return parts.annotate(times=times, mark=F("product__stock__low_stock_at") / F("quantity")).order_by(
        "times", "-mark"
    )
