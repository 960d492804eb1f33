"""How often each product and package was sold: what "best selling" goes by."""

from collections.abc import Mapping
from types import MappingProxyType

from django.db import connection

from catalog.models import Package, Product

_ADD = """
    UPDATE {table} AS thing SET sales_count = greatest(thing.sales_count + sold.pieces, 0)
      FROM unnest(%s::bigint[], %s::int[]) AS sold (id, pieces)
     WHERE thing.id = sold.id
"""
_NONE: Mapping[int, int] = MappingProxyType({})


def record(pieces: Mapping[int, int], *, packages: Mapping[int, int] = _NONE) -> None:
    """Add pieces sold (or, below zero, taken back before they left) by product id, and packages by theirs.

    In the caller's transaction. Two queries for each kind, however many; products are locked in primary-key order,
    after the order's stock, and then packages.
    """
    _add(Product, pieces)
    if packages:
        _add(Package, packages)


def _add(model: type[Product] | type[Package], sold: Mapping[int, int]) -> None:
    ids = sorted(sold)
    list(model._default_manager.filter(pk__in=ids).order_by("pk").select_for_update(no_key=True).values_list("pk"))  # noqa: SLF001 - Django's documented interface
    with connection.cursor() as cursor:
        cursor.execute(_ADD.format(table=model._meta.db_table), [ids, [sold[pk] for pk in ids]])  # noqa: SLF001 - as above
