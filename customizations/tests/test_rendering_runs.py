"""How text is cut into what the shaper takes."""

import pytest

from customizations.rendering import runs
from customizations.rendering.typefaces import file_of

SCRIPT = file_of("script")
SERIF, ARABIC, HEBREW = "EBGaramond-Medium.ttf", "NotoNaskhArabic-Medium.ttf", "NotoSansHebrew-Medium.ttf"
EMOJI, SIGNS = "NotoEmoji-Regular.ttf", "DejaVuSans.ttf"


def cut(text: str, file: str = SCRIPT) -> list[tuple[str, str, str]]:
    return [(run.text, run.file, run.direction) for run in runs.paragraph(text, file).runs(0, len(text))]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", []),
        ("ab", ["a", "b"]),
        ("e\u0301\u0323x", ["e\u0301\u0323", "x"]),
        ("👨\u200d👩\u200d👧!", ["👨\u200d👩\u200d👧", "!"]),
        ("👍🏽a🏽", ["👍🏽", "a", "🏽"]),
        ("🇩🇪🇺🇦", ["🇩🇪", "🇺🇦"]),
        ("🇩🇪🇺", ["🇩🇪", "🇺"]),
        ("1\ufe0f\u20e32", ["1\ufe0f\u20e3", "2"]),
        ("🏴\U000e0067\U000e007fa", ["🏴\U000e0067\U000e007f", "a"]),
        ("ن\u200cا", ["ن\u200c", "ا"]),
        ("a\n\u0301", ["a", "\n", "\u0301"]),
    ],
)
def test_clusters(text: str, parts: list[str]) -> None:
    assert list(runs.clusters(text)) == parts


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Anna", [("Anna", SCRIPT, "ltr")]),
        ("Ἀνα b", [("Ἀνα ", SERIF, "ltr"), ("b", SCRIPT, "ltr")]),
        ("سلام دنیا", [("سلام دنیا", ARABIC, "rtl")]),
        ("א b", [("b", SCRIPT, "ltr"), ("א ", HEBREW, "rtl")]),
        ("a 🎂 b", [("a ", SCRIPT, "ltr"), ("🎂", EMOJI, "ltr"), (" b", SCRIPT, "ltr")]),
        ("1\ufe0f\u20e3", [("1\ufe0f\u20e3", EMOJI, "ltr")]),
        ("★", [("★", SIGNS, "ltr")]),
        ("ệ", [("ệ", SCRIPT, "ltr")]),
    ],
)
def test_runs_of_one_font_and_one_direction(text: str, expected: list[tuple[str, str, str]]) -> None:
    assert cut(text) == expected


@pytest.mark.parametrize("heart", ["❤", "❤\ufe0f", "♥", "♥\ufe0f"])
def test_hearts_are_full_ones(heart: str) -> None:
    assert cut(heart) == [(heart, SIGNS, "ltr")]


def test_what_a_font_has_in_parts_it_lends_whole() -> None:
    # Zilla Slab has no Vietnamese; a font with the letter and the mark is as good as one with both in one.
    assert {file for _, file, _ in cut("x\u0302", file_of("slab"))} == {SERIF}


@pytest.mark.parametrize(
    ("text", "characters"),
    [
        ("Anna ❤ שלום 🎂 ★\nx", ()),
        ("漢字漢", ("漢", "字")),
        ("a\u202eb\ue000\u0378\x07", ("\u202e", "\ue000", "\u0378", "\x07")),
        ("🎂\u0301", ("🎂", "\u0301")),
        ("﷽", ("﷽",)),
    ],
)
def test_missing_characters_are_named(text: str, characters: tuple[str, ...]) -> None:
    assert runs.missing(text, SCRIPT) == characters
