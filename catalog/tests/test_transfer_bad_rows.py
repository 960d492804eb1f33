"""Files with products that cannot be: every fault is named, in the row and column where it is."""

import csv
import io
from decimal import Decimal

import pytest

from catalog.models import Material, Product
from catalog.tests.factories import make_product
from catalog.tests.transfers import (
    CSV,
    NEW,
    XLSX,
    apply,
    check,
    confirm,
    counts,
    faults,
    products_now,
    sheet,
)
from fantasize.core.models import Transfer, TransferFormat
from fantasize.core.transfers import registry
from fantasize.core.transfers.rows import error_lines

pytestmark = pytest.mark.django_db


BAD = [
    ({"name": ""}, "name"),
    ({"name": "x" * 201}, "name"),
    ({"name": "a\x00b"}, "name"),
    ({"sku": ""}, "sku"),
    ({"sku": "x" * 65}, "sku"),
    ({"sku": "a\x00"}, "sku"),
    ({"list_price": ""}, "list_price"),
    ({"list_price": "cheap"}, "list_price"),
    ({"list_price": "-1"}, "list_price"),
    ({"list_price": "1.005"}, "list_price"),
    ({"list_price": "NaN"}, "list_price"),
    ({"list_price": "1e9"}, "list_price"),
    ({"list_price": "1000000000"}, "list_price"),
    ({"list_price": "1,50"}, "list_price"),
    ({"category": "nowhere"}, "category"),
    ({"category": "\x00"}, "category"),
    ({"brand": "nobody"}, "brand"),
    ({"slug": "taken"}, "slug"),
    ({"slug": "not a slug!"}, "slug"),
    ({"materials": "oak:60"}, "materials"),
    ({"materials": "oak:50|oak:50"}, "materials"),
    ({"materials": "gold:100"}, "materials"),
    ({"materials": "oak"}, "materials"),
    ({"materials": "oak:"}, "materials"),
    ({"materials": "oak:x"}, "materials"),
    ({"materials": "oak:-100"}, "materials"),
    ({"tags": "nothing"}, "tags"),
    ({"is_active": "maybe"}, "is_active"),
    ({"is_active": ""}, "is_active"),
    ({"on_hand": "-1"}, "on_hand"),
    ({"on_hand": "many"}, "on_hand"),
    ({"on_hand": "1.5"}, "on_hand"),
    ({"on_hand": "1000001"}, "on_hand"),
    ({"on_hand": "99999999999"}, "on_hand"),
]


def refused_lines(transfer: Transfer) -> list[list[str]]:
    text = "".join(error_lines(transfer, registry.get(transfer.resource).resource()))
    return list(csv.reader(io.StringIO(text, newline="")))


class TestBadRows:
    """Every one is named with its row and column, and nothing is stored unless somebody leaves them out."""

    def test_every_bad_row_is_named(self) -> None:
        Material.objects.create(name="Oak", slug="oak")
        make_product(slug="taken")
        before = products_now()
        bad = [NEW | {"sku": f"BAD-{number}"} | fault for number, (fault, _) in enumerate(BAD)]
        transfer = check("product", sheet(NEW, *bad))
        assert counts(transfer) == (1, 0, 0, len(BAD))
        named = {number: list(columns) for number, columns in faults(transfer).items()}
        assert named == {number: [column] for number, (_, column) in enumerate(BAD, 3)}
        assert products_now() == before

    def test_good_rows_are_stored_without_them_if_somebody_says_so(self) -> None:
        transfer = check("product", sheet(NEW, NEW | {"sku": "B", "list_price": "x"}, NEW | {"sku": "C"}))
        assert counts(confirm(transfer, skip_refused=True)) == (2, 0, 0, 1)
        assert set(Product.objects.values_list("sku", flat=True)) == {"NEW-1", "C"}

    def test_all_faults_of_a_row_are_told_at_once(self) -> None:
        transfer = check("product", sheet({"sku": "A", "name": "", "list_price": "x", "brand": "y", "is_active": "z"}))
        assert set(faults(transfer)[2]) == {"name", "list_price", "brand", "is_active"}

    def test_a_sku_that_is_there_twice_is_named_in_every_row(self) -> None:
        make_product(sku="A", name="There")
        transfer = check("product", b"sku,name,list_price\nA,There,10\nB,x,1\nA,Uno,1\nC,y,1\nB,z,2\n")
        assert faults(transfer) == {
            2: {"sku": "Rows 2, 4 have the same sku."},
            3: {"sku": "Rows 3, 6 have the same sku."},
            4: {"sku": "Rows 2, 4 have the same sku."},
            6: {"sku": "Rows 3, 6 have the same sku."},
        }

    def test_a_slug_that_is_there_twice_too(self) -> None:
        transfer = check("product", b"sku,name,list_price,slug\nA,x,1,mug\nB,x,1,cup\nC,x,1,mug\n")
        assert faults(transfer)[2] == faults(transfer)[4] == {"slug": "Rows 2, 4 have the same slug."}

    def test_the_error_file_holds_row_column_reason_and_the_cells(self) -> None:
        transfer = check("product", b"sku,name,list_price\nA,=cmd,x\nB,Mug,2\nC,,y\n")
        lines = refused_lines(transfer)
        assert lines[0] == ["row", "column", "reason", "sku", "name", "list_price"]
        assert [(line[0], line[1], *line[3:]) for line in lines[1:]] == [
            ("2", "list_price", "A", "'=cmd", "x"),
            ("4", "name", "C", "", "y"),
            ("4", "list_price", "C", "", "y"),
        ]

    def test_it_holds_also_what_a_row_would_leave_as_it_is(self) -> None:
        """Else a mended file would empty it, and nobody would know which product is meant."""
        product = make_product(sku="A", name="Mug", price="5.00", description="<p>Round.</p>")
        file = b"sku,name,description,list_price\nA,Mug,<p>Round.</p>,6\nA,Mug,<p>Round.</p>,7\n"
        lines = refused_lines(check("product", file))
        assert [line[3:] for line in lines[1:]] == [["A", "Mug", "<p>Round.</p>", price] for price in ("6.00", "7.00")]
        mended = "\n".join(",".join(line[3:]) for line in lines[:2])
        assert counts(apply("product", mended.encode())) == (0, 1, 0, 0)
        product.refresh_from_db()
        assert (product.description, product.list_price) == ("<p>Round.</p>", Decimal(6))

    def test_it_says_which_level_a_correction_is_of(self) -> None:
        make_product(sku="A", stock=3)
        lines = refused_lines(check("stock", b"sku,delta\nA,+5\nA,-1\n"))
        assert [line[3:] for line in lines[1:]] == [["A", "'+5"], ["A", "-1"]]

    @pytest.mark.parametrize(
        ("content", "reason"),
        [
            (b"sku,name\n", "no rows"),
            (b"name,list_price\nMug,1\n", "column sku is missing"),
            (b"sku,colour,name,pattern\nA,red,x,y\n", "no column colour; there is no column pattern"),
            (b"sku\n\n", "no rows"),
            (b"\x00\x01\x02", "no column"),
            (b'sku,name\nA,"open', "Line 2"),
        ],
    )
    def test_a_file_that_cannot_be_used_says_why(self, content: bytes, reason: str) -> None:
        transfer = check("product", content)
        assert transfer.state == "failed"
        assert reason in transfer.message
        assert Product.objects.count() == 0


@pytest.mark.parametrize("file_format", [CSV, XLSX])
def test_a_file_about_nothing_is_refused(file_format: TransferFormat) -> None:
    assert check("product", sheet({"sku": ""}, file_format=file_format)).state == "failed"
