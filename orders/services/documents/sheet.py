"""Text on pages, in every script that the shop has a font for. All text is data: nothing in it is obeyed.

Lines are broken before anything is put in its reading order, as Unicode's bidirectional algorithm wants it.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any
from unicodedata import bidirectional, category

from fpdf import FPDF
from fpdf.enums import Align

from customizations.rendering.typefaces import FALLBACKS, FOLDER, coverage

FONT = "Montserrat-Medium.ttf"
# Of a line of text to its size in points: points to millimetres, and some air.
_LEADING = 0.3528 * 1.45
_RIGHT_TO_LEFT = frozenset({"R", "AL"})
_STRONG = _RIGHT_TO_LEFT | {"L"}
# What is drawn for a character that no font has.
_UNKNOWN = "\N{WHITE SQUARE}"
# So many characters of a word are measured: more are on no line.
_LONGEST = 200
_FOOTER_SIZE, _FOOTER_GREY = 8, 110
_JOINERS = "\N{ZERO WIDTH JOINER}\N{VARIATION SELECTOR-16}"


class Sheet(FPDF):
    """A document that grows downwards, in millimetres and points. The same calls give the same bytes."""

    def __init__(
        self, *, at: datetime, size: tuple[float, float], margin: float, title: str, page_count: int = 1
    ) -> None:
        super().__init__(unit="mm", format=size)
        self._name, self._page_count = title, page_count
        # Else ``{nb}`` in anybody's text would be the number of pages.
        self.alias_nb_pages("")
        self.set_creation_date(at)
        self.set_title(title)
        self.set_margin(margin)
        self.set_auto_page_break(auto=True, margin=margin)
        self.add_font("main", fname=FOLDER / FONT)
        self.set_font("main", size=10)
        self.set_text_shaping(use_shaping_engine=True)
        self._lent: list[str] = []
        self._widths: dict[str, float] = {}
        self.add_page()

    def footer(self) -> None:
        """Which page of what it is, where there are several: on a table in the workshop they part."""
        if self._page_count > 1:
            self.set_y(-self.b_margin * 0.7)
            self._begin("", _FOOTER_SIZE, _FOOTER_GREY)
            self._line(
                f"{self._name} \N{MIDDLE DOT} {self.page_no()} / {self._page_count}", self.epw, _FOOTER_SIZE, "R"
            )

    def write_block(self, text: str, *, size: float = 10, grey: int = 30, align: str = "", width: float = 0) -> None:
        """A paragraph from here down, broken into lines of ``width``; to the right if it is read from there."""
        self._begin(text, size, grey)
        width = width or self.epw
        for paragraph in _clean(text).splitlines() or [""]:
            side = align or ("R" if is_right_to_left(paragraph) else "L")
            for line in self._lines(paragraph, width, size):
                self._line(line, width, size, side)

    def height_of(self, text: str, *, size: float, width: float = 0) -> float:
        """How much room a paragraph takes."""
        self._begin(text, size, 0)
        width = width or self.epw
        count = sum(len(list(self._lines(paragraph, width, size))) for paragraph in _clean(text).splitlines())
        return count * size * _LEADING

    def write_row(self, cells: Sequence[tuple[str, float, str]], *, size: float = 10, grey: int = 30) -> None:
        """Texts side by side, each with its width and side, as high as the highest; a page's end is not in it."""
        height = max(self.height_of(text, size=size, width=width) for text, width, _ in cells)
        if self.will_page_break(height):
            self.add_page()
        top, left = self.get_y(), self.l_margin
        for text, width, align in cells:
            self.set_xy(left, top)
            with self.local_context():
                self._column(text, width, size, grey, align)
            left += width
        self.set_xy(self.l_margin, top + height)

    def rule(self, *, space: float = 3) -> None:
        """A thin line across."""
        self.ln(space)
        self.set_draw_color(200)
        self.set_line_width(0.2)
        self.line(self.l_margin, self.get_y(), self.w - self.r_margin, self.get_y())
        self.ln(space)

    def finish(self) -> bytes:
        """The document."""
        return bytes(self.output())

    def _column(self, text: str, width: float, size: float, grey: int, align: str) -> None:
        left = self.get_x()
        self._begin(text, size, grey)
        for paragraph in _clean(text).splitlines():
            side = align or ("R" if is_right_to_left(paragraph) else "L")
            for line in self._lines(paragraph, width, size):
                self.set_x(left)
                self._line(line, width, size, side)

    def _line(self, text: str, width: float, size: float, side: str) -> None:
        left = self.get_x()
        # Each line says its font: what the library says within one that begins in a lent font does not last beyond it.
        self.current_font_is_set_on_page = False
        self.cell(width, size * _LEADING, text, align=Align.coerce(side), new_x="LEFT", new_y="NEXT")
        self.set_x(left)

    def _begin(self, text: str, size: float, grey: int) -> None:
        self._lend(text)
        self.set_font("main", size=size)
        self.set_text_color(grey)

    def _lend(self, text: str) -> None:
        """Load the fonts that the text needs: most need none."""
        wanted = {ord(character) for character in text} - coverage(FONT)
        for file in FALLBACKS:
            if wanted & coverage(file) and file not in self._lent:
                self.add_font(file, fname=FOLDER / file)
                self._lent.append(file)
            wanted -= coverage(file)
        if self._lent:
            self.set_fallback_fonts(sorted(self._lent, key=FALLBACKS.index), exact_match=False)

    def _lines(self, text: str, width: float, size: float) -> Iterator[str]:
        """The text broken where words end, and within words that are wider than a line."""
        room = (width - 2 * self.c_margin) / size
        line, taken, space = "", 0.0, self._width(" ")
        for word in text.split(" "):
            wide = self._width(word[:_LONGEST])
            if line and taken + space + wide <= room:
                line, taken = f"{line} {word}", taken + space + wide
                continue
            if line:
                yield line
            *full, line = self._pieces(word, room)
            yield from full
            taken = self._width(line)
        yield line

    def _pieces(self, word: str, room: float) -> list[str]:
        """The word in pieces that fit, at least one character each."""
        pieces = []
        while len(word) > 1 and self._width(word[:_LONGEST]) > room:
            ends = range(1, min(len(word), _LONGEST))
            end = max(bisect_right(ends, room, key=lambda end: self._width(word[:end])), 1)
            pieces.append(word[:end])
            word = word[end:]
        return [*pieces, word]

    def _width(self, text: str) -> float:
        """How wide it is at one point, in millimetres."""
        if text not in self._widths:
            self._widths[text] = self.get_string_width(text) / self.font_size_pt
        return self._widths[text]


def numbered(write: Callable[[Sheet], None], **facts: Any) -> bytes:
    """What ``write`` makes of a sheet of these ``facts``; written again with numbers if it has several pages."""
    write(sheet := Sheet(**facts))
    # Also one that is written again: that closes its fonts.
    made = sheet.finish()
    if sheet.pages_count == 1:
        return made
    write(sheet := Sheet(**facts, page_count=sheet.pages_count))
    return sheet.finish()


def is_right_to_left(text: str) -> bool:
    """Whether the first letter that says so is read from the right."""
    first = next((kind for character in text if (kind := bidirectional(character)) in _STRONG), "L")
    return first in _RIGHT_TO_LEFT


def _clean(text: str) -> str:
    """The text without what cannot be seen, and with a square for what no font has."""
    kept = (character for character in text if category(character) not in ("Cc", "Cs") or character in "\n\t")
    return "".join(_drawable(character) for character in kept)


def _drawable(character: str) -> str:
    if character in "\n\t " or character in _JOINERS or category(character) == "Cf":
        return " " if character == "\t" else character
    return character if any(ord(character) in coverage(file) for file in (FONT, *FALLBACKS)) else _UNKNOWN
