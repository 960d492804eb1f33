"""How far words are apart, and which one was meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.search.spelling import MAX_SUGGESTIONS, distance, nearest, tolerance

WORDS = st.text("abcd", max_size=8)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("candle", "candle", 0),
        ("candel", "candle", 1),
        ("cndle", "candle", 1),
        ("canddle", "candle", 1),
        ("cabdle", "candle", 1),
        ("lantren", "lantern", 1),
        ("lanternn", "lanten", 2),
        ("", "abc", 3),
        ("abc", "", 3),
    ],
)
def test_a_slip_of_the_finger_is_one_step(one: str, other: str, expected: int) -> None:
    assert distance(one, other) == expected


@given(WORDS, WORDS)
def test_the_way_back_is_as_long(one: str, other: str) -> None:
    assert distance(one, other) == distance(other, one)
    assert abs(len(one) - len(other)) <= distance(one, other) <= max(len(one), len(other))


@pytest.mark.parametrize(("word", "allowed"), [("mug", 0), ("star", 1), ("lantern", 1), ("lanterns", 2)])
def test_long_words_may_have_more_slips(word: str, allowed: int) -> None:
    assert tolerance(word) == allowed


def test_the_nearest_word_was_meant_and_of_equals_the_more_frequent() -> None:
    known = [("candle", 5), ("handle", 9), ("cradle", 50), ("bundle", 70)]
    assert nearest("candel", known) == ["candle"]
    assert nearest("xandle", known) == ["handle", "candle"]
    assert nearest("zzzzzz", known) == []
    assert nearest("candle", []) == []
    many = [(f"can{letter}le", number) for number, letter in enumerate("abcdef")]
    assert nearest("canxle", many) == ["canfle", "canele", "candle"][:MAX_SUGGESTIONS]
