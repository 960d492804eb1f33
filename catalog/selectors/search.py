"""Finding things by words."""

import re

from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db.models import F, QuerySet

from catalog.models import Product

SEARCH_LANGUAGE = "english"
# As PostgreSQL takes names apart: "T-light" is two words. Signs of its query language are in none.
_WORD = re.compile(r"[^\W_]+")


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
