"""How long a hundred thousand products take to come in and go out as a file, and how much memory."""

import csv
import tempfile
from collections.abc import Iterator
from pathlib import Path

import openpyxl

from bench.report import Measurement
from bench.shop import Run, Shop, empty_shop

_ROWS = 100_000
_MAX_SECONDS = 180
_MAX_MB = 300
_HEADER = ("sku", "name", "slug", "description", "list_price", "tags", "is_active", "weight_grams", "on_hand")
_THINGS = ("Mug", "Lantern", "Frame", "Blanket", "Board", "Bottle", "Candle", "Clock", "Vase", "Bowl")
_KINDS = ("Oak", "Brass", "Woollen", "Engraved", "Blue", "Tall", "Round", "Painted", "Glass", "Linen", "Stone")


def measure(rows: int = _ROWS) -> list[Measurement]:
    """As CSV, then as XLSX: new products; their export; the import of what was exported; new prices; a delivery."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        found = []
        for ending in ("csv", "xlsx"):
            with empty_shop(place / ending) as shop:
                found += _measure(shop, place, ending, rows)
    return found


def _measure(shop: Shop, place: Path, ending: str, rows: int) -> list[Measurement]:
    new, out, dearer, delivery = (place / f"{name}.{ending}" for name in ("new", "out", "dearer", "delivery"))
    _write(new, (_HEADER, *_products(rows)))
    _write(dearer, [("sku", "list_price"), *((f"SKU-{number}", f"{number % 90 + 11}.49") for number in range(rows))])
    _write(delivery, [("sku", "delta", "reason"), *((f"SKU-{number}", "5", "restock") for number in range(rows))])
    runs = {
        f"{ending}: import of {rows:,} new": shop.manage("import_rows", "product", str(new), "--apply"),
        f"{ending}: export": shop.manage("export_rows", "product", str(out)),
        f"{ending}: check of the export": shop.manage("import_rows", "product", str(out)),
        f"{ending}: import of new prices": shop.manage("import_rows", "product", str(dearer), "--apply"),
        f"{ending}: import of a delivery": shop.manage("import_rows", "stock", str(delivery), "--apply"),
    }
    shop.manage("verify_invariants")
    return [each for what, run in runs.items() for each in _figures(what, run)]


def _figures(what: str, run: Run) -> list[Measurement]:
    return [
        Measurement(f"{what}, wall clock", run.seconds, "s", _MAX_SECONDS),
        Measurement(f"{what}, processor time", run.processor_seconds, "s"),
        Measurement(f"{what}, peak memory", run.peak_mb, "MB", _MAX_MB),
    ]


def _products(rows: int) -> Iterator[tuple[str, ...]]:
    for number in range(rows):
        name = f"{_KINDS[number % 11]} {_THINGS[number % 10]} {number}"
        text = f"<p>A {name.lower()} for somebody you like, made by hand and <b>engraved</b> with a name.</p>"
        price, slug = f"{number % 90 + 9}.95", f"product-{number}"
        is_active, grams = str(int(number % 50 > 0)), str(number % 900)
        yield f"SKU-{number}", name, slug, text, price, "", is_active, grams, str(number % 30)


def _write(path: Path, rows: object) -> None:
    assert isinstance(rows, tuple | list)
    if path.suffix == ".csv":
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows(rows)
        return
    workbook = openpyxl.Workbook(write_only=True)
    sheet = workbook.create_sheet()
    for row in rows:
        sheet.append(row)
    workbook.save(path)
