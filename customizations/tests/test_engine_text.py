"""What may be written, and in what form it is judged."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customizations.engine.text import BLANK, FORBIDDEN, cannot_fit, count_lines, misplaced, normalise, trim

FORBIDDEN_CODES = [code for ends in FORBIDDEN for code in {ends[0], sum(ends) // 2, ends[1]}]


@pytest.mark.parametrize("code", FORBIDDEN_CODES, ids=lambda code: f"U+{code:04X}")
def test_what_hides_reorders_or_controls_is_named(code: int) -> None:
    assert misplaced(f"a{chr(code)}b", has_lines=True) == (f"U+{code:04X}",)


def test_all_that_unicode_calls_a_control_format_or_no_character_is_forbidden_but_joiners_and_line_feeds() -> None:
    kinds = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
    free = {
        code
        for code in (*range(0x20000), *range(0xE0000, 0xE1000))
        if unicodedata.category(chr(code)) in kinds and not any(first <= code <= last for first, last in FORBIDDEN)
    }
    # Signs of Arabic, Syriac, Kaithi, hieroglyphs and shorthand have ink although they format.
    visible = {*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD, *range(0x13430, 0x13440)}
    assert free - visible == {0x0A, 0x200C, 0x200D}


@pytest.mark.parametrize(
    "text",
    [
        "Anna & Björn",
        "می\u200cخواهم",
        "क्\u200dष",
        "👩\u200d👩\u200d👧",
        "👁\ufe0f\u200d🗨\ufe0f",
        "1\ufe0f\u20e3",
        "שָׁלוֹם",
        "ẑ̤̈",
        "\u0301",
        "",
    ],
)
def test_scripts_and_emoji_are_welcome(text: str) -> None:
    assert misplaced(normalise(text), has_lines=False) == ()


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("\u200da", "U+200D"),
        ("a\u200d", "U+200D"),
        ("a\u200d b", "U+200D"),
        ("a \u200db", "U+200D"),
        ("a\u200d\u200cb", "U+200C"),
        ("\u200d", "U+200D"),
        ("a\n\u200cb", "U+200C"),
        ("\ufe0f", "U+FE0F"),
        (" \ufe0f", "U+FE0F"),
        ("a\ufe0f\ufe0f", "U+FE0F"),
        ("a\u200d\ufe0fb", "U+FE0F"),
    ],
)
def test_what_joins_or_varies_nothing_is_named(text: str, named: str) -> None:
    assert misplaced(text, has_lines=True) == (named,)


def test_a_line_end_is_for_messages() -> None:
    assert misplaced("a\nb", has_lines=True) == ()
    assert misplaced("a\nb", has_lines=False) == ("U+000A",)
    assert misplaced("a\rb", has_lines=True) == ("U+000D",)


def test_faults_are_named_once_in_the_order_of_the_text() -> None:
    assert misplaced("\x07a\u200bb\x07\n", has_lines=False) == ("U+0007", "U+200B", "U+000A")


@pytest.mark.parametrize(
    ("allowed", "text", "named"),
    [
        (("capitals",), "ANNA", ()),
        (("capitals",), "Anna", ("U+006E", "U+0061")),
        (("letters", "space"), "Anna B", ()),
        (("letters",), "Anna B", ("U+0020",)),
        (("letters", "accents"), "Žofie", ()),
        (("letters",), "Žofie", ("U+017D",)),
        (("digits", "punctuation"), "24.12.", ()),
        (("greek",), "Ελένη", ()),
        (("cyrillic",), "Олег", ()),
        (("letters",), "a\nb", ("U+000A",)),
    ],
)
def test_a_text_may_be_narrowed_down_to_classes(allowed: tuple[str, ...], text: str, named: tuple[str, ...]) -> None:
    assert misplaced(text, has_lines=False, allowed=allowed) == named


def test_text_is_composed_and_its_lines_end_with_line_feeds() -> None:
    assert normalise("e\u0301\r\nb\nc") == "é\nb\nc"


def test_blanks_are_dropped_at_both_ends_and_nothing_is_left_of_text_that_shows_nothing() -> None:
    assert trim("\n\u00a0 a b \u3000\n") == "a b"
    assert trim("".join(chr(code) for first, last in BLANK for code in range(first, last + 1))) == ""


def test_lines_are_counted_with_the_empty_ones() -> None:
    assert [count_lines(text) for text in ("", "a", "a\nb", "\n\n")] == [1, 1, 2, 3]


@given(st.text(max_size=40), st.integers(0, 40))
def test_text_that_cannot_fit_does_not_fit_once_it_is_composed(text: str, most: int) -> None:
    if cannot_fit(text, most):
        assert len(normalise(text)) > most


def test_the_most_is_composed_of_four() -> None:
    assert not cannot_fit(unicodedata.normalize("NFD", "\u1f82" * 10), 10)
    longest = max(len(unicodedata.normalize("NFD", chr(code))) for code in range(0x20000) if _is_composed(chr(code)))
    assert longest == 4


def _is_composed(character: str) -> bool:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", character)) == character
