"""Products to spreadsheets and back: nothing is lost, nothing runs, and every bad row is named."""

import csv
import io
import re
from decimal import Decimal

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import Brand, Category, Material, Package, Product, StockMovement, Tag
from catalog.search import documents
from catalog.selectors.products import list_products
from catalog.selectors.search import search_products
from catalog.services import packages, products
from catalog.services.materials import Share
from catalog.tests.factories import make_product
from catalog.tests.transfers import (
    ACTOR,
    NEW,
    XLSX,
    apply,
    check,
    confirm,
    counts,
    export,
    faults,
    read,
    sheet,
)
from fantasize.core.invariants import violations
from fantasize.core.models import TransferFormat
from fantasize.core.transfers import registry

pytestmark = pytest.mark.django_db
COLUMNS = [
    *("sku", "name", "slug", "description", "list_price", "category", "brand"),
    *("materials", "tags", "is_active", "weight_grams", "tax_class", "on_hand"),
]
FORMATS = pytest.mark.parametrize("file_format", list(TransferFormat))


@pytest.fixture
def shop() -> list[Product]:
    """Products that are hard to write down."""
    home = Category.objects.create(name="Home & more", slug="home")
    lumen = Brand.objects.create(name="=Lumen", slug="lumen")
    oak, brass = Material.objects.create(name="Oak", slug="oak"), Material.objects.create(name="Brass", slug="brass")
    tags = [Tag.objects.create(name=name, slug=name).pk for name in ("wedding", "garden")]
    shares = [Share(oak.pk, Decimal("33.33")), Share(brass.pk, Decimal("66.67"))]
    made = [
        make_product(
            name="Oak Board", price="24.90", sku="22633", category=home, brand=lumen, materials=shares, tags=tags
        ),
        make_product(name="=HYPERLINK(1)", price="0.10", sku="+44", slug="formula", description="<p>One</p>\n<p>T</p>"),
        make_product(name="-1+1", price="1000.00", sku="@x", slug="sum", is_active=False),
        make_product(name="'=quoted", price="12.35", sku="00123", slug="quoted", description='"a","b"'),
        make_product(
            name="-5", price="7.00", sku="-7", slug="number", description="Café ☕, naïve; tab\there", stock=0
        ),
        make_product(
            name="\t'+a\r\nb", price="7.00", sku="a|b:2\\", slug="odd", materials=[Share(oak.pk, Decimal(100))]
        ),
    ]
    # As somebody may have stored it before there were rules: not what cleaning would make of it.
    Product.objects.filter(slug="odd").update(description="<script>1</script> & _x000D_ \r \x0b")
    return made


class TestRoundTrip:
    """What goes out comes back the same, whatever is in it."""

    @FORMATS
    def test_what_was_exported_comes_back_as_no_change(self, shop: list[Product], file_format: TransferFormat) -> None:
        transfer = check("product", export("product", file_format))
        assert (faults(transfer), counts(transfer)) == ({}, (0, 0, 6, 0))

    @FORMATS
    def test_an_export_makes_the_same_products_in_an_empty_shop(
        self, shop: list[Product], file_format: TransferFormat
    ) -> None:
        Product.objects.filter(slug="odd").update(description="plain")
        content = export("product", file_format)
        before = read(export("product"))
        Product.objects.all().delete()
        assert counts(apply("product", content)) == (6, 0, 0, 0)
        assert read(export("product")) == before

    def test_nothing_in_an_export_is_run_by_a_spreadsheet(self, shop: list[Product]) -> None:
        cells = [cell for line in csv.reader(io.StringIO(export("product").decode(), newline="")) for cell in line]
        assert [
            cell for cell in cells if re.match(r"[=+\-@\t\r\n]", cell) and not re.fullmatch(r"-?[\d.]+", cell)
        ] == []
        pages = openpyxl.load_workbook(io.BytesIO(export("product", XLSX)))
        assert {cell.data_type for line in pages.active.iter_rows() for cell in line} <= {"s", "n", "inlineStr"}

    def test_the_columns_are_these(self, shop: list[Product]) -> None:
        row = read(export("product"))[0]
        assert list(row) == COLUMNS
        assert (row["materials"], row["tags"]) == ("brass:66.67|oak:33.33", "garden|wedding")

    def test_a_text_too_long_for_a_workbook_is_told(self) -> None:
        product = make_product(description="x" * 32_768)
        with pytest.raises(AssertionError, match="longer than a workbook's cell"):
            export("product", XLSX)
        assert len(read(export("product"))[0]["description"]) == len(product.description)

    def test_prices_in_a_workbook_are_numbers(self, shop: list[Product]) -> None:
        page = openpyxl.load_workbook(io.BytesIO(export("product", XLSX))).active
        price, sku = (page.cell(2, COLUMNS.index(column) + 1).value for column in ("list_price", "sku"))
        assert (price, sku) == (24.9, "22633")


