"""Blocked words in the admin: one word each, as it is looked for."""

import pytest
from django.test import Client

from customizations.models import BlockedWord

pytestmark = pytest.mark.django_db
ADD = "/admin/customizations/blockedword/add/"


def test_a_word_is_kept_as_it_is_looked_for_and_once(manager: Client) -> None:
    assert manager.post(ADD, {"word": " Größe "}).status_code == 302
    assert [str(word) for word in BlockedWord.objects.all()] == ["grosse"]
    assert manager.post(ADD, {"word": "GROSSE"}).status_code == 200
    assert BlockedWord.objects.count() == 1


@pytest.mark.parametrize("word", ["two words", "…", ""])
def test_what_is_no_single_word_is_refused(word: str, manager: Client) -> None:
    answer = manager.post(ADD, {"word": word})
    assert answer.status_code == 200
    assert "word" in answer.context["adminform"].form.errors
    assert not BlockedWord.objects.exists()
