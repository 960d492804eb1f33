"""How long a hundred thousand rows of a table take to come in and go out as a file, and how much memory."""

import csv
import tempfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import openpyxl

from bench.report import Measurement
from bench.shop import Run, Shop, empty_shop

_ROWS = 100_000
_MAX_SECONDS = 180
_MAX_MB = 300
_HEADER = ("sku", "name", "slug", "description", "list_price", "tags", "is_active", "weight_grams", "on_hand")
_PACKAGE_HEADER = ("sku", "name", "slug", "description", "percent_off", "parts", "is_active")
_PARTS = 2_000
_OFFER_HEADER = ("name", "percent", "starts_at", "ends_at", "products", "packages", "categories")
_ON_OFFER, _SETS_ON_OFFER, _CATEGORIES = 20_000, 300, 50
_MAKE_CATEGORIES = f"""
from catalog.models import Category
Category.objects.bulk_create(Category(name=f"Category {{n}}", slug=f"category-{{n}}") for n in range({_CATEGORIES}))
"""
_REFRESH = "from catalog.services import prices; prices.refresh_all_prices()"
_THINGS = ("Mug", "Lantern", "Frame", "Blanket", "Board", "Bottle", "Candle", "Clock", "Vase", "Bowl")
_KINDS = ("Oak", "Brass", "Woollen", "Engraved", "Blue", "Tall", "Round", "Painted", "Glass", "Linen", "Stone")


def measure(rows: int = _ROWS) -> list[Measurement]:
    """Every table that shops fill with files."""
    return [*measure_products(rows), *measure_packages(rows), *measure_offers(rows)]


def measure_products(rows: int = _ROWS) -> list[Measurement]:
    """As CSV, then as XLSX: new products; their export; the import of what was exported; new prices; a delivery."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        found = []
        for ending in ("csv", "xlsx"):
            with empty_shop(place / ending) as shop:
                found += _figures(_run_products(shop, place, ending, rows))
    return found


def measure_packages(rows: int = _ROWS) -> list[Measurement]:
    """New packages of three of 2,000 products; their export; the import of what was exported; another discount."""
    with tempfile.TemporaryDirectory() as folder, empty_shop(Path(folder) / "shop") as shop:
        return _figures(_run_packages(shop, Path(folder), rows))


def measure_offers(rows: int = _ROWS) -> list[Measurement]:
    """New offers on 20,000 products, 300 packages and 50 categories; the same steps; all prices computed anew."""
    with tempfile.TemporaryDirectory() as folder, empty_shop(Path(folder) / "shop") as shop:
        return _figures(_run_offers(shop, Path(folder), rows))


def _run_products(shop: Shop, place: Path, ending: str, rows: int) -> dict[str, Run]:
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
    return runs


def _run_packages(shop: Shop, place: Path, rows: int) -> dict[str, Run]:
    things, new, out, cheaper = (place / f"{name}.csv" for name in ("things", "new", "out", "cheaper"))
    _write(things, (_HEADER, *_products(_PARTS)))
    _write(new, (_PACKAGE_HEADER, *_packages(rows)))
    _write(cheaper, [("sku", "percent_off"), *((f"SET-{number}", str(number % 20 + 15)) for number in range(rows))])
    shop.manage("import_rows", "product", str(things), "--apply")
    runs = {
        f"packages: import of {rows:,} new": shop.manage("import_rows", "package", str(new), "--apply"),
        "packages: export": shop.manage("export_rows", "package", str(out)),
        "packages: check of the export": shop.manage("import_rows", "package", str(out)),
        "packages: import of other discounts": shop.manage("import_rows", "package", str(cheaper), "--apply"),
    }
    shop.manage("verify_invariants")
    return runs


def _run_offers(shop: Shop, place: Path, rows: int) -> dict[str, Run]:
    things, sets, new, out, cheaper = (place / f"{name}.csv" for name in ("things", "sets", "new", "out", "cheaper"))
    _write(things, ((*_HEADER, "category"), *_placed(_products(_ON_OFFER))))
    _write(sets, (_PACKAGE_HEADER, *_packages(_SETS_ON_OFFER)))
    _write(new, (_OFFER_HEADER, *_offers(rows)))
    shop.manage("shell", "-c", _MAKE_CATEGORIES)
    shop.manage("import_rows", "product", str(things), "--apply")
    shop.manage("import_rows", "package", str(sets), "--apply")
    runs = {
        f"offers: import of {rows:,} new": shop.manage("import_rows", "offer", str(new), "--apply"),
        "offers: all prices anew": shop.manage("shell", "-c", _REFRESH),
        "offers: export": shop.manage("export_rows", "offer", str(out)),
        "offers: check of the export": shop.manage("import_rows", "offer", str(out)),
    }
    with out.open(newline="", encoding="utf-8") as file:
        _write(
            cheaper, [("id", "percent"), *((row["id"], f"{int(row['id']) % 30 + 50}") for row in csv.DictReader(file))]
        )
    changing = shop.manage("import_rows", "offer", str(cheaper), "--apply")
    shop.manage("verify_invariants")
    return {**runs, "offers: import of other percentages": changing}


def _figures(runs: Mapping[str, Run]) -> list[Measurement]:
    return [
        figure
        for what, run in runs.items()
        for figure in (
            Measurement(f"{what}, wall clock", run.seconds, "s", _MAX_SECONDS),
            Measurement(f"{what}, processor time", run.processor_seconds, "s"),
            Measurement(f"{what}, peak memory", run.peak_mb, "MB", _MAX_MB),
        )
    ]


def _products(rows: int) -> Iterator[tuple[str, ...]]:
    for number in range(rows):
        name = f"{_KINDS[number % 11]} {_THINGS[number % 10]} {number}"
        text = f"<p>A {name.lower()} for somebody you like, made by hand and <b>engraved</b> with a name.</p>"
        price, slug = f"{number % 90 + 9}.95", f"product-{number}"
        is_active, grams = str(int(number % 50 > 0)), str(number % 900)
        yield f"SKU-{number}", name, slug, text, price, "", is_active, grams, str(number % 30)


def _packages(rows: int) -> Iterator[tuple[str, ...]]:
    for number in range(rows):
        name = f"{_KINDS[number % 11]} {_THINGS[number % 10]} set {number}"
        text = f"<p>A {name.lower()} for somebody you like, packed by hand with a <b>card</b>.</p>"
        parts = "|".join(f"SKU-{(number * 7 + ahead) % _PARTS}:{number % 3 + 1}" for ahead in (0, 611, 1303))
        yield f"SET-{number}", name, f"set-{number}", text, str(number % 20 + 5), parts, str(int(number % 50 > 0))


def _placed(products: Iterator[tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    for number, product in enumerate(products):
        yield *product, f"category-{number % _CATEGORIES}"


def _offers(rows: int) -> Iterator[tuple[str, ...]]:
    """Each on one product, every tenth on a package or a category; begun and over, running, and to come."""
    now = datetime.now(UTC).replace(microsecond=0)
    for number in range(rows):
        starts = now + timedelta(minutes=7 * (number % 4001) - 14_000)
        ends = starts + timedelta(days=1 + number % 9)
        yield f"Offer {number}", str(number % 40 + 5), starts.isoformat(), ends.isoformat(), *_target(number)


def _target(number: int) -> tuple[str, str, str]:
    """A product, a package or a category."""
    if number % 10:
        return f"SKU-{number * 7 % _ON_OFFER}", "", ""
    if number % 20:
        return "", f"SET-{number % _SETS_ON_OFFER}", ""
    return "", "", f"category-{number // 20 % _CATEGORIES}"


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
