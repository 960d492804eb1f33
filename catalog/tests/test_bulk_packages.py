"""Very many packages at once: as if the service for one had written each, in a fixed number of statements."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.tests.factories import make_user
from catalog.models import Category, Package, PackageItem, Product, Review, ReviewGrant, TaxClass
from catalog.services import bulk_packages, packages
from catalog.services.bulk_packages import PackageRow
from catalog.services.packages import MAX_PRICE, NewPackage, Part
from catalog.tests.factories import make_offer, make_package, make_product
from catalog.tests.media import add_image
from catalog.tests.packages import broken
from fantasize.core import clock
from fantasize.core.models import DomainEvent

pytestmark = pytest.mark.django_db
ACTOR = "user:7"
Row = tuple[dict[str, Any], list[Part] | None]


@pytest.fixture
def mugs() -> list[Product]:
    return [make_product(name=name, price=price) for name, price in (("Mug", "4.00"), ("Ünique", "6.35"), ("Box", "1"))]


@pytest.fixture
def lights() -> Category:
    """A category whose parent is on offer for a day, from tomorrow on and already."""
    home = Category.objects.create(name="Home", slug="home")
    make_offer(percent="10", categories=[home.pk], ends_at=clock.now() + timedelta(days=1))
    make_offer(percent="20", categories=[home.pk], starts_at=clock.now() + timedelta(hours=1))
    return Category.objects.create(name="Lights", slug="lights", parent=home)


def state() -> dict[str, list[dict[str, Any]]]:
    """All that is known of packages, by SKU: ids are never the same again."""
    skus = {package.pk: package.sku for package in Package.objects.all()}
    told = DomainEvent.objects.filter(aggregate="package").order_by("aggregate_id", "seq")
    found = {
        "rows": [row | {"id": None} for row in Package.objects.order_by("sku").values()],
        "parts": PackageItem.objects.order_by("package__sku", "position").values(
            "package__sku", "product", "quantity", "position"
        ),
        "events": [
            {"of": skus.get(int(event.aggregate_id), "gone")}
            | {name: getattr(event, name) for name in ("seq", "name", "data", "actor", "occurred_at")}
            for event in told
        ],
    }
    return {name: sorted(map(dict, rows), key=str) for name, rows in found.items()}


def singly(actions: Iterator[Any]) -> dict[str, Any]:
    """What is known after ``actions``, which are then forgotten."""
    with transaction.atomic():
        for _ in actions:
            pass
        found = state()
        transaction.set_rollback(True)
    return found


def new_rows(mugs: Sequence[Product], lights: Category) -> list[Row]:
    mug, unique, box = (product.pk for product in mugs)
    books = TaxClass.objects.create(code="books", name="Books")
    return [
        ({"sku": "A", "name": "Tea", "percent_off": Decimal("12.50")}, [Part(unique, 3), Part(mug)]),
        ({"sku": "B", "name": "Tea", "own_price": Decimal("9.99"), "category": lights}, [Part(box, 1000)]),
        ({"sku": "C", "name": "Tea", "percent_off": Decimal(100), "description": "<p>A café</p>"}, [Part(mug)]),
        ({"sku": "D", "name": "茶", "own_price": Decimal(0), "is_active": False}, [Part(mug), Part(box), Part(unique)]),
        ({"sku": "E", "name": "Box", "slug": "the-box", "percent_off": Decimal(0), "tax_class": books}, [Part(mug)]),
        ({"sku": "F", "name": "Neither"}, [Part(mug, 2)]),
    ]


def changed_rows(mugs: Sequence[Product], lights: Category) -> list[Row]:
    mug, unique, _ = (product.pk for product in mugs)
    return [
        ({"own_price": Decimal(7), "percent_off": None}, None),
        ({"percent_off": Decimal(5)}, None),
        ({}, [Part(unique, 2), Part(mug)]),
        ({"name": "Other", "description": "<b>words</b>", "category": lights, "slug": "other"}, [Part(mug, 9)]),
        ({"is_active": False, "category": None, "tax_class": None}, None),
    ]


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with clock.frozen_at(clock.now()):
        yield


class TestAsSingly:
    """Rows, parts, prices, words for the search and the audit trail are the same."""

    def test_new_ones(self, mugs: list[Product], lights: Category) -> None:
        make_package(name="Tea")
        rows = new_rows(mugs, lights)
        expected = singly(
            packages.create_package(new=NewPackage(**said), items=parts or (), actor=ACTOR) for said, parts in rows
        )
        bulk_packages.create([PackageRow(Package(), said, parts) for said, parts in rows], actor=ACTOR)
        assert state() == expected
        made = {row["sku"]: row for row in expected["rows"]}
        assert [made[sku]["slug"] for sku in "ABCD"] == ["tea-2", "tea-3", "tea-4", "package"]
        assert (made["B"]["price"], made["B"]["price_changes_at"] is None) == (Decimal("8.99"), False)
        assert made["A"]["search"]
        assert broken() == {}

    @pytest.mark.parametrize("which", [slice(None), slice(2)], ids=["all", "prices only"])
    def test_changed_ones(self, mugs: list[Product], lights: Category, which: slice) -> None:
        made = [make_package(*mugs[:2], sku=f"S{number}", category=lights) for number in range(5)][which]
        rows = list(zip(made, changed_rows(mugs, lights), strict=False))
        expected = singly(
            packages.update_package(package=package, changes=said, items=parts, actor=ACTOR)
            for package, (said, parts) in rows
        )
        again = {package.pk: package for package in Package.objects.defer("search", "names")}
        bulk_packages.update([PackageRow(again[row.pk], said, parts) for row, (said, parts) in rows], actor=ACTOR)
        assert state() == expected
        assert {row["version"] for row in expected["rows"][: len(made)]} == {2}
        assert broken() == {}

    def test_removed_ones(self, mugs: list[Product]) -> None:
        made = [make_package(*mugs, sku=f"S{number}") for number in range(5)]
        Package.objects.filter(pk=made[1].pk).update(sales_count=1)
        ReviewGrant.objects.create(user=make_user(), package=made[2], reference="1")
        Review.objects.create(user=make_user(), package=made[3], rating=5)
        expected = singly(packages.remove_package(package=package, actor=ACTOR) for package in made)
        gone = bulk_packages.remove(list(Package.objects.order_by("pk")), actor=ACTOR)
        assert state() == expected
        assert set(gone) == {made[0].pk, made[4].pk}
        assert set(Package.objects.values_list("pk", "is_active")) == {(each.pk, False) for each in made[1:4]}

    def test_nothing_at_all(self) -> None:
        with CaptureQueriesContext(connection) as asked:
            bulk_packages.create([], actor=ACTOR)
            bulk_packages.update([], actor=ACTOR)
        assert len(asked) == 0


@pytest.mark.usefixtures("own_files")
def test_pictures_of_what_is_deleted_go_too(mugs: list[Product]) -> None:
    made = [make_package(*mugs) for _ in range(2)]
    pictures = [add_image(package) for package in made]
    bulk_packages.remove(made[:1], actor=ACTOR)
    assert list(type(pictures[0]).objects.all()) == pictures[1:]


def test_what_cannot_be_is_told_of_its_row_and_the_others_are_stored(mugs: list[Product]) -> None:
    mug = mugs[0].pk
    Product.objects.filter(pk=mugs[1].pk).update(list_price=MAX_PRICE - 1, price=0)
    dear = mugs[1].pk
    gone = make_product(stock=0)
    gone.delete()
    price = {"own_price": Decimal(1)}
    said: list[tuple[dict[str, Any], list[Part], str]] = [
        (price, [Part(mug)], ""),
        (price, [Part(mug), Part(gone.pk)], "There is no such product."),
        (price, [Part(dear, 101)], "The parts of a package would cost too much."),
        ({"own_price": MAX_PRICE}, [Part(mug)], "A price is 0 or more, and less than 1,000,000,000."),
        ({"percent_off": Decimal(101)}, [Part(mug)], "A percentage from 0 to 100."),
        (price, [], "A package has 1 to 50 parts."),
        (price, [Part(mug, 1001), Part(mug)], "This product is a part already. From 1 to 1000 pieces."),
    ]
    kept = [make_package(mugs[0], sku=f"K{number}") for number in range(len(said))]
    news = [
        PackageRow(Package(), own | {"sku": f"N{at}", "name": "N"}, parts) for at, (own, parts, _) in enumerate(said)
    ]
    olds = [PackageRow(row, own, parts) for row, (own, parts, _) in zip(kept, said, strict=True)]
    bulk_packages.create(news, actor=ACTOR)
    bulk_packages.update(olds, actor=ACTOR)
    for rows in (news, olds):
        assert [row.fault for row in rows] == [fault for *_, fault in said]
    assert set(Package.objects.exclude(own_price=None).values_list("sku", flat=True)) == {"K0", "N0"}
    assert DomainEvent.objects.filter(actor=ACTOR).count() == 2


def test_names_that_crowd_get_slugs_of_their_own(mugs: list[Product]) -> None:
    for name in ("Set", "Set", "Set 2"):
        make_package(name=name)
    names = ["Set", "Set 2", "Set", "Lamp", "Lamp 2", "Lamp", "Setting", "Card"]
    rows = [
        PackageRow(Package(), {"sku": name + str(at), "name": name}, [Part(mugs[0].pk)])
        for at, name in enumerate(names)
    ]
    rows.append(PackageRow(Package(), {"sku": "X", "name": "X", "slug": "card"}, [Part(mugs[0].pk)]))
    bulk_packages.create(rows, actor=ACTOR)
    assert [row.package.slug for row in rows] == [
        *("set-3", "set-2-3", "set-4", "lamp", "lamp-2", "lamp-3", "setting", "card-2", "card"),
    ]


def test_as_many_queries_for_many_as_for_one(mugs: list[Product]) -> None:
    parts, measured = [Part(mug.pk) for mug in mugs], []
    for count in (1, 150):
        rows = [PackageRow(Package(), {"sku": f"{count}-{at}", "name": f"N{count} {at}"}, parts) for at in range(count)]
        with CaptureQueriesContext(connection) as making:
            bulk_packages.create(rows, actor=ACTOR)
        made = [row.package for row in rows]
        with CaptureQueriesContext(connection) as changing:
            bulk_packages.update([PackageRow(each, {"name": "Other"}, parts[:2]) for each in made], actor=ACTOR)
        with CaptureQueriesContext(connection) as pricing:
            bulk_packages.update([PackageRow(each, {"percent_off": Decimal(5)}) for each in made], actor=ACTOR)
        measured.append((len(making), len(changing), len(pricing)))
    assert measured[0] == measured[1]
