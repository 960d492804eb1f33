"""Finding what the shop sells by words: the port, and the servers behind it."""

from functools import cache
from typing import TYPE_CHECKING

from django.conf import settings

from catalog.search.port import SearchBackend
from catalog.search.postgres import PostgresSearch

if TYPE_CHECKING:
    from catalog.search.opensearch import OpenSearch

__all__ = ["backend", "cluster"]

POSTGRES = PostgresSearch()


def backend() -> SearchBackend:
    """What finds things: the cluster that ``SEARCH_URL`` names, else the database."""
    return cluster() or POSTGRES


@cache
def cluster() -> "OpenSearch | None":
    """The search cluster, if the shop has one; it falls back to the database by itself."""
    if not settings.SEARCH_URL:
        return None
    from catalog.search.opensearch import OpenSearch  # noqa: PLC0415 - its client is loaded only where there is one

    return OpenSearch(settings.SEARCH_URL, fallback=POSTGRES)
