"""Synonyms in the admin."""

from typing import Any

import pytest
from django.urls import reverse

from catalog.models import Synonym
from catalog.search import synonyms
from catalog.search.port import Filters
from catalog.selectors.search import find
from catalog.tests.factories import make_product
from fantasize.tests.staff import signed_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def client() -> Any:
    return signed_in()


def test_a_line_is_searched_by_from_the_next_call_on(client: Any) -> None:
    make_product(name="Owl mug")
    assert find("beaker", Filters()).total == 0
    client.post(reverse("admin:catalog_synonym_add"), {"words": "Mug,  BEAKER, tea  cup", "is_active": "on"})
    line = Synonym.objects.get()
    assert line.words == "mug, beaker, tea cup"
    assert find("beaker", Filters()).total == find("tea cup", Filters()).total == 1
    client.post(reverse("admin:catalog_synonym_change", args=[line.pk]), {"words": "mug, tumbler", "is_active": "on"})
    assert (find("beaker", Filters()).total, find("tumbler", Filters()).total) == (0, 1)
    client.post(reverse("admin:catalog_synonym_delete", args=[line.pk]), {"post": "yes"})
    assert find("tumbler", Filters()).total == 0
    assert synonyms.current() == {}


def test_several_lines_are_forgotten_at_once(client: Any) -> None:
    lines = [Synonym.objects.create(words=words) for words in ("mug, cup", "owl, bird")]
    assert len(synonyms.current()) == 4
    action = {"action": "delete_selected", "_selected_action": [line.pk for line in lines], "post": "yes"}
    client.post(reverse("admin:catalog_synonym_changelist"), action)
    assert synonyms.current() == {}


@pytest.mark.parametrize("words", ["mug", "mug, Mug", "!, ?", ",,,"])
def test_a_word_alone_is_no_synonym(client: Any, words: str) -> None:
    answer = client.post(reverse("admin:catalog_synonym_add"), {"words": words, "is_active": "on"})
    assert b"Name at least two words or phrases" in answer.content
    assert not Synonym.objects.exists()