class TestNew:
    """Rows that become products."""

    @FORMATS
    def test_it_opens_its_stock_is_priced_and_is_searched(self, file_format: TransferFormat) -> None:
        transfer = check("product", sheet(NEW, file_format=file_format))
        assert Product.objects.count() == 0
        assert transfer.rows.get().after["on_hand"] == "4"
        confirm(transfer)
        product = Product.objects.select_related("stock").get()
        assert (product.slug, product.list_price, product.price) == ("brass-lamp", Decimal("19.50"), Decimal("19.50"))
        assert (product.stock.on_hand, product.is_active) == (4, True)
        movement = StockMovement.objects.get()
        assert (movement.delta, movement.reason, movement.actor) == (4, "opening", ACTOR)
        assert list(search_products(list_products(), "brass lamp")) == [product]
        assert not any(violations().values())

    def test_materials_and_tags_by_their_slugs(self) -> None:
        for slug in ("cotton", "wool"):
            Material.objects.create(name=slug, slug=slug)
            Tag.objects.create(name=slug, slug=slug)
        apply("product", sheet(NEW | {"materials": " wool:40 | cotton:60.00", "tags": "wool|cotton|wool"}))
        row = read(export("product"))[0]
        assert (row["materials"], row["tags"]) == ("cotton:60.00|wool:40.00", "cotton|wool")

    def test_names_that_are_alike_get_slugs_of_their_own(self) -> None:
        make_product(name="Mug")
        rows = [
            NEW | {"sku": sku, "name": name} for sku, name in (("A", "Mug"), ("B", "Mug"), ("C", "☕"), ("D", "☕"))
        ]
        assert apply("product", sheet(*rows)).state == "done"
        assert list(Product.objects.order_by("pk").values_list("slug", flat=True)) == [
            *("mug", "mug-a", "mug-b"),
            *("product", "product-d"),
        ]

    def test_a_slug_that_is_taken_with_its_sku_gets_a_number(self) -> None:
        for slug in ("mug", "mug-a", "mug-a-2"):
            make_product(name=slug, slug=slug)
        apply("product", b"sku,name,list_price\nA,Mug,3\n")
        assert Product.objects.get(sku="A").slug == "mug-a-3"

    def test_only_a_sku_a_name_and_a_price_are_needed(self) -> None:
        assert apply("product", b"sku;name;list_price\nA;Cup;3\n").state == "done"
        product = Product.objects.select_related("stock").get()
        assert (product.is_active, product.stock.on_hand, StockMovement.objects.count()) == (True, 0, 0)


