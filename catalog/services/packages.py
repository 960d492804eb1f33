"""Writes of packages: with their parts, their price, their place in the search and their cached answers.

Locks are taken in one order: products by primary key, then packages by primary key. Who changes a product's list price
holds that product's lock; who puts parts together holds theirs. So no price that a package is made of changes unseen.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Sum

from catalog.caching import products as product_cache
from catalog.models import Category, Package, PackageItem, Product, TaxClass
from catalog.pricing import package_list_price
from catalog.services import media, naming, prices, search
from catalog.services.descriptions import clean
from fantasize.core import clock, money, outbox
from fantasize.core.errors import FieldError, InvalidError, NotFoundError, PreconditionFailedError
from fantasize.core.events import Event

MAX_PARTS = 50
MAX_PIECES = 1000
MAX_PRICE = Decimal(10) ** 9
# What a column of money has room for.
_TOO_MUCH = Decimal(10) ** 11
_PERCENT_OF_NOTHING = Decimal(0)
_FIELDS_OF_PRICE = ("own_price", "percent_off")


@dataclass(frozen=True, slots=True)
class NewPackage:
    """What a new package is made of beside its parts; an empty sku or slug is made from the name.

    It has a price of its own, or costs what its parts cost less ``percent_off`` (0 if neither is said).
    """

    name: str
    own_price: Decimal | None = None
    percent_off: Decimal | None = None
    sku: str = ""
    slug: str = ""
    description: str = ""
    category: Category | None = None
    is_active: bool = True
    tax_class: TaxClass | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """So many pieces of the product with this id."""

    product: int
    quantity: int = 1


@transaction.atomic
def create_package(*, new: NewPackage, items: Sequence[Part], actor: str) -> Package:
    """Make a package of ``items``, in that order. Publishes ``package.created``.

    Raises:
        InvalidError: parts that cannot be, two kinds of price, or a sku or slug that is taken; every fault is named.
    """
    singly = lock_products(part.product for part in items)
    slug = new.slug or naming.free_slug(Package, new.name)
    package = Package(
        sku=new.sku or naming.free_sku(Package, slug),
        slug=slug,
        name=new.name,
        description=clean(new.description),
        category=new.category,
        own_price=new.own_price,
        percent_off=new.percent_off,
        is_active=new.is_active,
        tax_class=new.tax_class,
    )
    _require([*_faults_of(package), *part_faults(items, singly)])
    reprice(package, total_of(items, singly))
    package.price = package.list_price
    package.save()
    _put_in(package, items)
    prices.save_prices([package])
    outbox.publish(event(package, "created", actor))
    after_change([package.pk])
    return package


@transaction.atomic
def update_package(
    *,
    package: Package,
    changes: Mapping[str, Any],
    items: Sequence[Part] | None = None,
    expected_version: int | None = None,
    actor: str = "system",
) -> Package:
    """Change a package's own fields and, if ``items`` are given, what it is made of. Publishes ``package.changed``.

    Either kind of price in ``changes`` takes the place of the other.

    Raises:
        NotFoundError: it has been deleted meanwhile.
        PreconditionFailedError: it is not at ``expected_version`` any more.
        InvalidError: as for a new package.
    """
    singly = lock_products(part.product for part in items or ())
    locked = _lock(package, expected_version)
    for name, value in with_one_kind_of_price(changes).items():
        setattr(locked, name, clean(value) if name == "description" else value)
    _require([*_faults_of(locked), *part_faults(items, singly)])
    reprice(locked, locked.parts_total if items is None else total_of(items, singly))
    prices.set_prices([locked])
    locked.version += 1
    locked.updated_at = clock.now()
    locked.save()
    if items is not None:
        _put_in(locked, items)
    outbox.publish(event(locked, "changed", actor, fields=sorted({*changes, *(["items"] if items else [])})))
    after_change([locked.pk])
    return locked


@transaction.atomic
def remove_package(*, package: Package, expected_version: int | None = None, actor: str = "system") -> None:
    """Take a package out of the shop: deleted if nobody has bought or reviewed it, else hidden.

    Publishes ``package.deleted`` or ``package.changed``.

    Raises:
        NotFoundError: it has been deleted meanwhile.
        PreconditionFailedError: it is not at ``expected_version`` any more.
    """
    locked = _lock(package, expected_version, to_delete=True)
    if locked.sales_count or locked.review_grants.exists() or locked.reviews.exists():
        update_package(package=locked, changes={"is_active": False}, actor=actor)
        return
    outbox.publish(event(locked, "deleted", actor, sku=locked.sku, name=locked.name))
    media.forget([locked])
    locked.delete()
    after_change([package.pk])


@transaction.atomic
def refresh_prices(product_ids: Collection[int]) -> None:
    """Have packages follow the list prices of their parts. A fixed number of queries, however many packages.

    The caller has changed the products in this transaction, and so holds their locks.

    Raises:
        InvalidError: a package's parts would cost more than there is room for.
    """
    found = set(PackageItem.objects.filter(product__in=product_ids).values_list("package_id", flat=True))
    packages = list(Package.objects.filter(pk__in=found).order_by("pk").select_for_update(no_key=True))
    totals = _totals_of(packages)
    changed = [package for package in packages if package.parts_total != totals[package.pk]]
    for package in changed:
        reprice(package, totals[package.pk], pointer="/price")
    prices.set_prices(changed)
    columns = ("parts_total", "list_price", "price", "price_changes_at")
    Package.objects.bulk_update(changed, columns, batch_size=1000)
    if changed:
        after_change([package.pk for package in changed])


def after_change(package_ids: Collection[int], *, is_written: bool = False) -> None:
    """Bring the search up to date and make cached answers stale, in the caller's transaction.

    With ``is_written`` the packages' search documents are so already.
    """
    search.refresh(packages=package_ids, is_written=is_written)
    product_cache.invalidate_on_commit()


def list_price_of(parts_total: Decimal, *, own_price: Decimal | None, percent_off: Decimal | None) -> Decimal:
    """What a package of parts that come to ``parts_total`` costs without any offer."""
    if own_price is not None:
        return own_price
    return package_list_price(parts_total, percent_off or _PERCENT_OF_NOTHING, currency=settings.SHOP_CURRENCY)


def lock_products(ids: Iterable[int]) -> dict[int, Decimal]:
    """The list prices of parts by their ids, their products locked; of those that exist. Before any package is."""
    rows = Product.objects.filter(pk__in=set(ids)).order_by("pk").select_for_update(no_key=True)
    return dict(rows.values_list("pk", "list_price"))


def with_one_kind_of_price(changes: Mapping[str, Any]) -> dict[str, Any]:
    """The changes, with what they leave open of the price: nothing if they do not speak of it."""
    if any(name in changes for name in _FIELDS_OF_PRICE):
        return {**dict.fromkeys(_FIELDS_OF_PRICE), **changes}
    return dict(changes)


def price_kind_faults(own_price: Decimal | None, percent_off: Decimal | None) -> Iterator[FieldError]:
    """That a package has one kind of price at most."""
    if own_price is not None and percent_off is not None:
        for pointer in ("/price", "/percent_off"):
            yield FieldError(pointer, "exclusive", "A package has a price of its own or a percentage off, not both.")


def repeated_parts(items: Sequence[Part]) -> Iterator[FieldError]:
    """That every product is a part once."""
    seen: set[int] = set()
    for index, part in enumerate(items):
        if part.product in seen:
            yield FieldError(f"/items/{index}/product", "duplicate", "This product is a part already.")
        seen.add(part.product)


def price_faults(own_price: Decimal | None, percent_off: Decimal | None) -> Iterator[FieldError]:
    """What is wrong with the price of a package."""
    yield from price_kind_faults(own_price, percent_off)
    if own_price is not None and not 0 <= own_price < MAX_PRICE:
        yield FieldError("/price", "out_of_range", f"A price is 0 or more, and less than {MAX_PRICE:,}.")
    if percent_off is not None and not 0 <= percent_off <= 100:  # noqa: PLR2004 - per cent
        yield FieldError("/percent_off", "out_of_range", "A percentage from 0 to 100.")


def part_faults(items: Sequence[Part] | None, singly: Collection[int]) -> Iterator[FieldError]:
    """What is wrong with the parts, if they are said; ``singly`` are the products that there are."""
    if items is None:
        return
    if not 1 <= len(items) <= MAX_PARTS:
        yield FieldError("/items", "out_of_range", f"A package has 1 to {MAX_PARTS} parts.")
    yield from repeated_parts(items)
    for index, part in enumerate(items):
        if part.product not in singly:
            yield FieldError(f"/items/{index}/product", "does_not_exist", "There is no such product.")
        if not 1 <= part.quantity <= MAX_PIECES:
            yield FieldError(f"/items/{index}/quantity", "out_of_range", f"From 1 to {MAX_PIECES} pieces.")


def total_of(items: Sequence[Part], singly: Mapping[int, Decimal]) -> Decimal:
    """What the parts cost together; ``singly`` is what a piece of each does."""
    return sum((singly[part.product] * part.quantity for part in items), Decimal(0))


def reprice(package: Package, parts_total: Decimal, *, pointer: str = "/items") -> None:
    """Set what follows from the parts.

    Raises:
        InvalidError: they come to more than there is room for.
    """
    if parts_total >= _TOO_MUCH:
        raise InvalidError.at(pointer, "The parts of a package would cost too much.", code="out_of_range")
    if package.own_price is None and package.percent_off is None:
        package.percent_off = _PERCENT_OF_NOTHING
    package.parts_total = parts_total
    package.list_price = list_price_of(parts_total, own_price=package.own_price, percent_off=package.percent_off)


def event(package: Package, what: str, actor: str, *, is_first: bool = False, **data: Any) -> Event:
    """An entry in the audit trail: that a package was ``created``, ``changed`` or ``deleted``, with the facts."""
    return Event("package", str(package.pk), f"package.{what}", data, actor, is_first=is_first)


def _lock(package: Package, expected_version: int | None, *, to_delete: bool = False) -> Package:
    locked = Package.objects.select_for_update(no_key=not to_delete).filter(pk=package.pk).first()
    if locked is None:
        raise NotFoundError
    if expected_version is not None and locked.version != expected_version:
        raise PreconditionFailedError("The package was changed meanwhile.", extra={"current_version": locked.version})
    return locked


def _require(faults: Sequence[FieldError]) -> None:
    if faults:
        raise InvalidError("The package is not valid.", errors=faults)


def _faults_of(package: Package) -> list[FieldError]:
    """What is wrong with its own fields."""
    taken = naming.taken(Package, sku=package.sku, slug=package.slug, but=package.pk)
    return [*price_faults(package.own_price, package.percent_off), *taken]


def _totals_of(packages: Sequence[Package]) -> dict[int, Decimal]:
    """What each package's parts cost singly, by its id."""
    rows = PackageItem.objects.filter(package__in=packages).values_list("package_id").order_by("package_id")
    totals = rows.annotate(total=Sum(F("quantity") * F("product__list_price")))
    return {pk: money.quantize(total, settings.SHOP_CURRENCY) for pk, total in totals}


def _put_in(package: Package, items: Sequence[Part]) -> None:
    """Make these the package's parts, in this order."""
    package.items.all().delete()
    PackageItem.objects.bulk_create(
        PackageItem(package=package, product_id=part.product, quantity=part.quantity, position=position)
        for position, part in enumerate(items)
    )
