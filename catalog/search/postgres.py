"""Search in PostgreSQL itself: full text with weights, synonyms, and forgiveness for slips of the finger."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import F, QuerySet
from django.db.models.expressions import RawSQL

from catalog.search import documents, synonyms, vocabulary
from catalog.search.port import MAX_HITS, Filters, Hit, Hits, Kind, S
from catalog.search.ranking import Rank
from catalog.search.tsquery import Matches, Query, all_but_one, every, some
from catalog.search.words import Slot, read_query, split

# The best sellers among the matches that are ranked. A word that half of the shop has would take long otherwise, and
# nobody pages through it.
_CANDIDATES = 150
# With fewer hits than this a word that no name has is taken for misspelt.
_FEW = 3

# A word that so many names had last night is not misspelt.
_FREQUENT = 100
# So many matches are found and sorted sooner than the best sellers are gone through.
_COMMON = 4000

# How many match, hidden ones too, up to a few. The subqueries stand apart so that the index answers them: for a few
# rows PostgreSQL would rather read the table, which takes long when there are none.
_A_FEW = """
    WITH product AS MATERIALIZED (SELECT FROM catalog_product WHERE search @@ {query}),
         package AS MATERIALIZED (SELECT FROM catalog_package WHERE search @@ {query})
    SELECT count(*) FROM (SELECT FROM product UNION ALL SELECT FROM package LIMIT %s) AS few
"""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a query is taken to mean.

    Attributes:
        query: None if it holds no word.
        words: as they should be spelt.
        corrected: the query without its misspelt words; None if it has none.
        is_rare: that so few match that it is quicker to find them all than to go through the best sellers.
    """

    query: Query | None
    words: Sequence[str] = ()
    corrected: str | None = None
    is_rare: bool = False

    def match(self, rows: QuerySet[S]) -> QuerySet[S]:
        """Those of ``rows`` that match, in no order."""
        return rows.none() if self.query is None else rows.filter(Matches(F("search"), self.query.expression))

    def best_first(self, rows: QuerySet[S]) -> QuerySet[S]:
        """The best of those of ``rows`` that match, in order, annotated with ``rank``.

        Only best sellers are ranked, first those with the words in their names: a word that half of the shop has would
        take long otherwise.
        """
        if self.query is None:
            return rows.none()
        try:
            candidates, parameters = self._candidates(rows, self.query)
        except EmptyResultSet:
            return rows.none()
        best = rows.filter(pk__in=RawSQL(candidates, parameters))  # noqa: S611 - Django's own SQL
        ranked: QuerySet[S] = best.annotate(rank=Rank(rows.model, self.query, self.words)).order_by("-rank", "pk")
        return ranked

    def ranks(self, rows: QuerySet[S], query: Query) -> Sequence[tuple[int, float]]:
        """The ids of the same and their ranks, in no order.

        Said without Django: it takes longer to word it than PostgreSQL to answer it.
        """
        try:
            candidates, parameters = self._candidates(rows, query)
        except EmptyResultSet:
            return []
        rank, own = Rank(rows.model, query, self.words).said()
        table = rows.model._meta.db_table  # noqa: SLF001 - Django's documented interface
        statement = f"SELECT id, {rank} FROM {table} WHERE id IN ({candidates})"  # noqa: S608 - no text of anybody's
        with connection.cursor() as cursor:
            cursor.execute(statement, own + parameters)
            found: list[tuple[int, float]] = cursor.fetchall()
            return found

    def _candidates(self, rows: QuerySet[S], query: Query) -> tuple[str, tuple[Any, ...]]:
        # Nothing added: PostgreSQL, which takes a look at words to cost next to nothing, leaves its index alone then.
        most_sold = (F("sales_count") + 0).desc() if self.is_rare else F("sales_count").desc()
        matches = rows.filter(Matches(F("names"), query.expression)).order_by(most_sold, "-pk").values("pk")
        named, parameters = _compiled(matches[:_CANDIDATES])
        described = named.replace('"names" @@', '"search" @@')
        # PostgreSQL does not begin with the second half when the first has been enough.
        return f"({named}) UNION ALL ({described}) LIMIT {_CANDIDATES}", parameters * 2


