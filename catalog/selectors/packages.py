"""Reads of packages."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from uuid import UUID

from django.db.models import Exists, OuterRef, Prefetch

from catalog.models import Favourite, Package, PackageItem, Product
from catalog.models.package import PackageQuerySet
from catalog.models.sellable import SEARCH_COLUMNS
from fantasize.core.statements import IdsSlot, Statement

# What packages show of their parts, and what they take to have a price.
_OF_PARTS = (
    *("package_id", "quantity", "position"),
    *(f"product__{name}" for name in ("name", "slug", "list_price", "category_id", "is_active", "has_options")),
    *(f"product__stock__{name}" for name in ("on_hand", "held", "low_stock_at")),
)


def list_packages(*, including_hidden: bool = False) -> PackageQuerySet:
    """What a shopper may see (or everything, for staff), with its category and parts; ``complete`` adds its media.

    As many queries for fifty packages as for one.
    """
    parts = PackageItem.objects.select_related("product__stock").only(*_OF_PARTS).order_by("position", "pk")
    packages = Package.objects.prefetch_related(Prefetch("items", queryset=parts)).defer(*SEARCH_COLUMNS)
    packages = packages.select_related("category")
    return packages.select_related("tax_class") if including_hidden else packages.active()


def seen_by(packages: PackageQuerySet, user_id: UUID | None) -> PackageQuerySet:
    """The same packages; for somebody with an account each says whether they have marked it (``is_favorite``)."""
    if user_id is None:
        return packages
    marks = Favourite.objects.filter(user_id=user_id, package=OuterRef("pk"))
    return packages.annotate(is_favorite=Exists(marks))


_NAMED: Statement[Package] = Statement(lambda: list_packages().filter(pk__in=IdsSlot("ids")))


def read_packages(ids: Sequence[int], user_id: UUID | None) -> Sequence[Package]:
    """Those of these that shoppers may see, in no order, as somebody sees them, or as everybody does."""
    if user_id is None:
        return _NAMED.fetch(ids=list(ids))
    return list(seen_by(list_packages().filter(pk__in=ids), user_id))


def parts_of(packages: Iterable[Package]) -> list[Product]:
    """The products that packages of ``list_packages`` are made of; one that several are made of comes several times."""
    return [item.product for package in packages for item in package.items.all()]


def saving_of(package: Package, price: Decimal) -> Decimal:
    """How much less than its parts singly a package is at ``price``; 0 if it is not."""
    return max(package.parts_total - price, price - price)
