"""What text may be written in answers and labels.

Text is judged in Unicode's composed form (NFC) with LF line ends, and counted in code points. It holds what can be
seen, blanks, and what joins or varies what can be seen; nothing that hides, reorders or controls.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from types import MappingProxyType

Ranges = tuple[tuple[int, int], ...]

NEWLINE = 0x0A
# Control characters; line feeds are judged apart.
_CONTROLS: Ranges = ((0x00, 0x09), (0x0B, 0x1F), (0x7F, 0x9F))
# What reorders text, is not seen, or breaks lines: all of Default_Ignorable_Code_Point but joiners and variations,
# U+2028, U+2029, and marks of annotations and objects.
_UNSEEN: Ranges = (
    (0xAD, 0xAD),
    (0x34F, 0x34F),
    (0x61C, 0x61C),
    (0x115F, 0x1160),
    (0x17B4, 0x17B5),
    (0x180B, 0x180F),
    (0x200B, 0x200B),
    (0x200E, 0x200F),
    (0x2028, 0x202E),
    (0x2060, 0x206F),
    (0x3164, 0x3164),
    (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0),
    (0xFFF0, 0xFFFC),
    (0x1BCA0, 0x1BCA3),
    (0x1D173, 0x1D17A),
    (0xE0000, 0xE0FFF),
)
# What is no character, and what only its inventor can read.
_UNASSIGNABLE: Ranges = (
    (0xD800, 0xDFFF),
    (0xE000, 0xF8FF),
    (0xFDD0, 0xFDEF),
    (0xFFFE, 0xFFFF),
    *((plane + 0xFFFE, plane + 0xFFFF) for plane in range(0x10000, 0xF0000, 0x10000)),
    (0xF0000, 0x10FFFF),
)
FORBIDDEN: Ranges = tuple(sorted(_CONTROLS + _UNSEEN + _UNASSIGNABLE))
# What shows nothing; text of nothing else is no answer.
BLANK: Ranges = (
    (NEWLINE, NEWLINE),
    (0x20, 0x20),
    (0xA0, 0xA0),
    (0x1680, 0x1680),
    (0x2000, 0x200A),
    (0x202F, 0x202F),
    (0x205F, 0x205F),
    (0x2800, 0x2800),
    (0x3000, 0x3000),
)
# U+200C and U+200D stand between two characters, U+FE00 to U+FE0F behind one.
JOINER: Ranges = ((0x200C, 0x200D),)
VARIATION: Ranges = ((0xFE00, 0xFE0F),)
# What a text option may be narrowed down to.
CLASSES: Mapping[str, Ranges] = MappingProxyType(
    {
        "capitals": ((0x41, 0x5A),),
        "letters": ((0x41, 0x5A), (0x61, 0x7A)),
        "accents": ((0xC0, 0xD6), (0xD8, 0xF6), (0xF8, 0x24F), (0x1E00, 0x1EFF)),
        "greek": ((0x370, 0x3FF), (0x1F00, 0x1FFF)),
        "cyrillic": ((0x400, 0x52F),),
        "digits": ((0x30, 0x39),),
        "space": ((0x20, 0x20),),
        "punctuation": ((0x21, 0x2F), (0x3A, 0x40), (0x5B, 0x60), (0x7B, 0x7E), (0x2013, 0x2014), (0x2018, 0x201D)),
    }
)
# Composition makes at most this many code points one (U+1F82).
_MOST_COMPOSED = 4


def _class(ranges: Iterable[tuple[int, int]]) -> str:
    return "".join(f"{re.escape(chr(first))}-{re.escape(chr(last))}" for first, last in ranges)


_BLANKS = "".join(chr(code) for first, last in BLANK for code in range(first, last + 1))
_FORBIDDEN = re.compile(f"[{_class(FORBIDDEN)}]")
_STRAY = re.compile(
    f"(?<![^{_class(BLANK + JOINER)}])[{_class(JOINER)}]|[{_class(JOINER)}](?![^{_class(BLANK)}])"
    f"|(?<![^{_class(BLANK + JOINER + VARIATION)}])[{_class(VARIATION)}]"
)


@cache
def _outside(names: frozenset[str]) -> re.Pattern[str]:
    """What is in none of the classes; line ends are judged apart."""
    return re.compile(f"[^\n{''.join(_class(CLASSES[name]) for name in sorted(names))}]")


def normalise(text: str) -> str:
    """Composed (NFC), with LF line ends."""
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n"))


def trim(text: str) -> str:
    """Without the blanks at both ends; nothing is left of text that shows nothing."""
    return text.strip(_BLANKS)


def cannot_fit(text: str, most: int) -> bool:
    """Whether no composition brings ``text`` down to ``most`` code points; so endless text is not even composed."""
    return len(text) > most * _MOST_COMPOSED


def count_lines(text: str) -> int:
    """How many lines there are; empty ones count, and so does one of no text at all."""
    return text.count("\n") + 1


def misplaced(text: str, *, has_lines: bool, allowed: Collection[str] = ()) -> tuple[str, ...]:
    """The characters of normalised ``text`` that may not be there, as ``U+0007``, each once, in order.

    Args:
        text: what was written.
        has_lines: whether line ends are allowed.
        allowed: names of ``CLASSES`` that it is narrowed down to; empty for all text.
    """
    if text.isascii() and text.isprintable() and not allowed:
        return ()
    found = [*_FORBIDDEN.findall(text), *_STRAY.findall(text)]
    if not has_lines and "\n" in text:
        found.append("\n")
    if names := frozenset(allowed):
        found += _outside(names).findall(text)
    return tuple(f"U+{ord(character):04X}" for character in sorted(set(found), key=text.index))