class PostgresSearch:
    """The backend that is always there."""

    def search(self, query: str, *, filters: Filters, limit: int = MAX_HITS, offset: int = 0) -> Hits:
        """The matches from ``offset`` on, products and packages ranked together."""
        reading = read(query)
        if reading.query is None:
            return Hits()
        found = [
            *(Hit(Kind.PRODUCT, *found) for found in reading.ranks(filters.products(), reading.query)),
            *(Hit(Kind.PACKAGE, *found) for found in reading.ranks(filters.packages(), reading.query)),
        ]
        found.sort(key=lambda hit: (-hit.score, hit.kind, hit.pk))
        return Hits(found[offset : offset + limit], len(found), reading.corrected)

    def understand(self, query: str) -> Reading:
        """Take a query apart once, for whatever is asked about it."""
        return read(query)

    def suggest(self, prefix: str, *, limit: int) -> list[str]:
        """Ways to finish the last word, the most frequent ones first."""
        *before, last = split(prefix) or [""]
        return [" ".join([*before, word]) for word in vocabulary.complete(last, limit=limit)] if last else []

    def index(self, *, products: Collection[int], packages: Collection[int]) -> None:
        """Write the search documents of these rows anew, in the caller's transaction."""
        documents.write_products(products)
        documents.write_packages(packages)

    def remove(self, *, products: Collection[int], packages: Collection[int]) -> None:
        """Nothing: a row's search document goes with the row."""


def read(text: str) -> Reading:
    """Take ``text`` at its word as long as it finds a few things; then look for slips of the finger, then for less."""
    slots = read_query(text, synonyms.current())
    if not slots:
        return Reading(None)
    frequency = vocabulary.frequencies([slot.typed[0] for slot in slots if len(slot.typed) == 1])
    misspelt = {word for word, names in frequency.items() if not names}
    if slots[-1].typed[-1] not in misspelt:
        # Whoever has written a word that there is means that word, and not all that begin like it.
        slots = (*slots[:-1], replace(slots[-1], is_unfinished=False))
    weight = _weigh(slots, frequency)
    found = _FEW if len(slots) == 1 and weight >= _FREQUENT else _count_a_few(every(slots))
    if found == _FEW:
        return Reading(every(slots), split(text), is_rare=weight < _COMMON)
    if found and slots[-1].is_unfinished and vocabulary.complete(slots[-1].typed[-1], limit=1):
        # Somebody is on the way to a word that there is.
        misspelt.discard(slots[-1].typed[-1])
    return _read_on(text, slots, found, {word: meant for word in misspelt if (meant := _meant_by(word))})


def _read_on(text: str, slots: Sequence[Slot], found: int, corrections: Mapping[str, Sequence[str]]) -> Reading:
    words = [corrections.get(word, [word])[0] for word in split(text)]
    corrected = " ".join(words) if corrections else None
    slots = [slot.with_phrases((word,) for word in corrections.get(slot.typed[0], ())) for slot in slots]
    is_rare = len(slots) == 1
    if is_rare and corrections:
        is_rare = sum(vocabulary.frequencies(words).values()) < _COMMON
    if corrections and (found or _count_a_few(every(slots))):
        return Reading(every(slots), words, corrected, is_rare)
    if len(slots) > 1 and (found or _count_a_few(all_but_one(slots))):
        return Reading(all_but_one(slots), words, corrected)
    return Reading(some(slots), words, corrected, is_rare)


def _weigh(slots: Sequence[Slot], frequency: Mapping[str, int]) -> int:
    """About how many names match, where that is known beforehand: of one word."""
    if len(slots) > 1:
        return _COMMON
    word = slots[0].typed[-1]
    return vocabulary.frequency_of_beginning(word) if slots[0].is_unfinished else frequency.get(word, 0)


def _meant_by(word: str) -> list[str]:
    """What a misspelt word was probably meant to be; what only goes on where somebody still types is no correction."""
    return [other for other in vocabulary.correct(word) if not other.startswith(word)]


def _compiled(rows: QuerySet[Any, Any]) -> tuple[str, tuple[Any, ...]]:
    statement: tuple[str, tuple[Any, ...]] = rows.query.sql_with_params()
    return statement


def _count_a_few(query: Query) -> int:
    """How many products and packages match, hidden ones too, counted up to ``_FEW``."""
    with connection.cursor() as cursor:
        cursor.execute(_A_FEW.format(query=query.sql), [*query.parameters * 2, _FEW])
        return int(cursor.fetchone()[0])
