"""Search in an OpenSearch cluster, for shops that have one. While it is away the database answers in its place."""

import time
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, TypeVar

import structlog
from django.contrib.postgres.fields import ArrayField
from django.db.models import BigIntegerField, F, Func, IntegerField, QuerySet, Value
from opensearchpy import OpenSearch as Client
from opensearchpy import OpenSearchException, RequestError, helpers

from catalog.models import Package, Product
from catalog.search import synonyms
from catalog.search.cluster_documents import INDEX, MAPPING, actions_for, removals
from catalog.search.cluster_queries import completion_body, corrected_by, search_body
from catalog.search.port import MAX_HITS, Filters, Hit, Hits, Kind, S, SearchBackend, Understood
from catalog.search.words import read_query, split

log = structlog.get_logger(__name__)

T = TypeVar("T")
_TIMEOUT_SECONDS = 1.0
_BULK_TIMEOUT_SECONDS = 30.0
# After a failure the cluster is left alone this long: a dead one costs one time-out, not one per shopper.
_RETRY_AFTER_SECONDS = 5.0
_MODELS: dict[type[Product | Package], Kind] = {Product: Kind.PRODUCT, Package: Kind.PACKAGE}


@dataclass(frozen=True, slots=True)
class _Found:
    """What the cluster knows of a query: ``hits``, best first."""

    hits: Sequence[Hit]

    def match(self, rows: QuerySet[S]) -> QuerySet[S]:
        """Those of ``rows`` that match, in no order."""
        return rows.filter(pk__in=self._pks(rows))

    def best_first(self, rows: QuerySet[S]) -> QuerySet[S]:
        """Those of ``rows`` that match, in the cluster's order."""
        order = Value(self._pks(rows), output_field=ArrayField(BigIntegerField()))
        place = Func(order, F("pk"), function="array_position", output_field=IntegerField())
        return self.match(rows).order_by(place)

    def _pks(self, rows: QuerySet[Any]) -> list[int]:
        return [hit.pk for hit in self.hits if hit.kind == _MODELS[rows.model]]


class OpenSearch:
    """Asks the cluster which rows match. Which of them a shopper may see now, the database says."""

    def __init__(self, url: str, *, fallback: SearchBackend) -> None:
        self._client = Client(url, timeout=_TIMEOUT_SECONDS, max_retries=0)
        self._fallback = fallback
        self._away_until = 0.0
        self._is_away = False

    def search(self, query: str, *, filters: Filters, limit: int = MAX_HITS, offset: int = 0) -> Hits:
        """The matches from ``offset`` on, products and packages ranked together."""

        def ask() -> Hits:
            found, corrected = self._find(query)
            seen = {kind: self._seen(rows, kind, found) for rows, kind in _rows(filters)}
            hits = [hit for hit in found if hit.pk in seen[hit.kind]]
            return Hits(hits[offset : offset + limit], len(hits), corrected)

        return self._ask(ask, lambda: self._fallback.search(query, filters=filters, limit=limit, offset=offset))

    def understand(self, query: str) -> Understood:
        """Ask the cluster once, for whatever is asked about the query."""
        return self._ask(lambda: _Found(self._find(query)[0]), lambda: self._fallback.understand(query))

    def suggest(self, prefix: str, *, limit: int) -> list[str]:
        """Names that go on like this."""

        def ask() -> list[str]:
            answer = self._client.search(index=INDEX, body=completion_body(prefix, size=limit))
            return [hit["_source"]["name"] for hit in answer["hits"]["hits"]]

        return self._ask(ask, lambda: self._fallback.suggest(prefix, limit=limit)) if split(prefix) else []

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    def prepare(self) -> None:
        """Make the index, unless it is there.

        Raises:
            OpenSearchException: the cluster is away or refuses.
        """
        try:
            self._client.indices.create(index=INDEX, body=MAPPING)
        except RequestError as error:
            if error.error != "resource_already_exists_exception":
                raise

    def index(self, *, products: Collection[int], packages: Collection[int]) -> None:
        """Learn how these rows are now; those that are gone are forgotten.

        Raises:
            OpenSearchException: the cluster is away or refuses.
        """
        self.prepare()
        self._write(actions_for(products=products, packages=packages))

    def remove(self, *, products: Collection[int], packages: Collection[int]) -> None:
        """Forget these rows.

        Raises:
            OpenSearchException: the cluster is away or refuses.
        """
        self._write(chain(removals(Kind.PRODUCT, products), removals(Kind.PACKAGE, packages)))

    def _write(self, actions: Iterable[dict[str, Any]]) -> None:
        # What is to be deleted may be gone already.
        helpers.bulk(self._client, actions, ignore_status=[404], request_timeout=_BULK_TIMEOUT_SECONDS)

    def _ask(self, ask: Callable[[], T], ask_database: Callable[[], T]) -> T:
        """The cluster's answer; the database's while the cluster is away, which is said once."""
        if time.monotonic() < self._away_until:
            return ask_database()
        try:
            answer = ask()
        except (OpenSearchException, LookupError, TypeError, ValueError) as error:
            if not self._is_away:
                log.warning("search.cluster_unreachable", error=type(error).__name__)
            self._away_until, self._is_away = time.monotonic() + _RETRY_AFTER_SECONDS, True
            return ask_database()
        self._is_away = False
        return answer

    def _find(self, query: str) -> tuple[list[Hit], str | None]:
        slots = read_query(query, synonyms.current())
        if not slots:
            return [], None
        answer = self._client.search(index=INDEX, body=search_body(slots, is_every=True, size=MAX_HITS))
        if not answer["hits"]["hits"]:
            answer = self._client.search(index=INDEX, body=search_body(slots, is_every=False, size=MAX_HITS))
        return list(map(_hit, answer["hits"]["hits"])), corrected_by(slots, answer)

    @staticmethod
    def _seen(rows: QuerySet[Any], kind: Kind, hits: Sequence[Hit]) -> set[int]:
        pks = [hit.pk for hit in hits if hit.kind == kind]
        return set(rows.filter(pk__in=pks).values_list("pk", flat=True)) if pks else set()


def _rows(filters: Filters) -> list[tuple[QuerySet[Any], Kind]]:
    return [(filters.products(), Kind.PRODUCT), (filters.packages(), Kind.PACKAGE)]


def _hit(found: dict[str, Any]) -> Hit:
    kind, pk = found["_id"].split("-")
    return Hit(Kind(kind), int(pk), float(found["_score"]))
