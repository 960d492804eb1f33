"""The words of the catalogue's names: which there are, and which one a misspelt word was meant to be."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from functools import cache
from itertools import chain

from django.db import connection, transaction
from django.db.models import Sum

from catalog.models import Brand, Category, Material, Package, Product, SearchWord, Tag
from catalog.search import spelling
from catalog.search.words import singular, tokens, trigrams

# How many of the most similar words are compared letter by letter.
_CANDIDATES = 60
_BATCH = 5000
_NAMED = (Product, Package, Brand, Category, Tag, Material)

_BY_SHARED_GRAMS = """
    SELECT word, frequency FROM catalog_searchword
     WHERE grams && %(grams)s::varchar[] AND length(word) BETWEEN %(shortest)s AND %(longest)s
     ORDER BY (SELECT count(*) FROM unnest(grams) AS gram WHERE gram = ANY (%(grams)s::varchar[])) DESC,
              frequency DESC, word
     LIMIT %(limit)s
"""
# The same question to pg_trgm, whose index answers it in order.
_BY_PG_TRGM = """
    SELECT word, frequency FROM catalog_searchword
     WHERE length(word) BETWEEN %(shortest)s AND %(longest)s
     ORDER BY word <-> %(word)s LIMIT %(limit)s
"""


def frequencies(words: Collection[str]) -> dict[str, int]:
    """How many names have each of these words, in the singular or the plural, as they were counted last."""
    forms = {word: {word, singular(word), f"{singular(word)}s"} for word in words}
    known = SearchWord.objects.filter(word__in=set(chain(*forms.values()))).values_list("word", "frequency")
    counted = dict(known)
    return {word: sum(counted.get(form, 0) for form in own) for word, own in forms.items()}


def frequency_of_beginning(prefix: str) -> int:
    """How many words of names begin like this, as they were counted last."""
    words = SearchWord.objects.filter(word__startswith=prefix)
    counted: int = words.aggregate(sum=Sum("frequency", default=0))["sum"]
    return counted


def complete(prefix: str, *, limit: int) -> list[str]:
    """Words that begin like this, the most frequent ones first."""
    words = SearchWord.objects.filter(word__startswith=prefix).order_by("-frequency", "word")
    return list(words.values_list("word", flat=True)[:limit])


def correct(word: str) -> list[str]:
    """The words that a misspelt one was probably meant to be, the likeliest first."""
    slack = spelling.tolerance(word)
    if not slack:
        return []
    asked: dict[str, str | int | list[str]] = {
        "word": word,
        "grams": trigrams(word),
        "shortest": len(word) - slack,
        "longest": len(word) + slack,
        "limit": _CANDIDATES,
    }
    with connection.cursor() as cursor:
        cursor.execute(_BY_PG_TRGM if has_pg_trgm() else _BY_SHARED_GRAMS, asked)
        return spelling.nearest(word, cursor.fetchall())


@cache
def has_pg_trgm() -> bool:
    """Whether the database has the extension; asked once per process."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_extension WHERE extname = 'pg_trgm'")
        return cursor.fetchone() is not None


def learn(names: Iterable[str]) -> None:
    """Remember words that are new; how frequent they are is counted later."""
    words = set(chain.from_iterable(map(_words, names)))
    known = SearchWord.objects.filter(word__in=words).values_list("word", flat=True)
    SearchWord.objects.bulk_create(map(_row, sorted(words.difference(known))), ignore_conflicts=True)


@transaction.atomic
def count() -> int:
    """Count every word of every name anew and forget those that are gone; returns how many there are."""
    counted = Counter(chain.from_iterable(map(_words, _names())))
    known = dict(SearchWord.objects.order_by("word").select_for_update().values_list("word", "frequency"))
    SearchWord.objects.filter(word__in=known.keys() - counted.keys()).delete()
    changed = [_row(word, counted[word]) for word in sorted(counted) if known.get(word) != counted[word]]
    SearchWord.objects.bulk_create(
        changed, _BATCH, update_conflicts=True, unique_fields=["word"], update_fields=["frequency"]
    )
    return len(counted)


def _names() -> Iterator[str]:
    for model in _NAMED:
        yield from model._default_manager.values_list("name", flat=True).iterator(_BATCH)  # noqa: SLF001 - Django's documented interface


def _words(name: str) -> set[str]:
    """The words of a name that somebody could misspell."""
    return {word for word in tokens(name) if len(word) > 2 and word.isalpha()}  # noqa: PLR2004 - "of" is no clue


def _row(word: str, frequency: int = 1) -> SearchWord:
    return SearchWord(word=word, frequency=frequency, grams=trigrams(word))
