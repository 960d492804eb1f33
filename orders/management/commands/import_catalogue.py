"""``manage.py import_catalogue``: a retail export becomes products and, if asked, orders with their history."""

import csv
import sys
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from catalog.services import import_catalogue, retail_file
from catalog.services.import_catalogue import CatalogueResult, Survey
from catalog.validators import COLUMNS, RefusedLine, RetailLine
from fantasize.core import clock
from fantasize.core.errors import DomainError
from orders.services import import_history
from orders.services.import_history import HistoryResult

# What a spreadsheet would take for a formula.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_SHOWN_CHARACTERS = 160


class Command(BaseCommand):
    """Import a retail export. Repeatable: what was imported before stays as it is."""

    help = (
        f"Import real retail lines ({','.join(COLUMNS)}; plain or gzip). Lines that cannot be believed are listed with "
        "their number and reason, and skipped. A second run changes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Say which file, and what to make of it."""
        parser.add_argument("file", type=Path, help="FILE.csv or FILE.csv.gz")
        parser.add_argument(
            "--orders", action="store_true", help="also make an order, with its history, of every invoice"
        )
        parser.add_argument("--errors", type=Path, metavar="FILE.csv", help="list refused lines there instead of here")

    def handle(self, *args: Any, **options: Any) -> None:
        """Import, then say what that did."""
        try:
            with import_catalogue.exclusively(), self._refusals(options["errors"]) as refusals:
                self._import(options["file"], refusals, with_orders=options["orders"])
        except (retail_file.UnreadableFileError, DomainError) as error:
            raise CommandError(str(error)) from error

    def _import(self, path: Path, refusals: "_Refusals", *, with_orders: bool) -> None:
        latest = clock.now()

        def read(label: str, refuse: retail_file.Refuse, total: int | None = None) -> Iterable[RetailLine]:
            lines = retail_file.read_lines(path, currency=settings.SHOP_CURRENCY, latest=latest, refuse=refuse)
            return _with_progress(lines, label, total)

        survey = import_catalogue.survey_lines(read("Reading", refusals.add))
        catalogue = import_catalogue.import_catalogue(survey)
        history = HistoryResult()
        if with_orders:
            lines = read("Orders", _ignore, survey.sale_lines.total() + survey.return_lines)
            invoices = import_history.group_invoices(lines, survey.sale_lines)
            history = import_history.import_orders(invoices, refuse=refusals.add)
        self._summarise(survey, refusals, catalogue, history)

    def _summarise(
        self, survey: Survey, refusals: "_Refusals", catalogue: CatalogueResult, history: HistoryResult
    ) -> None:
        rows = [
            ("Sale lines", f"{survey.sale_lines.total():,}"),
            ("Return lines", f"{survey.return_lines:,}"),
            ("Refused", f"{refusals.reasons.total():,}"),
            *((f"  {reason}", f"{count:,}") for reason, count in refusals.reasons.most_common()),
            ("Categories", f"{catalogue.categories_new:,} new"),
            ("Products", f"{catalogue.products_new:,} new, {catalogue.products_known:,} known"),
            ("Returns", f"{catalogue.returns_new:,} booked, {catalogue.returns_known:,} known"),
            ("Orders", f"{history.orders_new:,} new, {history.orders_known:,} known"),
        ]
        width = max(len(label) for label, _ in rows)
        for label, value in rows:
            self.stdout.write(f"{label:<{width}}  {value}")
        if not (catalogue.products_new or catalogue.returns_new or history.orders_new):
            self.stdout.write("Nothing is new: the shop has all of this already.")

    @contextmanager
    def _refusals(self, path: Path | None) -> Iterator["_Refusals"]:
        if path is None:
            yield _Refusals(lambda line: self.stdout.write(_one_line(line)))
            return
        try:
            with path.open("w", newline="", encoding="utf-8") as file:
                yield _Refusals(_table_writer(file))
        except OSError as error:
            raise CommandError(f"{path} cannot be written: {error.strerror}.") from error


class _Refusals:
    """Lists every refused line as it comes, and counts the reasons."""

    def __init__(self, write: Callable[[RefusedLine], object]) -> None:
        self.reasons: Counter[str] = Counter()
        self._write = write

    def add(self, line: RefusedLine) -> None:
        self.reasons[line.reason] += 1
        self._write(line)


def _table_writer(file: TextIO) -> Callable[[RefusedLine], object]:
    writer = csv.writer(file)
    writer.writerow(["Line", "Reason", *COLUMNS])

    def write(line: RefusedLine) -> None:
        cells = (f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell for cell in line.cells)
        writer.writerow([line.number, line.reason, *cells])

    return write


def _one_line(line: RefusedLine) -> str:
    """The refusal as a terminal may show it: short, and without control characters."""
    said = ",".join(line.cells)[:_SHOWN_CHARACTERS]
    return f"line {line.number}: {line.reason}: " + "".join(char if char.isprintable() else "?" for char in said)


def _with_progress(lines: Iterable[RetailLine], label: str, total: int | None) -> Iterable[RetailLine]:
    """The same lines, with a bar for somebody who watches."""
    watched: Iterable[RetailLine] = tqdm(
        lines, desc=label, total=total, unit=" lines", file=sys.stderr, disable=not sys.stderr.isatty()
    )
    return watched


def _ignore(line: RefusedLine) -> None:
    """The first reading has reported it."""
