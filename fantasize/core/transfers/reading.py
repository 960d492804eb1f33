"""Reads CSV files and workbooks row by row; the file is never held in memory.

Rows are numbered as a spreadsheet shows them: the header is row 1. Faults of single cells are told with the row; what
makes the rest of the file unreadable raises ``FileRefusedError``.
"""

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import IO, Any
from xml.etree.ElementTree import ParseError

from fantasize.core.models import TransferFormat
from fantasize.core.transfers import cells
from fantasize.core.transfers.errors import FileRefusedError

MAX_BYTES = 50 * 1024 * 1024
MAX_ROWS = 1_048_576
MAX_COLUMNS = 200
_MAX_CELL = 1024 * 1024
# Unpacked: a workbook of 100,000 rows has some 100 MB. Shared strings are what openpyxl keeps in memory.
_MAX_UNPACKED = 512 * 1024 * 1024
_MAX_SHARED_STRINGS = 64 * 1024 * 1024
_MAX_PARTS = 1000
_PIECE = 256 * 1024
_DELIMITERS = (",", ";", "\t")
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_NOT_UTF8 = re.compile("[\udc80-\udcff]")

# One limit for the whole process: the library's own is below what an offer for thousands of products needs.
csv.field_size_limit(_MAX_CELL)


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row: its cells by column, and the faults of cells by column ("" for the row itself)."""

    number: int
    cells: dict[str, str]
    faults: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file's columns, and its rows to be read once, from the first to the last."""

    columns: list[str]
    rows: Iterator[SheetRow]


def format_of(file: IO[bytes]) -> TransferFormat:
    """What kind of file it is, by its first bytes; names lie."""
    file.seek(0)
    start = file.read(4)
    file.seek(0)
    return TransferFormat.XLSX if start == b"PK\x03\x04" else TransferFormat.CSV


@contextmanager
def open_sheet(file: IO[bytes], file_format: str) -> Iterator[Sheet]:
    """Begin to read ``file``; inside the block its rows can be read on.

    Raises:
        FileRefusedError: it is no such file, or its header cannot be used.
    """
    file.seek(0)
    is_ragged = file_format == TransferFormat.CSV
    with closing(_csv_lines(file) if is_ragged else _xlsx_lines(file)) as lines:
        _, header, _ = next(lines, (1, [], {}))
        columns = _require_header([cell.strip() for cell in header])
        yield Sheet(columns, (_row(columns, line, is_ragged=is_ragged) for line in lines if any(line[1])))


# A line: its number, its cells as text, and what is wrong with cells by their index.
_Line = tuple[int, Sequence[str], dict[int, str]]


def _require_header(columns: list[str]) -> list[str]:
    while columns and not columns[-1]:
        columns.pop()
    if not columns:
        raise FileRefusedError("The file has no header: its first row names the columns.")
    if len(columns) > MAX_COLUMNS:
        raise FileRefusedError(f"Row 1: more than {MAX_COLUMNS} columns.")
    faults = [f"column {number} has no name" for number, name in enumerate(columns, 1) if not name]
    twice = sorted({name for name in columns if name and columns.count(name) > 1})
    faults += [f"column {cells.legible(name)[:40]} is there twice" for name in twice]
    if faults:
        raise FileRefusedError(f"Row 1: {'; '.join(faults)}.")
    return columns


def _row(columns: Sequence[str], line: _Line, *, is_ragged: bool) -> SheetRow:
    number, values, wrong = line
    faults = {columns[index] if index < len(columns) else "": fault for index, fault in wrong.items()}
    if len(values) > len(columns) and any(values[len(columns) :]):
        faults[""] = f"{len(values)} cells, but the header has {len(columns)}"
    if is_ragged and len(values) < len(columns):
        faults[""] = f"{len(values)} cells, but the header has {len(columns)}"
    filled = [*values[: len(columns)], *[""] * (len(columns) - len(values))]
    by_column = {column: cells.restore(value) for column, value in zip(columns, filled, strict=True)}
    if cells.is_text("".join(filled)):
        return SheetRow(number, by_column, faults)
    for column, value in by_column.items():
        if not cells.is_text(value):
            faults.setdefault(
                column, "is not UTF-8" if _NOT_UTF8.search(value) else "holds a character that is no text"
            )
    return SheetRow(number, by_column, faults)


