"""Products to spreadsheets and back: nothing is lost, nothing runs, everything goes through the services."""

import csv
import io
import re
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.tests.factories import make_user
from catalog.models import Brand, Category, Product, StockMovement
from catalog.selectors.products import list_products
from catalog.selectors.search import search_products
from catalog.tests.factories import make_product
from fantasize.tests.staff import make_viewer, said, signed_in

pytestmark = pytest.mark.django_db
LIST = "/admin/catalog/product/"
CSV, XLSX = "0", "1"
COLUMNS = ["sku", "name", "slug", "description", "list_price", "category", "brand", "is_active", "on_hand"]


def export(client: Client, file_format: str, query: str = "") -> bytes:
    fields = {f"productresource_{column}": "on" for column in COLUMNS}
    answer = client.post(f"{LIST}export/?{query}", {**fields, "format": file_format, "resource": "0"})
    assert "attachment" in answer["Content-Disposition"]
    return answer.content


def preview(client: Client, content: bytes, file_format: str = CSV) -> Any:
    name = "products.csv" if file_format == CSV else "products.xlsx"
    form = {"import_file": SimpleUploadedFile(name, content), "format": file_format, "resource": "0"}
    return client.post(f"{LIST}import/", form)


def confirm(client: Client, page: Any) -> Any:
    return client.post(f"{LIST}process_import/", page.context["confirm_form"].initial)


