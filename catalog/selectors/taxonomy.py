"""Reads of the category tree."""

from collections.abc import Collection, Iterator, Mapping

from django.conf import settings
from django.db.models import QuerySet

from catalog.caching import products as product_cache
from catalog.models import Category, Product


def in_category(products: QuerySet[Product], category: str) -> QuerySet[Product]:
    """Those in a category (id or slug) or anywhere below it."""
    return products.filter(category_id__in=category_ids_below(category))


def category_ids_below(category: str) -> set[int]:
    """The ids of a category (id or slug) and all its descendants; empty when there is none."""
    rows = _category_rows()
    found = {pk for pk, _, slug in rows if category in (slug, str(pk))}
    while True:
        children = {pk for pk, parent, _ in rows if parent in found} - found
        if not children:
            return found
        found |= children


def ancestors_by_category(ids: Collection[int]) -> dict[int, set[int]]:
    """Each of these categories with itself and all above it, as ids."""
    parents = {pk: parent for pk, parent, _ in _category_rows()} if ids else {}
    return {pk: set(_upwards(pk, parents)) for pk in ids}


def _upwards(pk: int, parents: Mapping[int, int | None]) -> Iterator[int]:
    """A category and those above it; ends at the top, also if somebody bent the tree into a circle meanwhile."""
    seen: set[int] = set()
    place: int | None = pk
    while place is not None and place not in seen:
        seen.add(place)
        yield place
        place = parents.get(place)


def _category_rows() -> list[tuple[int, int | None, str]]:
    """Id, parent and slug of every category; the tree is small, rarely changed, and wanted by every filtered list."""
    rows: list[tuple[int, int | None, str]] = product_cache.get_or_compute(
        "category_rows",
        ttl=settings.CACHE_TTL_CATEGORIES,
        compute=lambda: list(Category.objects.values_list("pk", "parent_id", "slug")),
    )
    return rows
