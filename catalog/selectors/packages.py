"""Reads of packages."""

from collections.abc import Iterable
from decimal import Decimal
from uuid import UUID

from django.db.models import Exists, OuterRef

from catalog.models import Favourite, Package, Product
from catalog.models.package import PackageQuerySet
from catalog.models.sellable import SEARCH_COLUMNS


def list_packages(*, including_hidden: bool = False) -> PackageQuerySet:
    """What a shopper may see (or everything, for staff), with its category and parts; ``complete`` adds its media.

    As many queries for fifty packages as for one.
    """
    packages = Package.objects.with_parts().defer(*SEARCH_COLUMNS).select_related("category")
    return packages if including_hidden else packages.active()


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
