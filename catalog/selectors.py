"""Reads of the catalogue."""

import re
from uuid import UUID

from django.conf import settings
from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db.models import Exists, F, OuterRef, QuerySet

from catalog.caching import products as product_cache
from catalog.models import Category, Favourite, Product
from catalog.models.product import ProductQuerySet

SEARCH_LANGUAGE = "english"
# As PostgreSQL takes names apart: "T-light" is two words. Signs of its query language are in none.
_WORD = re.compile(r"[^\W_]+")


def list_products(*, including_hidden: bool = False) -> ProductQuerySet:
    """What a shopper may see (or everything, for staff), with relations loaded."""
    products = Product.objects.with_relations()
    return products if including_hidden else products.active()


def seen_by(products: ProductQuerySet, user_id: UUID | None) -> ProductQuerySet:
    """The same products; for somebody with an account each says whether they have marked it (``is_favorite``)."""
    if user_id is None:
        return products
    marks = Favourite.objects.filter(user_id=user_id, product=OuterRef("pk"))
    return products.annotate(is_favorite=Exists(marks))


def favourites_of(user_id: UUID) -> ProductQuerySet:
    """What somebody has marked and may still see, the last mark first."""
    marked = seen_by(list_products(), user_id).filter(favourites__user=user_id)
    return marked.order_by("-favourites__created_at", "-favourites__pk")


def search_products(products: QuerySet[Product], text: str) -> QuerySet[Product]:
    """Those that match ``text``, annotated with ``rank``; the last word matches as a prefix, as people type."""
    query = _search_query(text)
    if query is None:
        return products.none()
    return products.filter(search=query).annotate(rank=SearchRank(F("search"), query))


def _search_query(text: str) -> SearchQuery | None:
    words = _WORD.findall(text)
    if not words:
        return None
    *whole, last = words
    query = SearchQuery(f"{last}:*", search_type="raw", config=SEARCH_LANGUAGE)
    return SearchQuery(" ".join(whole), search_type="plain", config=SEARCH_LANGUAGE) & query if whole else query


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


def _category_rows() -> list[tuple[int, int | None, str]]:
    """Id, parent and slug of every category; the tree is small, rarely changed, and wanted by every filtered list."""
    rows: list[tuple[int, int | None, str]] = product_cache.get_or_compute(
        "category_rows",
        ttl=settings.CACHE_TTL_CATEGORIES,
        compute=lambda: list(Category.objects.values_list("pk", "parent_id", "slug")),
    )
    return rows
