"""Imports and exports for tests, with what the background does done at once."""

import csv
import io
from collections.abc import Mapping
from typing import Any

import openpyxl

from catalog.models import Product
from fantasize.core.models import Transfer, TransferFormat
from fantasize.core.transfers import exports, imports, registry, running, undo

ACTOR = "user:tester"
# A new product, as a file says it.
NEW = {"sku": "NEW-1", "name": "Brass Lamp", "list_price": "19.50", "slug": "", "category": "", "brand": "", "tags": ""}
NEW |= {"materials": "", "is_active": "1", "on_hand": "4"}
CSV, XLSX = TransferFormat.CSV, TransferFormat.XLSX


def finished(transfer: Transfer) -> Transfer:
    """The transfer after its next step."""
    running.run(transfer.pk)
    transfer.refresh_from_db()
    return transfer


def export(name: str, file_format: TransferFormat = CSV) -> bytes:
    """A table as a file."""
    rows = registry.get(name).resource().rows().order_by("pk")
    transfer = finished(exports.start(resource=name, file_format=file_format, selection=rows, actor=ACTOR))
    assert transfer.state == "done", transfer.message
    with transfer.file.open("rb") as file:
        content: bytes = file.read()
    return content


def upload(name: str, content: bytes) -> Transfer:
    """A file that waits to be checked."""
    return imports.upload(resource=name, file=io.BytesIO(content), name="rows.csv", size=len(content), actor=ACTOR)


def check(name: str, content: bytes) -> Transfer:
    """A checked file."""
    return finished(upload(name, content))


def confirm(transfer: Transfer, *, skip_refused: bool = False) -> Transfer:
    """The import applied."""
    return finished(imports.confirm(transfer.pk, skip_refused=skip_refused))


def apply(name: str, content: bytes) -> Transfer:
    """A file checked and applied."""
    return confirm(check(name, content))


def take_back(transfer: Transfer) -> Transfer:
    """The undoing of an import, done."""
    return finished(undo.start(transfer.pk, actor=ACTOR))


def counts(transfer: Transfer) -> tuple[int, int, int, int]:
    """New, changed, unchanged and refused rows."""
    return (transfer.new_count, transfer.changed_count, transfer.unchanged_count, transfer.refused_count)


def faults(transfer: Transfer) -> dict[int, dict[str, str]]:
    """What is wrong, by row and column."""
    refused = transfer.rows.filter(outcome="refused").order_by("number")
    return {row.number: {error["column"]: error["detail"] for error in row.errors} for row in refused}


def sheet(*rows: Mapping[str, Any], file_format: TransferFormat = CSV) -> bytes:
    """A file of these rows; the first one's keys are the header."""
    lines = [list(rows[0]), *([row.get(column, "") for column in rows[0]] for row in rows)]
    return workbook(lines) if file_format == XLSX else written(lines)


def written(lines: list[list[Any]]) -> bytes:
    """A CSV file."""
    file = io.StringIO(newline="")
    csv.writer(file).writerows(lines)
    return file.getvalue().encode()


def workbook(lines: list[list[Any]]) -> bytes:
    """An XLSX file."""
    book = openpyxl.Workbook(write_only=True)
    page = book.create_sheet()
    for line in lines:
        page.append(line)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def read(content: bytes) -> list[dict[str, str]]:
    """A CSV file's rows."""
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def products_now() -> list[dict[str, Any]]:
    """Everything that a product's row says."""
    return [dict(row) for row in Product.objects.order_by("pk").values()]


def new_products(count: int, first: int = 0) -> bytes:
    """A file of so many products that are new."""
    lines = [f"SKU-{number},Gift {number},{number % 90 + 1}.50,{number % 7}" for number in range(first, first + count)]
    return "\n".join(["sku,name,list_price,on_hand", *lines]).encode()
