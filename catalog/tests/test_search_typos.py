"""Words that are mistyped, unfinished, or said in other words."""

from typing import Any

import pytest
from django.db import connection

from catalog.caching import products as product_cache
from catalog.models import SearchWord, Synonym
from catalog.search import vocabulary
from catalog.selectors.search import suggest
from catalog.services import products, search
from catalog.tests.factories import make_product
from catalog.tests.searching import ask, names

pytestmark = pytest.mark.django_db


@pytest.mark.usefixtures("lamps")
@pytest.mark.parametrize(
    ("typo", "meant", "first"),
    [
        ("lantrn", "lantern", "Oak lantern"),
        ("lanternn", "lantern", "Oak lantern"),
        ("lantren", "lantern", "Oak lantern"),
        ("oak lanrern", "oak lantern", "Oak lantern"),
        ("candel", "candle", "Scented candle"),
        ("cnadlestick", "candlestick", "Metal candlestick"),
    ],
)
def test_slips_of_the_finger_are_forgiven(typo: str, meant: str, first: str) -> None:
    hits = ask(typo)
    assert hits.corrected == meant
    assert names(typo)[0] == first


@pytest.mark.usefixtures("lamps")
def test_short_words_unfinished_words_and_nonsense_are_left_alone() -> None:
    assert ask("owk").corrected is ask("lante").corrected is ask("qwertz").corrected is None
    assert ask("lante").total == 2


def test_the_more_frequent_word_was_meant() -> None:
    for name in ("Handle", "Candle one", "Candle two"):
        make_product(name=name)
    search.count_words()
    assert ask("xandle").corrected == "candle"


def test_with_pg_trgm_the_same_words_are_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a server without the extension its operator is made of the same definition."""
    for name in ("Lantern", "Candle", "Handle", "Cradle", "Candlestick"):
        make_product(name=name)
    search.count_words()
    own = {typo: vocabulary.correct(typo) for typo in ("lantren", "candel", "xandle", "candlestik", "zzzzzz")}
    vocabulary.has_pg_trgm.cache_clear()
    if not vocabulary.has_pg_trgm():
        _make_distance_operator()
    monkeypatch.setattr(vocabulary, "has_pg_trgm", lambda: True)
    assert {typo: vocabulary.correct(typo) for typo in own} == own
    assert own["lantren"] == ["lantern"]


def _make_distance_operator() -> None:
    with connection.cursor() as cursor:
        cursor.execute("""
            CREATE FUNCTION grams_of(word text) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
                SELECT array_agg(DISTINCT substr('  ' || word || ' ', start, 3))
                  FROM generate_series(1, length(word) + 1) start
            $$;
            CREATE FUNCTION similarity_dist(one text, other text) RETURNS real LANGUAGE sql IMMUTABLE AS $$
                SELECT 1 - (SELECT count(*) FROM unnest(grams_of(one)) gram WHERE gram = ANY (grams_of(other)))::real
                         / (SELECT count(DISTINCT gram) FROM unnest(grams_of(one) || grams_of(other)) gram)
            $$;
            CREATE OPERATOR <-> (LEFTARG = text, RIGHTARG = text, FUNCTION = similarity_dist);
        """)


def test_whether_the_server_has_pg_trgm_is_asked_once(django_assert_num_queries: Any) -> None:
    vocabulary.has_pg_trgm.cache_clear()
    with django_assert_num_queries(1):
        assert vocabulary.has_pg_trgm() == vocabulary.has_pg_trgm()


def test_synonyms_are_found_also_of_several_words() -> None:
    make_product(name="Owl mug")
    make_product(name="Glass tealight")
    assert names("beaker") == names("tea light") == []
    Synonym.objects.create(words="mug, cup, beaker")
    Synonym.objects.create(words="tealight, tea light, t-light")
    Synonym.objects.create(words="owl, strigiform", is_active=False)
    product_cache.invalidate()
    assert names("beaker") == names("cups") == ["Owl mug"]
    assert names("tea light") == names("t-lights") == ["Glass tealight"]
    assert names("strigiform") == []


def test_words_are_suggested_by_how_frequent_they_are() -> None:
    for name in ("Lantern", "Paper lantern", "Landscape"):
        make_product(name=name)
    search.count_words()
    assert suggest("oak lan") == ["oak lantern", "oak landscape"]
    assert suggest("!") == suggest("xyz") == []


def test_new_words_are_known_after_the_commit(django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        make_product(name="Zebra lamp, 2 pcs, of A4")
    assert set(SearchWord.objects.values_list("word", flat=True)) == {"zebra", "lamp", "pcs"}
    assert ask("zbera").corrected == "zebra"


def test_counting_words_forgets_those_that_are_gone() -> None:
    lamp = make_product(name="Zebra lamp")
    make_product(name="Oak lamp")
    assert search.count_words() == 3
    assert dict(SearchWord.objects.values_list("word", "frequency")) == {"zebra": 1, "lamp": 2, "oak": 1}
    products.update_product(product=lamp, changes={"name": "Lion lamp"})
    search.count_words()
    assert set(SearchWord.objects.values_list("word", flat=True)) == {"lion", "lamp", "oak"}
