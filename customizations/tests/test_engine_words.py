"""Blocked words: whole words, without case and accents."""

import pytest

from customizations.engine.words import blocked_in, fold, words_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Größe, ÉTÉ!", ["grosse", "ete"]),
        ("Ärger\nim_Büro 2x", ["arger", "im", "buro", "2x"]),
        ("ﬁne ＬＩＮＥ", ["fine", "line"]),
        ("…!", []),
        ("سَلَام", ["سلام"]),
    ],
)
def test_words_are_what_people_take_for_the_same(text: str, words: list[str]) -> None:
    assert words_of(text) == words
    assert fold(fold(text)) == fold(text)


def test_only_whole_words_are_blocked_and_each_is_named_once() -> None:
    blocked = {"ass", "mist"}
    assert blocked_in("Class of Mississippi", blocked) == []
    assert blocked_in("MIST, Ass, mïst", blocked) == ["mist", "ass"]
