"""Writes CSV files and workbooks row by row; the file is never held in memory."""

import csv
import io
from collections.abc import Collection, Sequence
from typing import IO, Protocol

from fantasize.core.models import TransferFormat
from fantasize.core.transfers import cells
from fantasize.core.transfers.errors import FileRefusedError


class Writer(Protocol):
    """Takes a header and rows, and then is closed."""

    def write(self, row: Sequence[str]) -> None:
        """Write one row."""

    def close(self) -> None:
        """Finish the file."""

    def abandon(self) -> None:
        """Leave it, and nothing behind."""


class CsvWriter:
    """Comma-separated, UTF-8; text that a spreadsheet would run is neutralised."""

    def __init__(self, file: IO[bytes]) -> None:
        self._text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
        self._writer = csv.writer(self._text)

    def write(self, row: Sequence[str]) -> None:
        """Write one row."""
        self._writer.writerow([cells.neutralise(cell) for cell in row])

    def close(self) -> None:
        """Finish the file; it stays open."""
        self._text.flush()
        self._text.detach()

    def abandon(self) -> None:
        """Leave it as it is."""
        self.close()


class XlsxWriter:
    """A workbook of one sheet; only the cells of ``numbers`` (indexes of columns) are numbers, all others are text."""

    def __init__(self, file: IO[bytes], numbers: Collection[int]) -> None:
        import openpyxl  # noqa: PLC0415 - takes long to load, and is for workbooks only

        self._file = file
        self._numbers = numbers
        self._workbook = openpyxl.Workbook(write_only=True)
        self._sheet = self._workbook.create_sheet("Sheet")

    def write(self, row: Sequence[str]) -> None:
        """Write one row.

        Raises:
            FileRefusedError: a cell holds more than a workbook's cell can.
        """
        self._sheet.append([self._value(index, cell) for index, cell in enumerate(row)])

    def _value(self, index: int, cell: str) -> object:
        if index in self._numbers:
            return cells.number_for_xlsx(cell)
        text = cells.for_xlsx(cells.neutralise(cell))
        if len(text) > cells.MOST_CHARACTERS_IN_XLSX:
            raise FileRefusedError("A text is longer than a workbook's cell can be. Export it as CSV.")
        return text

    def close(self) -> None:
        """Finish the file; it stays open."""
        self._workbook.save(self._file)

    def abandon(self) -> None:
        """Remove what openpyxl has put aside."""
        self._sheet.close()
        self._sheet._writer.cleanup()  # noqa: SLF001 - else it would stay until the process ends


def writer_for(file: IO[bytes], file_format: str, numbers: Collection[int]) -> Writer:
    """What writes ``file_format`` to ``file``."""
    return XlsxWriter(file, numbers) if file_format == TransferFormat.XLSX else CsvWriter(file)
