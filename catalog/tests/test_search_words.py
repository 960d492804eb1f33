"""What somebody typed, taken apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.search import words
from catalog.search.words import Slot, read_phrases, read_query, read_synonyms, singular, split, trigrams

SYNONYMS = read_synonyms(["mug, cup, tea cup", "t-light, tealight, tea light"])


def phrases(text: str) -> list[list[str]]:
    return [[" ".join(phrase) for phrase in slot.phrases] for slot in read_query(text, SYNONYMS)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Oak LANTERN", ["oak", "lantern"]),
        ("T-light", ["t", "light"]),
        ("Crème brûlée", ["creme", "brulee"]),
        ("Mother's day", ["mother", "day"]),
        ("rock'n'roll", ["rocknroll"]),
        ("heart heart", ["heart"]),
        ("snake_case", ["snake", "case"]),
        ("&|!:*()<->'\"\\%", []),
        ("🎁 \u202eهدية", ["هدية"]),
    ],
)
def test_a_text_is_its_words(text: str, expected: list[str]) -> None:
    assert split(text) == expected


def test_a_text_pasted_by_mistake_is_cut_off() -> None:
    found = split(" ".join(f"word{number}" for number in range(10_000)))
    assert found == [f"word{number}" for number in range(words.MAX_WORDS)]
    assert split("x" * 10_000) == ["x" * words.MAX_WORD_LENGTH]


def test_only_the_last_word_may_be_unfinished() -> None:
    assert [slot.is_unfinished for slot in read_query("oak lanter", {})] == [False, True]
    assert [slot.is_unfinished for slot in read_query("oak for", {})] == [False]


def test_words_said_in_passing_are_not_looked_for_unless_there_is_nothing_else() -> None:
    assert phrases("a gift for the garden") == [["gift"], ["garden"]]
    assert phrases("for you") == [["for"], ["you"]]
    assert phrases("?!") == []


def test_synonyms_stand_beside_what_was_typed_in_singular_and_plural() -> None:
    assert phrases("red mugs") == [["red"], ["mugs", "cup", "tea cup"]]
    assert phrases("tea cups") == [["tea cups", "mug", "cup"]]
    assert phrases("heart t-light") == [["heart"], ["t light", "tealight", "tea light"]]


def test_a_line_of_synonyms_cannot_blow_a_query_up() -> None:
    found = read_synonyms([", ".join(f"word{number}" for number in range(500))] * 3)
    [slot] = read_query("word0", found)
    assert len(slot.phrases) <= words.MAX_ALTERNATIVES
    assert read_phrases("one two three four five six, , ,!") == [("one", "two", "three", "four")]


@pytest.mark.parametrize(
    ("plural", "expected"),
    [
        ("mugs", "mug"),
        ("berries", "berry"),
        ("boxes", "box"),
        ("dishes", "dish"),
        ("glasses", "glass"),
        ("glass", "glass"),
        ("bus", "bus"),
        ("plates", "plate"),
        ("lantern", "lantern"),
    ],
)
def test_plurals_are_told_from_their_ending(plural: str, expected: str) -> None:
    assert singular(plural) == expected


def test_the_beginning_of_a_word_makes_grams_of_its_own() -> None:
    assert trigrams("mug") == ["  m", " mu", "mug", "ug "]


def test_accents_fold_alike_here_and_in_the_database() -> None:
    assert len(words.ACCENTED) == len(words.PLAIN)
    table = str.maketrans(words.ACCENTED, words.PLAIN)
    assert [words.fold(letter) for letter in words.ACCENTED] == list(words.PLAIN)
    assert "crème brûlée".translate(table) == "creme brulee"


@given(st.text(max_size=300))
def test_any_text_is_read_within_bounds(text: str) -> None:
    slots = read_query(text, SYNONYMS)
    assert len(slots) <= words.MAX_WORDS
    for word in (word for slot in slots for phrase in slot.phrases for word in phrase):
        assert word.isalnum()
        assert len(word) <= words.MAX_WORD_LENGTH


def test_a_slot_takes_no_phrase_twice() -> None:
    assert Slot((("mug",),)).with_phrases([("cup",), ("mug",)]).phrases == (("mug",), ("cup",))
