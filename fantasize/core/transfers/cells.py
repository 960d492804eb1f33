"""Cells that run nothing: text that a spreadsheet would take for a formula is written with an apostrophe.

Pure; the way back is exact.
"""

import re
from decimal import Decimal

# What starts a formula or another cell, also behind apostrophes that are there already: so the way back is exact.
_FORMULA = re.compile(r"'*[=+\-@\t\r\n]")
_ESCAPED = re.compile(r"'+[=+\-@\t\r\n]")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")

# XML cannot hold these at all, and reads a carriage return as a line feed; what looks like the escape is escaped too.
_NOT_IN_XML = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
_XML_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_NOT_TEXT = re.compile("[\x00\ud800-\udfff]")
MOST_CHARACTERS_IN_XLSX = 32_767


def neutralise(text: str) -> str:
    """``text`` as a spreadsheet may have it: an apostrophe before what looks like a formula; numbers stay numbers."""
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def restore(text: str) -> str:
    """The text that :func:`neutralise` was given."""
    return text[1:] if text[:1] == "'" and _ESCAPED.match(text) else text


def for_xlsx(text: str) -> str:
    """``text`` with what a workbook's XML cannot hold written as ``_xHHHH_``, as Excel itself does."""
    return _NOT_IN_XML.sub(lambda found: f"_x{ord(found[0]):04X}_", text)


def from_xlsx(text: str) -> str:
    """The text that :func:`for_xlsx` was given."""
    return _XML_ESCAPE.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


def number_for_xlsx(text: str) -> Decimal | str:
    """A number, if ``text`` is one that a workbook's fifteen digits hold."""
    is_exact = _NUMBER.fullmatch(text) and len(text) <= 15  # noqa: PLR2004 - as said
    return Decimal(text) if is_exact else text


def is_text(cell: str) -> bool:
    """Whether a database can keep it: no NUL, and nothing that was not decoded."""
    return _NOT_TEXT.search(cell) is None


def legible(cell: str) -> str:
    """``cell`` with a mark in place of what is no text."""
    return _NOT_TEXT.sub("\N{REPLACEMENT CHARACTER}", cell)
