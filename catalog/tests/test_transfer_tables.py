"""Stock and offers as files: round trips, what they change, what they refuse."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from catalog.models import Category, Offer, Product, StockItem, StockMovement
from catalog.services import offers, stock
from catalog.services.offers import NewOffer
from catalog.tests.factories import make_product
from catalog.tests.packages import make_set
from catalog.tests.transfers import ACTOR, CSV, XLSX, apply, check, confirm, counts, export, faults, read, take_back
from fantasize.core import clock
from fantasize.core.invariants import violations
from fantasize.core.models import TransferFormat
from fantasize.core.transfers import exports, running

pytestmark = pytest.mark.django_db
FORMATS = pytest.mark.parametrize("file_format", [CSV, XLSX])
NOON = datetime(2026, 12, 24, 12, 0, tzinfo=UTC)


@pytest.mark.usefixtures("own_files")
@pytest.mark.parametrize("seam", ["writer_for", "_write_batch", "_finish"])
def test_an_export_that_two_work_at_is_whole(seam: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As a worker and a command in the foreground do: one ends it while the other is anywhere in it."""
    for _ in range(3):
        make_product()
    transfer = exports.start(resource="product", file_format=CSV, selection=Product.objects.all(), actor=ACTOR)
    step = getattr(exports, seam)

    def be_overtaken(*args: Any) -> Any:
        monkeypatch.setattr(exports, seam, step)
        running.run(transfer.pk)
        return step(*args)

    monkeypatch.setattr(exports, seam, be_overtaken)
    running.run(transfer.pk)
    transfer.refresh_from_db()
    with transfer.file.open() as file:
        assert len(read(file.read())) == 3
    assert len(list((tmp_path / "media").glob("transfers/*/export*"))) == 1


class TestStock:
    """Corrections come in; levels only go out."""

    @FORMATS
    def test_a_round_trip_changes_nothing(self, file_format: TransferFormat) -> None:
        item = make_product(sku="=A", stock=7).stock_id
        make_product(sku="B", name="-x", stock=0)
        stock.hold({item: 2})
        content = export("stock", file_format)
        assert read(export("stock"))[0] | {"name": ""} == {
            "sku": "'=A",
            "name": "",
            "delta": "",
            "reason": "",
            "note": "",
            "on_hand": "7",
            "held": "2",
            "available": "5",
        }
        assert counts(check("stock", content)) == (0, 0, 2, 0)

    def test_corrections_are_booked_with_reason_and_note(self) -> None:
        one, two = make_product(sku="A", stock=5), make_product(sku="B", stock=5)
        transfer = check("stock", b"sku,delta,reason,note\nA,+3,return,Came back\nB,-2,,\n")
        assert [row.after["on_hand"] for row in transfer.rows.order_by("number")] == ["8", "3"]
        stock.correct(one.stock_id, delta=1, reason="correction", reference="x", actor="system")  # type: ignore[arg-type]
        assert confirm(transfer).state == "done"
        levels = dict(StockItem.objects.values_list("pk", "on_hand"))
        assert levels == {one.stock_id: 9, two.stock_id: 3}
        booked = StockMovement.objects.filter(actor=ACTOR).order_by("stock_item")
        assert list(booked.values_list("delta", "reason"))[-2:] == [(3, "return"), (-2, "correction")]
        assert booked.get(delta=3).reference == "Came back"
        assert not any(violations().values())

    def test_an_undoing_books_the_opposite_and_only_once(self) -> None:
        product = make_product(sku="A", stock=5)
        transfer = apply("stock", b"sku,delta\nA,3\n")
        assert [take_back(transfer).message for _ in range(2)] == ["1 restored.", "There was nothing to take back."]
        product.stock.refresh_from_db()
        assert product.stock.on_hand == 5

    def test_what_was_sold_since_cannot_be_taken_back(self) -> None:
        product = make_product(sku="A", stock=0)
        transfer = apply("stock", b"sku,delta\nA,3\n")
        stock.hold({product.stock_id: 2})
        undoing = take_back(transfer)
        assert (undoing.message, undoing.refused_count) == ("1 left alone.", 1)
        product.stock.refresh_from_db()
        assert (product.stock.on_hand, product.stock.held) == (3, 2)

    @pytest.mark.parametrize(
        ("row", "column"),
        [
            ("NOPE,1,,", "sku"),
            ("A,x,,", "delta"),
            ("A,1.5,,", "delta"),
            ("A,-6,,", "delta"),
            ("A,1000001,,", "delta"),
            ("A,1,sale,", "reason"),
            (f"A,1,,{'x' * 81}", "note"),
        ],
    )
    def test_what_cannot_be_booked_is_named(self, row: str, column: str) -> None:
        make_product(sku="A", stock=5)
        transfer = check("stock", f"sku,delta,reason,note\n{row}\n".encode())
        assert list(faults(transfer)[2]) == [column]

    def test_what_was_reserved_meanwhile_is_left_alone(self) -> None:
        product = make_product(sku="A", stock=5)
        transfer = check("stock", b"sku,delta\nA,-4\n")
        stock.hold({product.stock_id: 3})
        assert list(faults(confirm(transfer, skip_refused=True))[2]) == [""]
        product.stock.refresh_from_db()
        assert product.stock.on_hand == 5


