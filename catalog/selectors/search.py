"""Finding things by words."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import QuerySet

from catalog.models import Package, Product
from catalog.search import backend
from catalog.search.port import MAX_HITS, Filters, Hit, Hits, Kind, S, Understood
from catalog.selectors import packages, products

_SUGGESTIONS = 10


def understand(text: str) -> Understood:
    """What ``text`` looks for: to be asked, more than once, which rows match and which of them best."""
    return backend().understand(text)


def search_products(rows: QuerySet[S], text: str) -> QuerySet[S]:
    """Those products or packages that match ``text``, in no order."""
    return understand(text).match(rows)


def find(text: str, filters: Filters) -> Hits:
    """The products and packages that match, best first; those beyond ``MAX_HITS`` are left out."""
    return backend().search(text, filters=filters, limit=MAX_HITS, offset=0)


def suggest(prefix: str) -> list[str]:
    """Ways to finish what somebody is typing, the likeliest first."""
    return backend().suggest(prefix, limit=_SUGGESTIONS)


def load(hits: Sequence[Hit], user_id: UUID | None) -> list[Product | Package]:
    """What was found, in order, as lists have it; what has gone meanwhile is left out.

    As many queries for a hundred hits as for one of each kind.
    """
    rows: dict[tuple[Kind, int], Product | Package] = {}
    if pks := [hit.pk for hit in hits if hit.kind is Kind.PRODUCT]:
        rows |= {(Kind.PRODUCT, row.pk): row for row in products.read_products(pks, user_id)}
    if pks := [hit.pk for hit in hits if hit.kind is Kind.PACKAGE]:
        rows |= {(Kind.PACKAGE, row.pk): row for row in packages.read_packages(pks, user_id)}
    return [rows[hit.kind, hit.pk] for hit in hits if (hit.kind, hit.pk) in rows]
