"""Writes of very many packages: the rules of ``catalog.services.packages``, a fixed number of queries a batch.

Everything runs in the caller's transaction, which holds the locks of the parts' products and, taken after them, of the
packages that are there, each by primary key.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef

from catalog.models import Package, PackageItem, Review, ReviewGrant
from catalog.services import media, naming, packages, prices, search
from catalog.services.packages import Part
from fantasize.core import clock, outbox
from fantasize.core.bulk import (
    copy_rows,
    insert_staged,
    staged,
    stored_fields,
    take_keys,
    update_rows,
    update_staged,
)
from fantasize.core.errors import InvalidError

# What the search does not know.
_UNSEARCHED = ("slug", "own_price", "percent_off", "tax_class")
OWN = ("sku", "name", "description", "category", "is_active", *_UNSEARCHED)
_COMPUTED = ("parts_total", "list_price", "price", "price_changes_at", "version", "updated_at")
_KEPT = (*OWN, *_COMPUTED)
_SEARCH = "search"


@dataclass(slots=True)
class PackageRow:
    """One package that is to be stored.

    Attributes:
        package: the locked row, or a new one.
        values: its own fields that are said, of those in ``OWN``; the description is clean already.
        parts: what it is made of, in that order; None if that is not said.
        fault: why it was not stored after all.
    """

    package: Package
    values: Mapping[str, Any]
    parts: Sequence[Part] | None = None
    fault: str = ""


def create(rows: Sequence[PackageRow], *, actor: str) -> None:
    """Make packages; a slug that is not said is made from the name. Records ``package.created`` of each."""
    good = _settle(rows)
    if not good:
        return
    made = [row.package for row in good]
    _give_slugs(made)
    for package, key in zip(made, take_keys(Package, len(made)), strict=True):
        package.pk = key
    prices.set_prices(made)
    _store(good, is_new=True)
    outbox.record_silently([packages.event(package, "created", actor, is_first=True) for package in made])


def update(rows: Sequence[PackageRow], *, actor: str) -> None:
    """Store what is said of packages. Records ``package.changed`` of each."""
    good = _settle(rows)
    if not good:
        return
    changed = [row.package for row in good]
    for package in changed:
        package.version += 1
        package.updated_at = clock.now()
    prices.set_prices(changed)
    if any(_is_found_otherwise(row) for row in good):
        _store(good, is_new=False)
    else:
        update_rows(changed, [*_UNSEARCHED, *_COMPUTED])
        packages.after_change(())
    outbox.record_silently([packages.event(row.package, "changed", actor, fields=_fields_of(row)) for row in good])


def remove(found: Sequence[Package], *, actor: str) -> Collection[int]:
    """Take packages out of the shop that were made by mistake; returns the ids of those that are gone.

    Gone is what nobody has bought or reviewed; the others are hidden. Records ``package.deleted`` or
    ``package.changed`` of each.
    """
    unused = _unused([package.pk for package in found])
    gone = [package for package in found if package.pk in unused]
    update([PackageRow(package, {"is_active": False}) for package in found if package.pk not in unused], actor=actor)
    outbox.record_silently([packages.event(each, "deleted", actor, sku=each.sku, name=each.name) for each in gone])
    media.forget(gone)
    Package.objects.filter(pk__in=unused).delete()
    packages.after_change(unused)
    return unused


def _settle(rows: Sequence[PackageRow]) -> list[PackageRow]:
    """Set what is said of each, and its price; those that can be."""
    singly = packages.lock_products(part.product for row in rows for part in row.parts or ())
    for row in rows:
        for name, value in packages.with_one_kind_of_price(row.values).items():
            setattr(row.package, name, value)
        row.fault = _fault_of(row, singly)
    return [row for row in rows if not row.fault]


def _fault_of(row: PackageRow, singly: Mapping[int, Decimal]) -> str:
    """Why it cannot be, in words; if it can, what follows from its parts is set."""
    package = row.package
    faults = [
        *packages.price_faults(package.own_price, package.percent_off),
        *packages.part_faults(row.parts, singly),
    ]
    if not faults:
        try:
            total = package.parts_total if row.parts is None else packages.total_of(row.parts, singly)
            packages.reprice(package, total)
        except InvalidError as refusal:
            faults = [*refusal.errors]
    return " ".join(fault.detail for fault in faults)


def _give_slugs(rows: Sequence[Package]) -> None:
    bare = [row for row in rows if not row.slug]
    said = [row.slug for row in rows if row.slug]
    for row, slug in zip(bare, naming.free_slugs(Package, [row.name for row in bare], used=said), strict=True):
        row.slug = slug


def _store(rows: Sequence[PackageRow], *, is_new: bool) -> None:
    """Store packages with their parts, and the words that they are found under: each row once."""
    _put_in(rows, is_new=is_new)
    keys = [row.package.pk for row in rows]
    fields = [name for name in stored_fields(Package) if name != _SEARCH] if is_new else ["id", *_KEPT]
    with staged([row.package for row in rows], fields, computed=[_SEARCH]) as table:
        search.write_staged(Package, table, keys)
        if is_new:
            insert_staged(Package, table, [*fields, _SEARCH])
        else:
            update_staged(Package, table, [*_KEPT, _SEARCH])
    packages.after_change(keys, is_written=True)


def _put_in(rows: Sequence[PackageRow], *, is_new: bool) -> None:
    """Make the parts that are said the packages', in their order."""
    said = {row.package.pk: row.parts for row in rows if row.parts is not None}
    if not is_new:
        PackageItem.objects.filter(package__in=said).delete()
    copy_rows(
        PackageItem,
        ("package_id", "product_id", "quantity", "position"),
        (
            (pk, part.product, part.quantity, position)
            for pk, parts in said.items()
            for position, part in enumerate(parts)
        ),
    )


def _is_found_otherwise(row: PackageRow) -> bool:
    """Whether the search has to look at it again."""
    return not row.values.keys() <= set(_UNSEARCHED) or row.parts is not None


def _fields_of(row: PackageRow) -> list[str]:
    return sorted({*row.values, *(["items"] if row.parts is not None else [])})


def _unused(pks: Sequence[int]) -> set[int]:
    """Those that nobody has bought or reviewed, locked so that nobody can meanwhile."""
    rows = Package.objects.filter(pk__in=pks).order_by("pk")
    list(rows.select_for_update().values_list("pk"))
    mentions = (model.objects.filter(package=OuterRef("pk")) for model in (Review, ReviewGrant))
    return set(rows.filter(*(~Exists(each) for each in mentions), sales_count=0).values_list("pk", flat=True))
