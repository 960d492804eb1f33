"""What the search boxes of products and packages find."""

from typing import Any

from django.db.models import Q, QuerySet

from catalog.selectors.search import search_products


def find(queryset: QuerySet[Any], rows: QuerySet[Any], term: str) -> QuerySet[Any]:
    """Those of ``queryset`` that are found among ``rows``: by words, the last one as a prefix, or by the SKU's start.

    Both through an index; SKUs are mostly capitals, and typed as they come.
    """
    text = term.strip()
    if not text:
        return queryset
    by_words = search_products(rows, text).order_by().values("pk")
    by_sku = rows.filter(Q(sku__startswith=text) | Q(sku__startswith=text.upper())).order_by().values("pk")
    return queryset.filter(pk__in=by_words.union(by_sku))