class TestOffers:
    """Terms, windows and what they are on."""

    def make(self, **new: Any) -> Offer:
        said: dict[str, Any] = {"name": "Sale", "percent": Decimal(10), "starts_at": NOON} | new
        return offers.create_offer(new=NewOffer(**said))

    @FORMATS
    def test_a_round_trip_changes_nothing(self, parts: list[Product], file_format: TransferFormat) -> None:
        home = Category.objects.create(name="Home", slug="home")
        package = make_set(parts, sku="=SET")
        self.make(products=[part.pk for part in parts], categories=[home.pk], packages=[package.pk])
        self.make(name="=Sale", percent=None, amount=Decimal("1.50"), starts_at=NOON.replace(microsecond=7))
        self.make(ends_at=NOON.replace(year=2027), is_active=False)
        transfer = check("offer", export("offer", file_format))
        assert (faults(transfer), counts(transfer)) == ({}, (0, 0, 3, 0))

    def test_a_new_offer_makes_things_cheaper_and_its_undoing_dearer(self, parts: list[Product]) -> None:
        content = b"name,percent,starts_at,ends_at,products\nSale,50,2026-12-24T12:00Z,2026-12-26 12:00,MUG\n"
        with clock.frozen_at(NOON):
            transfer = apply("offer", content)
            assert transfer.state == "done", faults(transfer)
            assert Product.objects.get(sku="MUG").price == 2
            assert take_back(transfer).message == "1 removed."
        assert Product.objects.get(sku="MUG").price == 4
        assert not Offer.objects.exists()

    def test_a_changed_offer_and_its_undoing(self, parts: list[Product]) -> None:
        with clock.frozen_at(NOON):
            offer = self.make(products=[parts[0].pk])
            before = export("offer")
            transfer = apply("offer", f"id,percent,products\n{offer.pk},50,MUG|TEA\\|2\n".encode())
            assert list(Product.objects.order_by("pk").values_list("price", flat=True)) == [2, 3, 1]
            assert take_back(transfer).message == "1 restored."
            assert export("offer") == before

    @pytest.mark.parametrize(
        ("row", "columns"),
        [
            ("99,Sale,10,,2026-01-01,,", {"id"}),
            ("x,Sale,10,,2026-01-01,,", {"id"}),
            (f"{'9' * 5000},Sale,10,,2026-01-01,,", {"id"}),
            (",,10,,2026-01-01,,", {"name"}),
            (",Sale,,,2026-01-01,,", {"percent", "amount"}),
            (",Sale,10,5,2026-01-01,,", {"percent", "amount"}),
            (",Sale,0,,2026-01-01,,", {"percent"}),
            (",Sale,101,,2026-01-01,,", {"percent"}),
            (",Sale,,0,2026-01-01,,", {"amount"}),
            (",Sale,10,,,,", {"starts_at"}),
            (",Sale,10,,soon,,", {"starts_at"}),
            (",Sale,10,,2026-01-02,2026-01-01,", {"ends_at"}),
            (",Sale,10,,2026-01-01,,NOPE", {"products"}),
        ],
    )
    def test_what_no_offer_can_be_is_named(self, row: str, columns: set[str]) -> None:
        transfer = check("offer", f"id,name,percent,amount,starts_at,ends_at,products\n{row}\n".encode())
        assert set(faults(transfer)[2]) == columns

    def test_what_somebody_deleted_after_the_check_is_told(self) -> None:
        offer = self.make()
        transfer = check("offer", f"id,name\n{offer.pk},Other\n".encode())
        offers.remove_offer(offer=offer)
        assert faults(confirm(transfer, skip_refused=True)) == {2: {"": "It is not there any more."}}