class TestChanged:
    """Rows about products that are there."""

    def test_what_is_stored_in_bulk_is_found_like_what_is_stored_by_itself(self, shop: list[Product]) -> None:
        Category.objects.create(name="Lights", slug="lights", parent=Category.objects.get())
        new = NEW | {"category": "lights", "brand": "lumen", "materials": "oak:100", "tags": "garden"}
        changed = new | {"sku": "22633", "name": "Ünique Café", "description": "<p>für <b>alle</b></p>"}
        assert counts(apply("product", sheet(new | {"description": ""}, changed))) == (1, 1, 0, 0)
        found = Product.objects.filter(sku__in=["NEW-1", "22633"])
        stored = dict(found.values_list("pk", "search"))
        assert all(stored.values())
        documents.write_products(stored)
        assert dict(found.values_list("pk", "search")) == stored

    def test_it_keeps_its_stock_and_goes_one_version_on(self) -> None:
        product = make_product(name="Mug", sku="MUG", stock=9)
        apply("product", sheet({"sku": "MUG", "name": "Cup", "list_price": "3", "on_hand": "500"}))
        saved = Product.objects.select_related("stock").get()
        assert (saved.name, saved.price, saved.version, saved.stock.on_hand) == ("Cup", Decimal(3), 2, 9)
        assert list(search_products(list_products(), "cup")) == [product]

    def test_columns_that_are_left_out_stay(self) -> None:
        make_product(sku="A", description="<p>kept</p>", price="4.00")
        transfer = apply("product", b"list_price,sku\n5,A\n")
        assert transfer.rows.get().before == {"list_price": "4.00"}
        assert Product.objects.get().description == "<p>kept</p>"

    def test_an_empty_cell_empties(self) -> None:
        make_product(sku="A", description="<p>gone</p>", category=Category.objects.create(name="C", slug="c"))
        apply("product", b"sku,description,category\nA,,\n")
        assert (Product.objects.get().description, Product.objects.get().category) == ("", None)

    def test_packages_follow_a_changed_price(self) -> None:
        part = make_product(sku="A", price="4.00")
        new = packages.NewPackage(name="Set", percent_off=Decimal(50))
        packages.create_package(new=new, items=[packages.Part(part.pk, 2)], actor="system")
        apply("product", b"sku,list_price\nA,10\n")
        assert Package.objects.values_list("parts_total", "list_price", "price").get() == tuple(
            map(Decimal, (20, 10, 10))
        )

    def test_what_somebody_changed_after_the_check_is_left_alone(self) -> None:
        product = make_product(sku="A", name="One")
        other = make_product(sku="B", name="Two")
        transfer = check("product", b"sku,name\nA,Uno\nB,Due\n")
        products.update_product(product=product, changes={"name": "Eins"})
        done = confirm(transfer, skip_refused=True)
        assert (counts(done), faults(done)) == ((0, 1, 0, 1), {2: {"": "Somebody has changed it since."}})
        other.refresh_from_db()
        product.refresh_from_db()
        assert (product.name, other.name) == ("Eins", "Due")

    def test_all_or_nothing_stops_at_a_row_that_went_bad(self) -> None:
        product = make_product(sku="A", name="One")
        make_product(sku="B", name="Two")
        transfer = check("product", b"sku,name\nB,Due\nA,Uno\n")
        products.update_product(product=product, changes={"name": "Eins"})
        done = confirm(transfer)
        assert (done.state, done.message.split(".")[0]) == ("failed", "Row 3: Somebody has changed it since")
        assert set(Product.objects.values_list("name", flat=True)) == {"Eins", "Two"}

    def test_what_came_or_went_after_the_check_is_left_alone(self) -> None:
        going = make_product(sku="GO", stock=0)
        transfer = check("product", b"sku,name,list_price\nGO,Gone,1\nCOME,Here,1\n")
        products.remove_product(product=going)
        make_product(sku="COME", name="Rival")
        done = confirm(transfer, skip_refused=True)
        assert faults(done) == {2: {"": "It is not there any more."}, 3: {"": "It is there already."}}
        assert Product.objects.get().name == "Rival"


def test_checking_applying_and_exporting_take_as_many_queries_for_fifty_rows_as_for_one() -> None:
    Material.objects.create(name="Oak", slug="oak")
    resource = registry.get("product").resource
    measured = []
    for first, count in ((0, 1), (1, 50)):
        rows = [NEW | {"sku": f"S{number}", "materials": "oak:100"} for number in range(first, first + count)]
        transfer = check("product", sheet(*rows))
        batch = list(transfer.rows.order_by("number"))
        with CaptureQueriesContext(connection) as applying:
            resource().apply(batch, actor=ACTOR, reference="x")
        with CaptureQueriesContext(connection) as exporting:
            [resource().cells_of(row) for row in resource().rows().filter(sku__in=[row.key for row in batch])]
        measured.append((len(applying), len(exporting)))
    assert measured[0] == measured[1]