def _csv_lines(file: IO[bytes]) -> Generator[_Line, None, None]:
    if file.read(2) in _UTF16:
        raise FileRefusedError("The file is UTF-16. Save it as CSV UTF-8.")
    file.seek(0)
    # What cannot be decoded is kept as a mark, so that the cell it is in can be named.
    text = io.TextIOWrapper(file, encoding="utf-8-sig", errors="surrogateescape", newline="")
    try:
        start = text.read(64 * 1024)
        text.seek(0)
        reader = csv.reader(text, delimiter=_delimiter(start), strict=True)
        yield from _numbered(reader)
    except csv.Error as error:
        raise FileRefusedError(f"Line {reader.line_num}: {error}.") from None
    finally:
        text.detach()


def _numbered(reader: Iterable[list[str]]) -> Iterator[_Line]:
    for number, values in enumerate(reader, 1):
        if number > MAX_ROWS:
            raise FileRefusedError(f"More than {MAX_ROWS:,} rows.")
        yield number, values, {}


def _delimiter(start: str) -> str:
    """The one that the header uses most."""
    header = re.split(r"[\r\n]", start, maxsplit=1)[0]
    return max(_DELIMITERS, key=header.count)


def _xlsx_lines(file: IO[bytes]) -> Generator[_Line, None, None]:
    import openpyxl  # noqa: PLC0415 - takes long to load, and is for workbooks only
    from openpyxl.utils.exceptions import InvalidFileException  # noqa: PLC0415 - as above

    try:
        _require_bounded(file)
        workbook = openpyxl.load_workbook(file, read_only=True, keep_links=False)
    except (zipfile.BadZipFile, InvalidFileException, ParseError, *_BROKEN) as error:
        raise FileRefusedError("The file is no workbook (XLSX), or a broken one.") from error
    try:
        yield from _xlsx_rows(workbook)
    except (zipfile.BadZipFile, ParseError, *_BROKEN) as error:
        raise FileRefusedError("The workbook is broken.") from error
    finally:
        workbook.close()


# What openpyxl lets through when the XML says what no workbook says.
_BROKEN = (LookupError, ValueError, TypeError, AttributeError, OSError, EOFError, RuntimeError, zlib.error)


def _xlsx_rows(workbook: Any) -> Iterator[_Line]:
    sheet = next(iter(workbook.worksheets), None)
    if sheet is None:
        raise FileRefusedError("The workbook has no sheet.")
    # What the file says of its size may be wrong.
    sheet.reset_dimensions()
    for number, row in enumerate(sheet.iter_rows(), 1):
        if number > MAX_ROWS:
            raise FileRefusedError(f"More than {MAX_ROWS:,} rows.")
        faults = {index: fault for index, cell in enumerate(row) if (fault := _fault_of(cell))}
        yield number, [_text(cell.value) for cell in row], faults


def _fault_of(cell: Any) -> str:
    """Why a cell is not what somebody meant to say; empty if it may be."""
    match cell.data_type:
        case "f":
            return "is a formula: paste its value"
        case "e":
            return "is an error of the spreadsheet: mend it there"
        case "n" if cell.value is not None and "%" in cell.number_format:
            # What is shown as 10 % is kept as 0.1, and a column of percentages would take it for a tenth of one.
            return "is formatted as a percentage: write 10 for 10 %"
    return ""


def _text(value: Any) -> str:
    """A cell's value as it would stand in a CSV file."""
    match value:
        case None:
            return ""
        case str():
            return cells.from_xlsx(value)
        case bool():
            return str(int(value))
        case float():
            # As spreadsheets show it: what they compute may be off behind the fifteenth digit.
            shown = float(f"{value:.15g}")
            return str(int(shown)) if shown.is_integer() else repr(shown)
        case datetime() | date() | time():
            return value.isoformat()
        case _:
            return str(value)


def _require_bounded(file: IO[bytes]) -> None:
    """Refuse what unpacks to far more than it is, before anything is parsed."""
    with zipfile.ZipFile(file) as archive:
        parts = archive.infolist()
        if len(parts) > _MAX_PARTS or sum(part.file_size for part in parts) > _MAX_UNPACKED:
            raise FileRefusedError("The workbook is too big when unpacked.")
        if any(part.file_size > _MAX_SHARED_STRINGS for part in parts if part.filename.endswith("sharedStrings.xml")):
            raise FileRefusedError("The workbook has too much text. Save it as CSV UTF-8.")
        for part in parts:
            with archive.open(part) as unpacked:
                _require_short_texts(unpacked)
    file.seek(0)


def _require_short_texts(unpacked: IO[bytes]) -> None:
    """A text between two tags is held in memory whole."""
    length = 0
    while piece := unpacked.read(_PIECE):
        first, last = piece.find(b"<"), piece.rfind(b"<")
        if length + (first if first >= 0 else len(piece)) > _MAX_CELL:
            raise FileRefusedError("The workbook has a cell of more than a million characters.")
        length = len(piece) - last if last >= 0 else length + len(piece)
