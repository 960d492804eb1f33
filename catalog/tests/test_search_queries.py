"""Queries as PostgreSQL takes them."""

from collections.abc import Sequence
from itertools import chain, combinations

import pytest
from django.db import connection

from catalog.models import Product
from catalog.search import POSTGRES, postgres
from catalog.search.port import Filters
from catalog.search.tsquery import Query, all_but_one, every
from catalog.search.words import Slot

pytestmark = pytest.mark.django_db

WORDS = ("oak", "lantern", "mug", "teapot", "clock")


def slots(words: Sequence[str]) -> list[Slot]:
    return [Slot(((word,),)) for word in words]


def asked(expression: str, query: Query, *values: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {expression.format(query=query.sql)}", [*values, *query.parameters])
        return cursor.fetchone()[0]


@pytest.mark.parametrize("count", range(2, len(WORDS) + 1))
def test_all_words_but_one_will_do_and_no_fewer(count: int) -> None:
    query = all_but_one(slots(WORDS[:count]))
    for said in chain.from_iterable(combinations(WORDS[:count], size) for size in range(count + 1)):
        found = asked("to_tsvector('simple', %s) @@ {query}", query, " ".join(said))
        assert found is (len(said) >= count - 1), said


@pytest.mark.parametrize(("word", "nodes"), [("oak", 1), ("lanterns", 3)])
def test_a_word_without_an_ending_is_looked_for_once(word: str, nodes: int) -> None:
    query = every(slots([word]))
    assert asked("numnode({query})", query) == nodes
    assert asked("to_tsvector('english', %s) @@ {query}", query, word) is True
    assert asked("to_tsvector('simple', %s) @@ {query}", query, word) is True


@pytest.mark.usefixtures("lamps")
def test_where_nothing_can_be_nothing_is_looked_for() -> None:
    assert POSTGRES.search("lantern", filters=Filters()).total > 0
    assert POSTGRES.search("lantern", filters=Filters(category_ids=())).total == 0
    assert list(postgres.read("lantern").best_first(Product.objects.none())) == []
