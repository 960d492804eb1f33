"""Reading a retail export from disk, line by line, whatever its packing and encoding."""

import csv
import gzip
import zlib
from collections.abc import Callable, Iterator
from datetime import datetime
from io import BufferedIOBase
from pathlib import Path

from catalog.validators import COLUMNS, BadLineError, RefusedLine, RetailLine, parse_line

MAX_LINE_BYTES = 65_536
_GZIP_MAGIC = b"\x1f\x8b"

Refuse = Callable[[RefusedLine], None]


class UnreadableFileError(Exception):
    """The file is absent, broken or of another kind; its message says which, for a person."""


def read_lines(path: Path, *, currency: str, latest: datetime, refuse: Refuse) -> Iterator[RetailLine]:
    """The believable lines of a file, in order; ``refuse`` hears of the others. Memory does not grow with the file.

    One line is one row, so that a missing quotation mark costs a line and not the rest of the file. Bytes that are not
    UTF-8 are read as Windows-1252, line by line. Blank lines are passed over.

    Raises:
        UnreadableFileError: at the first line when the file is not a retail export; later when it breaks off.
    """
    for number, cells in _rows(path):
        if not cells:
            continue
        try:
            yield parse_line(number, cells, currency=currency, latest=latest)
        except BadLineError as error:
            refuse(RefusedLine(number, str(error), cells))


def _rows(path: Path) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Every line after the header as (line number, cells)."""
    try:
        with _open(path) as file:
            _require_header(file, path)
            for number, line in enumerate(_bounded_lines(file), start=2):
                yield number, _split(_decode(line))
    except (OSError, EOFError, zlib.error) as error:
        raise UnreadableFileError(f"{path.name} cannot be read: {error}") from error


def _open(path: Path) -> BufferedIOBase:
    if not path.is_file():
        raise UnreadableFileError(f"There is no file {path}.")
    with path.open("rb") as file:
        is_packed = file.read(2) == _GZIP_MAGIC
    return gzip.open(path, "rb") if is_packed else path.open("rb")


def _require_header(file: BufferedIOBase, path: Path) -> None:
    cells = _split(_decode(file.readline(MAX_LINE_BYTES)).removeprefix("\ufeff"))
    if [cell.strip().casefold() for cell in cells] != [column.casefold() for column in COLUMNS]:
        raise UnreadableFileError(f"{path.name} is no retail export: its first line is not {','.join(COLUMNS)}.")


def _bounded_lines(file: BufferedIOBase) -> Iterator[bytes]:
    """The file's lines; of one longer than ``MAX_LINE_BYTES`` only as much as shows that it is."""
    while line := file.readline(MAX_LINE_BYTES):
        yield line
        while len(line) == MAX_LINE_BYTES and not line.endswith(b"\n"):
            line = file.readline(MAX_LINE_BYTES)


def _decode(line: bytes) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("cp1252", errors="replace")


def _split(line: str) -> tuple[str, ...]:
    """The line's cells; a line that is no row of a table is one cell, which no rule accepts."""
    text = line.rstrip("\r\n")
    try:
        return tuple(next(csv.reader([text], strict=True), ()))
    except csv.Error:
        return (text,)
