"""Reads of the category tree."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from django.conf import settings
from django.db.models import QuerySet

from catalog.caching import products as product_cache
from catalog.models import Category, Package, Product
from catalog.selectors.media import with_image
from fantasize.core.errors import NotFoundError

S = TypeVar("S", Product, Package)


def category_forest(*, including_hidden: bool = False) -> list[Category]:
    """The categories at the top; each has those right below it as ``branches`` and its picture as ``ready_image``.

    What is hidden is left out with everything below it. Siblings stand by position, then name. Two queries.
    """
    below: defaultdict[int | None, list[Category]] = defaultdict(list)
    for category in with_image(Category.objects.order_by("position", "name", "pk")):
        if category.is_active or including_hidden:
            below[category.parent_id].append(category)
            category.branches = below[category.pk]
    return below[None]


def get_category(text: str, *, including_hidden: bool = False) -> Category:
    """The category that ``text`` names by id or slug, with everything below it, as in ``category_forest``.

    Raises:
        NotFoundError: there is none that may be seen.
    """
    for category in walk(category_forest(including_hidden=including_hidden)):
        if text in (category.slug, str(category.pk)):
            return category
    raise NotFoundError


def walk(forest: Iterable[Category]) -> Iterator[Category]:
    """Every category of a forest, each right before those below it."""
    for category in forest:
        yield category
        yield from walk(category.branches)


def in_category(things: QuerySet[S], category: str) -> QuerySet[S]:
    """Those in a category (id or slug) or anywhere below it."""
    return things.filter(category_id__in=category_ids_below(category))


def category_ids_below(category: str) -> set[int]:
    """The ids of a category (id or slug) and all its descendants; empty when there is none. From the cache, mostly."""
    rows = category_rows()
    return _descend({pk for pk, _, slug in rows if category in (slug, str(pk))}, rows)


def branch_ids(category: Category) -> set[int]:
    """The same for whoever writes by it, and cannot go by what the tree was a moment ago. One query."""
    return _descend({category.pk}, Category.objects.values_list("pk", "parent_id", "slug"))


def _descend(found: set[int], rows: Iterable[tuple[int, int | None, str]]) -> set[int]:
    """These and all below them; ends also if the tree was bent into a circle."""
    below: defaultdict[int | None, set[int]] = defaultdict(set)
    for pk, parent, _ in rows:
        below[parent].add(pk)
    fresh = found
    while fresh:
        fresh = set().union(*(below[pk] for pk in fresh)) - found
        found = found | fresh
    return found


def category_rows() -> Sequence[tuple[int, int | None, str]]:
    """Id, parent and slug of every category; the tree is small, rarely changed, and wanted by every filtered list."""
    rows: list[tuple[int, int | None, str]] = product_cache.get_or_compute(
        "category_rows",
        ttl=settings.CACHE_TTL_CATEGORIES,
        compute=lambda: list(Category.objects.values_list("pk", "parent_id", "slug")),
    )
    return rows
