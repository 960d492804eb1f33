"""Stock in the admin: what is scarce, the marks, the ledger as a file."""

import csv
import io

import pytest

from accounts.tests.factories import make_user
from catalog.enums import MovementReason
from catalog.models import StockItem
from catalog.services import stock
from catalog.tests.factories import make_product
from catalog.tests.transfers import apply, export, read, take_back
from fantasize.core.models import Transfer
from fantasize.core.transfers import running
from fantasize.tests.staff import make_viewer, said, signed_in

pytestmark = pytest.mark.django_db
LIST = "/admin/catalog/stockitem/"


def mark_of(item: StockItem) -> int:
    return StockItem.objects.get(pk=item.pk).low_stock_at


class TestScarcity:
    """What staff should see to."""

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("", {"Plenty", "Few", "Held", "Last"}),
            ("?status=scarce", {"Few", "Held"}),
            ("?status=running_low", {"Few"}),
            ("?status=out_of_stock", {"Held"}),
            ("?status=in_stock", {"Plenty", "Last"}),
            ("?status=nonsense", {"Plenty", "Few", "Held", "Last"}),
        ],
    )
    def test_the_list_finds_it(self, query: str, found: set[str]) -> None:
        held, last = make_product(name="Held", stock=3), make_product(name="Last", stock=1)
        make_product(name="Plenty", stock=6)
        make_product(name="Few", stock=5)
        stock.hold({held.stock_id: 3})
        stock.set_low_mark(last.stock_id, low_stock_at=0)
        rows = signed_in().get(f"{LIST}{query}").context["cl"].result_list
        assert {item.product.name for item in rows} == found

    def test_it_leads_to_the_product(self) -> None:
        product = make_product(name="<b>Mug")
        page = signed_in().get(LIST).content.decode()
        assert f'href="/admin/catalog/product/{product.pk}/change/">&lt;b&gt;Mug</a>' in page


class TestMark:
    """From how many pieces on staff are told."""

    def test_it_is_set_on_the_product_s_page(self) -> None:
        product = make_product(stock=9)
        client = signed_in()
        page = client.get(f"/admin/catalog/product/{product.pk}/change/").content.decode()
        assert f'action="{LIST}{product.stock_id}/low-mark/"' in page
        answer = client.post(f"{LIST}{product.stock_id}/low-mark/", {"low_stock_at": 12})
        assert answer["Location"] == f"/admin/catalog/product/{product.pk}/change/"
        assert said(answer) == ["Staff are told from 12 pieces on."]
        assert mark_of(product.stock) == 12
        history = client.get(f"{LIST}{product.stock_id}/history/").content.decode()
        assert "Running low at 12 instead of 5." in history

    @pytest.mark.parametrize("value", ["", "-1", "x", "1.5", "99999999999"])
    def test_a_mark_that_is_none_changes_nothing(self, value: str) -> None:
        product = make_product()
        answer = signed_in().post(f"{LIST}{product.stock_id}/low-mark/", {"low_stock_at": value})
        assert said(answer)[0].startswith("Running low at:")
        assert mark_of(product.stock) == 5

    def test_who_may_not_change_stock_does_not(self) -> None:
        product = make_product()
        client = signed_in(make_viewer("catalog.view_stockitem", "catalog.change_product"))
        assert client.post(f"{LIST}{product.stock_id}/low-mark/", {"low_stock_at": 1}).status_code == 403
        assert signed_in().get(f"{LIST}{product.stock_id}/low-mark/").status_code == 405
        assert signed_in().post(f"{LIST}999999/low-mark/", {"low_stock_at": 1}).status_code == 404
        assert mark_of(product.stock) == 5


def test_the_ledger_leaves_as_a_file_that_runs_nothing() -> None:
    product, manager = make_product(name="Mug", sku="MUG-1", stock=4), make_user(role="manager")
    why, reference = MovementReason.CORRECTION, "=cmd|'x'"
    stock.correct(product.stock_id, delta=-3, reason=why, reference=reference, actor=manager.actor)
    client = signed_in(manager)
    assert client.post("/admin/catalog/stockmovement/export/", {"format": "csv"}).status_code == 302
    transfer = Transfer.objects.get()
    running.run(transfer.pk)
    content = client.get(f"/admin/core/transfer/{transfer.pk}/file/").getvalue().decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(content)))
    assert {(row["sku"], row["delta"], row["reason"]) for row in rows} == {
        ("MUG-1", "4", "opening"),
        ("MUG-1", "-3", "correction"),
    }
    assert {row["reference"] for row in rows} == {"MUG-1", "'=cmd|'x'"}


def test_of_what_is_gone_only_the_ledger_tells() -> None:
    transfer = apply("product", b"sku,name,list_price,on_hand\nMUG-1,Mug,4,40\n")
    assert take_back(transfer).message == "1 removed."
    client = signed_in()
    assert list(client.get(LIST).context["cl"].result_list) == []
    item = StockItem.objects.get()
    assert client.post(f"{LIST}{item.pk}/low-mark/", {"low_stock_at": 1}).status_code == 404
    ledger = client.get("/admin/catalog/stockmovement/").content.decode()
    assert "undo " in ledger
    assert " MUG-1" in ledger
    assert [(row["sku"], row["delta"]) for row in read(export("movement"))] == [("", "40"), ("", "-40")]
