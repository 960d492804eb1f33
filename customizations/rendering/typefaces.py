"""The fonts that are shipped with the shop: which there are, which characters they have, and how they are loaded."""

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from PIL import ImageFont, features

FOLDER = Path(__file__).parent / "fonts"

# The one after it ends the map.
_LAST_IN_FORMAT_4 = 0xFFFE
# Subtables of a character map by (platform, encoding), the fullest first.
_MAPS = ((3, 10), (0, 4), (3, 1), (0, 3))


class UnavailableError(RuntimeError):
    """Text cannot be laid out on this machine: the image library found no FriBidi."""


@dataclass(frozen=True, slots=True)
class Typeface:
    """A font that a placement may name.

    Attributes:
        title: what people call it.
        file: its file in ``fonts/``.
    """

    title: str
    file: str


# A name stays for ever: templates and orders say it.
FONTS: Mapping[str, Typeface] = MappingProxyType(
    {
        "serif": Typeface("EB Garamond", "EBGaramond-Medium.ttf"),
        "sans": Typeface("Montserrat", "Montserrat-Medium.ttf"),
        "slab": Typeface("Zilla Slab", "ZillaSlab-Medium.ttf"),
        "script": Typeface("Great Vibes", "GreatVibes-Regular.ttf"),
        "hand": Typeface("Caveat", "Caveat-SemiBold.ttf"),
    }
)
# Taken from the shop: no placement may name them any more, what was sold with them is still drawn.
RETIRED: Mapping[str, Typeface] = MappingProxyType({})
EMOJI = "NotoEmoji-Regular.ttf"
# Who lends what the chosen font does not have: Latin, Greek and Cyrillic; Arabic; Hebrew; signs and the rest; emoji.
FALLBACKS = (
    "EBGaramond-Medium.ttf",
    "NotoNaskhArabic-Medium.ttf",
    "NotoSansHebrew-Medium.ttf",
    "DejaVuSans.ttf",
    EMOJI,
)


def file_of(name: str) -> str:
    """The file of the font that placements call ``name``; KeyError if there never was one."""
    return (FONTS.get(name) or RETIRED[name]).file


@lru_cache(maxsize=256)
def load(file: str, size: int) -> ImageFont.FreeTypeFont:
    """The font in ``file`` with an em of ``size`` pixels.

    Raises:
        UnavailableError: without FriBidi.
    """
    if not features.check("raqm"):
        raise UnavailableError("Text needs FriBidi: install the system's package libfribidi0 and start again.")
    return ImageFont.truetype(FOLDER / file, size, layout_engine=ImageFont.Layout.RAQM)


@lru_cache(maxsize=32)
def coverage(file: str) -> frozenset[int]:
    """The code points that the font in ``file`` has a glyph for, as its ``cmap`` table says."""
    content = (FOLDER / file).read_bytes()
    start = _table(content, b"cmap")
    (count,) = struct.unpack_from(">H", content, start + 2)
    records = (struct.unpack_from(">HHL", content, start + 4 + 8 * number) for number in range(count))
    offsets = {(platform, encoding): start + offset for platform, encoding, offset in records}
    at = next(offsets[kind] for kind in _MAPS if kind in offsets)
    (form,) = struct.unpack_from(">H", content, at)
    return frozenset(_segments(content, at) if form == 4 else _groups(content, at))  # noqa: PLR2004 - the format


def _table(content: bytes, tag: bytes) -> int:
    """Where a table of the font begins."""
    (count,) = struct.unpack_from(">H", content, 4)
    records = (struct.unpack_from(">4s4xL", content, 12 + 16 * number) for number in range(count))
    return next(int(where) for name, where in records if name == tag)


def _groups(content: bytes, at: int) -> Iterator[int]:
    """The characters of a map in format 12."""
    (count,) = struct.unpack_from(">L", content, at + 12)
    for number in range(count):
        first, last, _ = struct.unpack_from(">LLL", content, at + 16 + 12 * number)
        yield from range(first, last + 1)


def _segments(content: bytes, at: int) -> Iterator[int]:
    """The characters of a map in format 4; in fonts as they are prepared here its segments have no holes."""
    (double,) = struct.unpack_from(">H", content, at + 6)
    ends = struct.unpack_from(f">{double // 2}H", content, at + 14)
    starts = struct.unpack_from(f">{double // 2}H", content, at + 16 + double)
    for first, last in zip(starts, ends, strict=True):
        yield from range(first, min(last, _LAST_IN_FORMAT_4) + 1)
