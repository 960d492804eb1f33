"""Packages as files: round trips, what they change, what they refuse, and what is taken back."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import Category, Package, Product
from catalog.services import packages, products
from catalog.services.packages import NewPackage, Part
from catalog.tests.factories import make_product
from catalog.tests.packages import make_set
from catalog.tests.transfers import ACTOR, CSV, XLSX, apply, check, confirm, counts, export, faults, read, take_back
from fantasize.core.invariants import violations
from fantasize.core.models import DomainEvent, TransferFormat
from fantasize.core.transfers import registry

pytestmark = pytest.mark.django_db
FORMATS = pytest.mark.parametrize("file_format", [CSV, XLSX])


class TestThereAndBack:
    """Parts in their order, one kind of price; undone, everything is as before."""

    @FORMATS
    def test_a_round_trip_changes_nothing(self, parts: list[Product], file_format: TransferFormat) -> None:
        make_set(parts, sku="A", description="<p>Two</p>", category=Category.objects.create(name="C", slug="c"))
        make_set(list(reversed(parts)), sku="@B", name="+Set", percent_off=None, own_price=Decimal("9.90"))
        transfer = check("package", export("package", file_format))
        assert (faults(transfer), counts(transfer)) == ({}, (0, 0, 2, 0))

    def test_parts_are_written_so_that_they_can_be_read(self, parts: list[Product]) -> None:
        make_set(parts)
        assert read(export("package"))[0]["parts"] == "MUG:1|TEA\\|2:2|'=X:3:3".replace("'", "")

    def test_a_new_package_costs_what_its_parts_come_to(self, parts: list[Product]) -> None:
        transfer = apply("package", b"sku,name,percent_off,parts\nSET,Tea set,50,MUG:2|TEA\\|2:1\n")
        assert transfer.state == "done", faults(transfer)
        package = Package.objects.get()
        assert (package.slug, package.parts_total, package.price) == ("tea-set", Decimal(14), Decimal(7))
        assert list(package.items.order_by("position").values_list("product__sku", "quantity")) == [
            ("MUG", 2),
            ("TEA|2", 1),
        ]

    def test_a_slug_that_is_made_is_none_that_another_row_says(self, parts: list[Product]) -> None:
        make_set(parts, sku="A")
        done = apply("package", b"sku,name,slug,own_price,percent_off,parts\nB,Card,,5,,MUG:1\nA,Set,card,,10,MUG:1\n")
        assert (counts(done), faults(done)) == ((1, 1, 0, 0), {})
        assert set(Package.objects.values_list("sku", "slug")) == {("A", "card"), ("B", "card-2")}

    def test_a_changed_package_and_its_undoing(self, parts: list[Product]) -> None:
        make_set(parts, sku="A")
        before = export("package")
        changed = apply("package", b"sku,own_price,percent_off,parts\nA,5,,MUG:3\n")
        assert Package.objects.values_list("own_price", "percent_off", "price").get() == (Decimal(5), None, Decimal(5))
        assert take_back(changed).message == "1 restored."
        assert export("package") == before
        assert not any(violations().values())

    def test_made_ones_are_deleted_again(self, parts: list[Product]) -> None:
        made = apply("package", b"sku,name,own_price,parts\nA,Set,5,MUG:3\n")
        assert take_back(made).message == "1 removed."
        assert not Package.objects.exists()

    def test_sold_ones_are_hidden_and_changed_ones_left_alone(self, parts: list[Product]) -> None:
        made = apply("package", b"sku,name,own_price,parts\nA,A,5,MUG:3\nB,B,5,MUG:3\nC,C,5,MUG:1\n")
        Package.objects.filter(sku="A").update(sales_count=1)
        packages.update_package(package=Package.objects.get(sku="B"), changes={"name": "Better"})
        undoing = take_back(made)
        assert (undoing.message, faults(undoing)) == (
            "1 removed, 1 hidden, 1 left alone.",
            {3: {"": "Somebody has changed it since."}},
        )
        assert set(Package.objects.values_list("sku", "name", "is_active")) == {
            ("A", "A", False),
            ("B", "Better", True),
        }
        trail = DomainEvent.objects.filter(aggregate="package", actor=ACTOR).order_by("pk")
        assert [event.name.removeprefix("package.") for event in trail] == [*["created"] * 3, "changed", "deleted"]
        assert trail.filter(dispatched_at=None).count() == 0


class TestRefusals:
    """Named with row and column when the file is checked; with the row when the shop has changed since."""

    @pytest.mark.parametrize(
        ("row", "column"),
        [
            ("A,Set,5,,", "parts"),
            ("A,Set,5,,MUG:0", "parts"),
            ("A,Set,5,,MUG:1001", "parts"),
            ("A,Set,5,,MUG:1.5", "parts"),
            ("A,Set,5,,NOPE:1", "parts"),
            ("A,Set,5,,MUG:1|MUG:2", "parts"),
            ("A,Set,5,,A:1", "parts"),
            ("A,Set,5,10,MUG:1", "own_price"),
            ("A,Set,,,MUG:1", "own_price"),
            ("A,Set,-5,,MUG:1", "own_price"),
            ("A,Set,1000000000,,MUG:1", "own_price"),
            ("A,Set,,101,MUG:1", "percent_off"),
            ("A,Set,,-1,MUG:1", "percent_off"),
        ],
    )
    def test_what_no_package_can_be_is_named(self, parts: list[Product], row: str, column: str) -> None:
        transfer = check("package", f"sku,name,own_price,percent_off,parts\n{row}\n".encode())
        assert list(faults(transfer)[2]) == [column]

    def test_what_came_after_the_check_is_told_and_the_others_are_stored(self, parts: list[Product]) -> None:
        transfer = check("package", b"sku,name,own_price,parts\nA,One,5,MUG:1\nB,Two,5,MUG:1\n")
        make_set(parts, sku="A")
        assert faults(confirm(transfer, skip_refused=True)) == {2: {"": "It is there already."}}
        assert set(Package.objects.values_list("sku", flat=True)) == {"A", "B"}

    def test_what_somebody_changed_after_the_check_is_left_alone(self, parts: list[Product]) -> None:
        one, two, gone = (make_set(parts, sku=sku) for sku in ("A", "B", "C"))
        transfer = check("package", b"sku,percent_off,parts\nA,20,MUG:1\nB,30,MUG:1\nC,40,MUG:1\n")
        packages.update_package(package=one, changes={}, items=[Part(parts[1].pk)])
        packages.remove_package(package=gone)
        done = confirm(transfer, skip_refused=True)
        told = {2: {"": "Somebody has changed it since."}, 4: {"": "It is not there any more."}}
        assert (counts(done), faults(done)) == ((0, 1, 0, 2), told)
        assert list(one.items.values_list("product", "quantity")) == [(parts[1].pk, 1)]
        two.refresh_from_db()
        assert (two.percent_off, two.list_price, two.version) == (Decimal(30), Decimal("2.80"), 2)
        assert not any(violations().values())

    def test_parts_that_went_or_grew_too_dear_after_the_check_are_told(self, parts: list[Product]) -> None:
        going = make_product(sku="GO", stock=0)
        transfer = check("package", b"sku,name,own_price,parts\nA,A,5,GO:1\nB,B,5,MUG:1000\nC,C,5,TEA\\|2:1\n")
        assert faults(transfer) == {}
        products.remove_product(product=going)
        products.update_product(product=parts[0], changes={"list_price": Decimal(999_999_999)})
        assert faults(confirm(transfer, skip_refused=True)) == {
            2: {"": "There is no product with the sku “GO”."},
            3: {"": "The parts of a package would cost too much."},
        }
        assert Package.objects.get().sku == "C"

    def test_prices_that_make_a_package_cost_too_much_end_the_import_and_say_so(self, parts: list[Product]) -> None:
        items = [Part(parts[0].pk, 1000)]
        packages.create_package(new=NewPackage("Set", own_price=Decimal(5)), items=items, actor="system")
        done = apply("product", b"sku,list_price\nMUG,900000000\n")
        assert (done.state, done.message) == (
            "failed",
            "The parts of a package would cost too much. What was done before is kept.",
        )
        assert Product.objects.get(sku="MUG").list_price == Decimal(4)

    def test_a_product_that_goes_while_a_batch_is_read_is_told(
        self, parts: list[Product], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        going = make_product(sku="GO", stock=0)
        transfer = check("package", b"sku,name,own_price,parts\nA,A,5,GO:1\nB,B,5,MUG:1\n")
        resource, lock = registry.get("package").resource, packages.lock_products

        def lock_what_is_left(ids: Any) -> Any:
            Product.objects.filter(pk=going.pk).delete()
            return lock(ids)

        monkeypatch.setattr(packages, "lock_products", lock_what_is_left)
        changes = resource().apply(list(transfer.rows.order_by("number")), actor=ACTOR, reference="x")
        assert [change.fault for change in changes] == ["There is no such product.", ""]
        assert Package.objects.get().sku == "B"


def test_everything_takes_as_many_queries_for_many_rows_as_for_one(parts: list[Product]) -> None:
    measured = []
    for first, count in ((0, 1), (1, 120)):
        lines = [f"S{number},N {number},{number % 9}.50,MUG:2|TEA\\|2:1" for number in range(first, first + count)]
        transfer = check("package", "\n".join(["sku,name,own_price,parts", *lines]).encode())
        batch = list(transfer.rows.order_by("number"))
        resource = registry.get("package").resource()
        with CaptureQueriesContext(connection) as applying:
            resource.apply(batch, actor=ACTOR, reference="x")
        with CaptureQueriesContext(connection) as exporting:
            [resource.cells_of(row) for row in resource.rows().filter(sku__in=[row.key for row in batch])]
        for row in batch:
            row.outcome, row.before, row.after = (
                "changed",
                row.after,
                row.after | {"own_price": "99.00", "parts": "MUG:1"},
            )
        with CaptureQueriesContext(connection) as changing:
            resource.apply(batch, actor=ACTOR, reference="x")
        with CaptureQueriesContext(connection) as restoring:
            resource.undo(batch, actor=ACTOR, reference="x")
        measured.append([len(asked) for asked in (applying, exporting, changing, restoring)])
    assert measured[0] == measured[1]
    assert Package.objects.filter(version=3).count() == 121