def sheet(*rows: dict[str, str]) -> bytes:
    file = io.StringIO()
    writer = csv.DictWriter(file, COLUMNS, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue().encode()


def everything() -> list[dict[str, Any]]:
    return [dict(row) for row in Product.objects.order_by("pk").values()]


@pytest.fixture
def shop() -> list[Product]:
    """Products that are hard to write down."""
    home = Category.objects.create(name="Home & more", slug="home")
    lumen = Brand.objects.create(name="=Lumen", slug="lumen")
    return [
        make_product(name="Oak Board", price="24.90", sku="22633", category=home, brand=lumen),
        make_product(
            name="=HYPERLINK(1)", price="0.10", sku="+44", slug="formula", description="<p>One</p>\n<p>Two</p>"
        ),
        make_product(name="-1+1", price="1000.00", sku="@x", slug="sum", is_active=False),
        make_product(name="'=quoted", price="12.35", sku="00123", slug="quoted", description='"a","b"'),
        make_product(
            name="-5", price="7.00", sku="-7", slug="number", description="Café ☕, naïve; tab\there", stock=0
        ),
    ]


@pytest.mark.parametrize("file_format", [CSV, XLSX])
def test_what_was_exported_comes_back_as_no_change(shop: list[Product], file_format: str) -> None:
    client = signed_in()
    before = everything()
    page = preview(client, export(client, file_format), file_format)
    assert page.context["result"].totals == {"new": 0, "update": 0, "delete": 0, "skip": 5, "error": 0, "invalid": 0}
    answer = confirm(client, page)
    assert said(answer) == ["Import finished: 0 new, 0 updated, 0 deleted and 5 skipped products."]
    assert everything() == before


@pytest.mark.parametrize("file_format", [CSV, XLSX])
def test_an_export_makes_the_same_products_in_an_empty_shop(shop: list[Product], file_format: str) -> None:
    client = signed_in()
    content = export(client, file_format)
    fields = ("sku", "name", "slug", "description", "list_price", "category", "brand", "is_active", "stock__on_hand")
    before = set(Product.objects.values_list(*fields))
    Product.objects.all().delete()
    confirm(client, preview(client, content, file_format))
    assert set(Product.objects.values_list(*fields)) == before


def test_nothing_in_an_export_is_run_by_a_spreadsheet(shop: list[Product]) -> None:
    client = signed_in()
    cells = [cell for line in csv.reader(io.StringIO(export(client, CSV).decode())) for cell in line]
    assert [cell for cell in cells if re.match(r"[=+\-@\t\r\n]", cell) and not re.fullmatch(r"-?[\d.]+", cell)] == []
    workbook = openpyxl.load_workbook(io.BytesIO(export(client, XLSX)))
    types = {cell.data_type for line in workbook.active.iter_rows() for cell in line}
    assert "f" not in types


def test_generated_columns_are_not_exported(shop: list[Product]) -> None:
    header = export(signed_in(), CSV).decode().splitlines()[0]
    assert header.split(",") == COLUMNS


def test_the_export_follows_search_and_filters(shop: list[Product]) -> None:
    rows = list(csv.DictReader(io.StringIO(export(signed_in(), CSV, "q=oak&is_active__exact=1").decode())))
    assert [row["name"] for row in rows] == ["Oak Board"]


def test_an_export_takes_as_many_queries_for_five_products_as_for_one() -> None:
    client, counts = signed_in(), []
    for products in (1, 4):
        for _ in range(products):
            make_product()
        with CaptureQueriesContext(connection) as queries:
            export(client, CSV)
        counts.append(len(queries))
    assert counts[0] == counts[1]


class TestImport:
    """First a preview that stores nothing, then the same through the services."""

    NEW = {"sku": "NEW-1", "name": "Brass Lamp", "list_price": "19.50", "is_active": "1", "on_hand": "4"}

    def test_a_new_product_opens_its_stock_and_is_searched(self) -> None:
        manager = make_user(role="manager")
        client = signed_in(manager)
        page = preview(client, sheet(self.NEW))
        assert Product.objects.count() == 0
        assert ">4</ins>" in page.context["result"].valid_rows()[0].diff[COLUMNS.index("on_hand")]
        confirm(client, page)
        product = Product.objects.select_related("stock").get()
        assert (product.slug, product.list_price, product.stock.on_hand) == ("brass-lamp", Decimal("19.50"), 4)
        movement = StockMovement.objects.get()
        assert (movement.delta, movement.reason, movement.actor) == (4, "opening", manager.actor)
        assert list(search_products(list_products(), "brass lamp")) == [product]

    def test_a_known_product_changes_and_keeps_its_stock(self) -> None:
        product = make_product(name="Mug", sku="MUG", stock=9)
        client = signed_in()
        data = {
            "sku": "MUG",
            "name": "Cup",
            "slug": product.slug,
            "list_price": "3",
            "is_active": "1",
            "on_hand": "500",
        }
        confirm(client, preview(client, sheet(data)))
        saved = Product.objects.select_related("stock").get()
        assert (saved.name, saved.list_price, saved.version, saved.stock.on_hand) == ("Cup", Decimal(3), 2, 9)
        assert list(search_products(list_products(), "cup")) == [product]

    def test_every_bad_row_is_named_and_stops_the_whole_file(self) -> None:
        make_product(slug="taken")
        before = everything()
        faults: list[dict[str, str]] = [
            {"name": ""},
            {"name": "x" * 201},
            {"name": "a\x00b"},
            {"list_price": ""},
            {"list_price": "cheap"},
            {"list_price": "-1"},
            {"list_price": "1.005"},
            {"list_price": "NaN"},
            {"category": "nowhere"},
            {"brand": "nobody"},
            {"slug": "taken"},
            {"on_hand": "-1"},
            {"on_hand": "many"},
            {"on_hand": "99999999999"},
        ]
        bad = [self.NEW | {"sku": f"BAD-{number}"} | fault for number, fault in enumerate(faults)]
        page = preview(signed_in(), sheet(self.NEW, *bad))
        assert page.status_code == 200
        assert "confirm_form" not in page.context
        result = page.context["result"]
        named = {row.number for row in result.invalid_rows} | {row.number for row in result.error_rows}
        assert named == set(range(2, 2 + len(faults)))
        assert everything() == before

    @pytest.mark.parametrize("file_format", [CSV, XLSX])
    def test_a_file_that_is_no_spreadsheet_is_refused(self, file_format: str) -> None:
        client = signed_in()
        for content in (b"", b"\x00\x01\x02", b"sku\n\xff\xfe", b"just some text", b'sku,name\n"open'):
            assert preview(client, content, file_format).status_code == 200
        assert Product.objects.count() == 0

    def test_the_preview_shows_text_as_text(self) -> None:
        page = preview(signed_in(), sheet(self.NEW | {"name": "<script>alert(1)</script>"})).content.decode()
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page

    def test_it_needs_the_rights_to_add_and_to_change(self) -> None:
        for rights in (("catalog.view_product",), ("catalog.view_product", "catalog.change_product")):
            client = signed_in(make_viewer(*rights))
            assert client.get(f"{LIST}import/").status_code == 403
            assert client.post(f"{LIST}process_import/", {}).status_code == 403
            assert "import/" not in client.get(LIST).content.decode()
