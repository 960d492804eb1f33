"""Directions, against the system's implementation of the same algorithm."""

import ctypes
import random

import pytest

from customizations.rendering import bidi

_ALPHABET = "ab12אבعل٣٤ ,.:+-$%()[]{}\u0301!«\u064b🎂é/#"
_OTHER_NEUTRAL = 0x40


def fribidi_levels(text: str) -> list[int]:
    library = ctypes.CDLL("libfribidi.so.0")
    count = len(text)
    numbers = ctypes.c_uint32 * count
    codes, kinds, brackets, found = numbers(*map(ord, text)), numbers(), numbers(), (ctypes.c_int8 * count)()
    library.fribidi_get_bidi_types(codes, count, kinds)
    library.fribidi_get_bracket_types(codes, count, kinds, brackets)
    base = ctypes.c_uint32(_OTHER_NEUTRAL)
    library.fribidi_get_par_embedding_levels_ex(kinds, brackets, count, ctypes.byref(base), found)
    return list(found)


def test_levels_are_those_of_fribidi() -> None:
    chance = random.Random(1)  # noqa: S311 - no secret
    for _ in range(5000):
        text = "".join(chance.choice(_ALPHABET) for _ in range(chance.randrange(1, 14)))
        assert bidi.levels(text) == fribidi_levels(text), ascii(text)


@pytest.mark.parametrize(
    ("text", "levels"),
    [
        ("", []),
        ("abc", [0, 0, 0]),
        ("אב1", [1, 1, 2]),
        ("a\u200dא", [0, 0, 1]),
        ("\u200da", [0, 0]),
        ("(" * 70 + "א", [1] * 71),
        ("a(א)b", [0, 0, 1, 0, 0]),
        ("א(b)", [1, 1, 2, 1]),
        ("א[b\u0301]\u0301", [1, 1, 2, 2, 1, 1]),
    ],
)
def test_levels(text: str, levels: list[int]) -> None:
    assert bidi.levels(text) == levels


@pytest.mark.parametrize(
    ("levels", "order"),
    [([], []), ([0, 0], [0, 1]), ([1, 1], [1, 0]), ([0, 1, 2, 1, 0], [0, 3, 2, 1, 4]), ([1, 2, 2], [1, 2, 0])],
)
def test_visual_order(levels: list[int], order: list[int]) -> None:
    assert bidi.visual_order(levels) == order
