"""Text set into its box: broken into lines, as large as fits, every piece in its place.

All measures are whole pixels at ``sharpness`` times the resolution of the canvas: text is drawn that much larger and
reduced, so that letters stand where they belong and not at the next pixel.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce

from customizations.engine import Align, TextPlacement
from customizations.rendering.geometry import Arc, Rectangle
from customizations.rendering.runs import Paragraph, Run, paragraph
from customizations.rendering.typefaces import file_of, load

# The shaper is told everything, so that no locale and no default of a library has a say.
FEATURES = ("kern", "liga", "clig", "calt")
LANGUAGE = "en"
# The least em of text whose placement names none: about 4 points in print.
SMALLEST = 16
# Words are measured once, at this em.
_REFERENCE = 256
_LINE_PERCENT = 125
_BREAKABLE = " \u1680\u2000-\u2006\u2008-\u200a\u205f\u3000"
_WORD = re.compile(f"[^{_BREAKABLE}]+")
_SHARP_PIXELS = 16_000_000
# Letters inside an arc leave this part of its radius free.
_LEAST_INNER = 0.2

Line = tuple[Paragraph, int, int]


@dataclass(frozen=True, slots=True)
class Piece:
    """A run, and where its baseline begins."""

    run: Run
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class _Row:
    """A line: its runs, what they cover, and how far down its baseline is."""

    pieces: tuple[Piece, ...]
    ink: Rectangle
    baseline: int

    def moved(self, x: int, y: int) -> "_Row":
        pieces = tuple(Piece(piece.run, piece.x + x, piece.y + y) for piece in self.pieces)
        return _Row(pieces, self.ink.moved(x, y), self.baseline + y)


@dataclass(frozen=True, slots=True)
class Block:
    """Text as it is going to be drawn; places count from the middle of its box.

    Attributes:
        pieces: the runs.
        ink: what they cover before they are bent.
        size: the em, in pixels of the canvas.
        sharpness: how much larger than on the canvas everything else here is.
        arc: what the first line follows.
        drop: how far the bent text is moved down.
    """

    pieces: tuple[Piece, ...]
    ink: Rectangle
    size: int
    sharpness: int
    arc: Arc | None = None
    drop: int = 0


@lru_cache(maxsize=1024)
def set_text(text: str, placement: TextPlacement, *, wraps: bool) -> Block | None:
    """``text``, of which no glyph is missing, in its box; None if it does not fit at the least size.

    Args:
        text: normalised, with LF line ends.
        placement: the box and the look.
        wraps: whether lines are broken between words.
    """
    setter = _Setter(text, placement, wraps=wraps)
    most, least = placement.size or placement.height, least_size(placement)
    best = setter.set(least)
    while best and least < most:
        middle = (least + most + 1) // 2
        if tried := setter.set(middle):
            best, least = tried, middle
        else:
            most = middle - 1
    return best


def least_size(placement: TextPlacement) -> int:
    """The least em that text may have there, in pixels of the canvas; as large as the greatest one, at most."""
    return min(placement.min_size or SMALLEST, placement.size or placement.height)


def sharpness(width: int, height: int) -> int:
    """How much larger than on the canvas something is drawn, so that its edges are smooth and memory is bounded."""
    return next((times for times in (4, 2) if width * height * times * times <= _SHARP_PIXELS), 1)


class _Setter:
    """Sets one text in one box at any size."""

    def __init__(self, text: str, placement: TextPlacement, *, wraps: bool) -> None:
        self.placement = placement
        self.file = file_of(placement.font)
        self.sharpness = sharpness(placement.width, placement.height)
        room = Rectangle.around(placement.width * self.sharpness, placement.height * self.sharpness)
        # A turned box may leave the canvas by half a pixel at its corners.
        self.room = room.grown(-self.sharpness) if placement.rotation else room
        paragraphs = [paragraph(line, self.file) for line in text.split("\n")]
        self.lines: list[Line] = [(each, 0, len(each.text)) for each in paragraphs]
        self.words = [_Words(each) for each in paragraphs] if wraps else None

    def set(self, size: int) -> Block | None:
        """The text at an em of ``size`` pixels of the canvas, if it fits."""
        em = size * self.sharpness
        lines = self._broken(em)
        if lines is None:
            return None
        rows = _stack([_set_row(line, em) for line in lines], em)
        return self._bent(rows, size) if self.placement.curve else self._straight(rows, size)

    def _broken(self, em: int) -> list[Line] | None:
        """The lines, if no word is wider than one."""
        if self.words is None:
            return self.lines
        width = self.room.width
        if self.placement.curve:
            width = math.floor(self._outer * math.radians(abs(self.placement.curve)))
        broken = [words.broken(width * _REFERENCE // em) for words in self.words]
        return [line for lines in broken for line in lines or ()] if all(broken) else None

    def _straight(self, rows: Sequence[_Row], size: int) -> Block | None:
        """Capitals and feet of the letters are as far from the box; what sticks out further decides if it must."""
        rows = _align(rows, self.placement.align, self.room.left, self.room.right)
        ink = _ink(rows)
        if ink.width > self.room.width or ink.height > self.room.height:
            return None
        middle = (rows[-1].baseline - _capitals(self.file, size * self.sharpness)) // 2
        down = _clamp(-middle, self.room.top - ink.top, self.room.bottom - ink.bottom)
        pieces = tuple(Piece(piece.run, piece.x, piece.y + down) for row in rows for piece in row.pieces)
        return Block(pieces, ink.moved(0, down), size, self.sharpness)

    def _bent(self, rows: Sequence[_Row], size: int) -> Block | None:
        """The arc is as wide as the box, letters and all."""
        ink, is_hanging = _ink(rows), self.placement.curve < 0
        outside, inside = (ink.bottom, -ink.top) if is_hanging else (-ink.top, ink.bottom)
        radius = math.floor(self._outer - outside)
        if radius - inside < self._outer * _LEAST_INNER:
            return None
        half = math.floor(radius * math.radians(abs(self.placement.curve)) / 2)
        rows = _align(rows, self.placement.align, -half, half)
        ink, arc = _ink(rows), Arc(radius, is_hanging)
        bounds = arc.bounds(ink)
        if ink.width > 2 * half or bounds.width > self.room.width or bounds.height > self.room.height:
            return None
        drop = _clamp(-(bounds.top + bounds.bottom) // 2, self.room.top - bounds.top, self.room.bottom - bounds.bottom)
        return Block(tuple(piece for row in rows for piece in row.pieces), ink, size, self.sharpness, arc, drop)

    @property
    def _outer(self) -> float:
        """The radius of the circle outside of all letters."""
        angle = math.radians(min(abs(self.placement.curve), 180))
        return self.room.width / (2 * math.sin(angle / 2))


class _Words:
    """The words of a paragraph and where they would begin and end on one endless line, at the em of reference."""

    def __init__(self, whole: Paragraph) -> None:
        self.paragraph = whole
        self.places: list[tuple[int, int, float, float]] = []
        before, x = 0, 0.0
        for match in _WORD.finditer(whole.text):
            begin = x + _length(whole, before, match.start())
            before, x = match.end(), begin + _length(whole, *match.span())
            self.places.append((*match.span(), begin, x))

    def broken(self, width: int) -> list[Line]:
        """Lines that are at most ``width`` wide, as full as they can be; none if a word is wider."""
        lines: list[Line] = []
        room_from = -math.inf
        for start, end, left, right in self.places:
            if right - left > width:
                return []
            if right - room_from <= width:
                lines[-1] = (self.paragraph, lines[-1][1], end)
            else:
                lines.append((self.paragraph, start, end))
                room_from = left
        return lines or [(self.paragraph, 0, 0)]


def _length(whole: Paragraph, start: int, end: int) -> float:
    return sum(_advance(run, _REFERENCE) for run in whole.runs(start, end))


def _advance(run: Run, em: int) -> float:
    font = load(run.file, em)
    return font.getlength(run.text, direction=run.direction, features=[*FEATURES], language=LANGUAGE)


def _covered(run: Run, em: int) -> Rectangle:
    """What a run covers, from where its baseline begins: its ink, and its width if that is more."""
    left, top, right, bottom = load(run.file, em).getbbox(
        run.text, direction=run.direction, features=[*FEATURES], language=LANGUAGE, anchor="ls"
    )
    return Rectangle(math.floor(left), math.floor(top), math.ceil(right), math.ceil(bottom))


def _set_row(line: Line, em: int) -> _Row:
    """The runs of a line, one behind the other."""
    whole, start, end = line
    pieces: list[Piece] = []
    x, ink = 0.0, Rectangle(0, 0, 0, 0)
    for run in whole.runs(start, end):
        if pieces:
            x += _advance(pieces[-1].run, em)
        pieces.append(Piece(run, math.floor(x + 0.5), 0))
        ink = ink.union(_covered(run, em).moved(pieces[-1].x, 0))
    return _Row(tuple(pieces), ink, 0)


def _stack(rows: Sequence[_Row], em: int) -> list[_Row]:
    """The rows, one below the other, further apart where marks are piled up."""
    stacked = list(rows[:1])
    for row in rows[1:]:
        above = stacked[-1]
        apart = max(em * _LINE_PERCENT // 100, above.ink.bottom - above.baseline - row.ink.top)
        stacked.append(row.moved(0, above.baseline + apart))
    return stacked


def _align(rows: Sequence[_Row], align: Align, left: int, right: int) -> list[_Row]:
    """The rows at their places between ``left`` and ``right``."""
    if align is Align.LEFT:
        return [row.moved(left - row.ink.left, 0) for row in rows]
    if align is Align.RIGHT:
        return [row.moved(right - row.ink.right, 0) for row in rows]
    return [row.moved((left + right - row.ink.left - row.ink.right) // 2, 0) for row in rows]


def _ink(rows: Sequence[_Row]) -> Rectangle:
    return reduce(Rectangle.union, (row.ink for row in rows))


@lru_cache(maxsize=1024)
def _capitals(file: str, em: int) -> int:
    """How high capitals are."""
    return -_covered(Run("H", file, "ltr"), em).top


def _clamp(value: int, least: int, most: int) -> int:
    return min(max(value, least), most)
