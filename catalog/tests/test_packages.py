"""Packages: what they cost and how often they can be sold follows from their parts, exactly."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from functools import partial
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.tests.factories import make_user
from catalog.models import Category, Offer, Package, PackageItem, Product, Review, ReviewGrant
from catalog.selectors.packages import list_packages, saving_of
from catalog.services import packages, stock
from catalog.services.packages import MAX_PARTS, NewPackage, Part, create_package, update_package
from catalog.services.products import update_product
from catalog.tests.factories import make_package, make_product
from fantasize.core import invariants
from fantasize.core.errors import InvalidError, NotFoundError, PreconditionFailedError
from fantasize.core.models import DomainEvent

pytestmark = pytest.mark.django_db


def shown(package: Package) -> Package:
    return list_packages(including_hidden=True).get(pk=package.pk)


def faults(error: InvalidError) -> dict[str, str]:
    return {fault.location: fault.code for fault in error.errors}


def _amounts(texts: dict[str, str]) -> dict[str, Any]:
    return {name: Decimal(text) for name, text in texts.items()}


def reprice(product: Product, price: str) -> None:
    """What a changed list price does to packages."""
    with transaction.atomic():
        row = Product.objects.select_for_update(no_key=True).get(pk=product.pk)
        row.list_price = row.price = Decimal(price)
        row.save()
        packages.refresh_prices([row.pk])


class TestPrice:
    """Its own, or the parts' list prices together less a percentage, rounded once, half up."""

    @pytest.mark.parametrize(
        ("parts", "terms", "total", "list_price"),
        [
            ([("10.00", 1)], {}, "10.00", "10.00"),
            ([("10.00", 2), ("5.50", 3)], {}, "36.50", "36.50"),
            ([("10.00", 2), ("5.50", 3)], {"percent_off": "10"}, "36.50", "32.85"),
            ([("0.05", 1)], {"percent_off": "50"}, "0.05", "0.03"),
            ([("0.03", 1)], {"percent_off": "50"}, "0.03", "0.02"),
            ([("9.99", 3)], {"percent_off": "33.33"}, "29.97", "19.98"),
            ([("9.99", 3)], {"percent_off": "100"}, "29.97", "0.00"),
            ([("9.99", 3)], {"own_price": "25.00"}, "29.97", "25.00"),
            ([("9.99", 3)], {"own_price": "31.00"}, "29.97", "31.00"),
            ([("9.99", 3)], {"own_price": "0.00"}, "29.97", "0.00"),
            ([("0.01", 1000), ("99999.99", 1000)], {"percent_off": "0.01"}, "100000000.00", "99990000.00"),
        ],
    )
    def test_the_table(self, parts: list[tuple[str, int]], terms: dict[str, str], total: str, list_price: str) -> None:
        products = [(make_product(price=price), pieces) for price, pieces in parts]
        made = make_package(*products, **_amounts(terms))
        package = Package.objects.get(pk=made.pk)
        assert (str(package.parts_total), str(package.list_price), package.price) == (
            total,
            list_price,
            package.list_price,
        )
        assert saving_of(package, package.price) == max(Decimal(total) - Decimal(list_price), Decimal(0))

    def test_it_follows_its_parts(self) -> None:
        mug, bowl = make_product(price="10.00"), make_product(price="4.00")
        share = make_package((mug, 2), bowl, percent_off=Decimal(25))
        own = make_package(mug, own_price=Decimal("8.00"))
        other = make_package(bowl)
        before = Package.objects.filter(pk=other.pk).values().get()
        reprice(mug, "12.00")
        share.refresh_from_db()
        own.refresh_from_db()
        assert (share.parts_total, share.list_price, share.price) == (
            Decimal("28.00"),
            Decimal("21.00"),
            Decimal("21.00"),
        )
        assert (own.parts_total, own.list_price, own.price) == (Decimal("12.00"), Decimal("8.00"), Decimal("8.00"))
        assert (share.version, own.version) == (1, 1), "nobody edited them"
        assert Package.objects.filter(pk=other.pk).values().get() == before

    def test_a_product_that_is_changed_by_its_service_takes_its_packages_along(self) -> None:
        product = make_product(price="10.00")
        package = make_package((product, 3))
        update_product(product=product, changes={"list_price": Decimal("11.00")})
        package.refresh_from_db()
        assert package.list_price == Decimal("33.00")

    def test_an_offer_on_its_category_or_on_it_makes_it_cheaper(self) -> None:
        category = Category.objects.create(name="Boxes", slug="boxes")
        Offer.objects.create(name="Sale", percent=10).categories.add(category)
        product = make_product(price="10.00")
        package = make_package(product, category=category)
        assert (package.list_price, package.price) == (Decimal("10.00"), Decimal("9.00"))
        Offer.objects.create(name="Big sale", percent=50).packages.add(package)
        reprice(product, "20.00")
        package.refresh_from_db()
        assert (package.list_price, package.price) == (Decimal("20.00"), Decimal("10.00"))

    def test_one_kind_of_price_takes_the_place_of_the_other(self) -> None:
        package = make_package(make_product(price="10.00"), own_price=Decimal("7.00"))
        for changes, own, percent, price in (
            ({"percent_off": Decimal(20)}, None, Decimal(20), "8.00"),
            ({"own_price": Decimal("9.00")}, Decimal("9.00"), None, "9.00"),
            ({"own_price": None}, None, Decimal(0), "10.00"),
            ({"name": "Else"}, None, Decimal(0), "10.00"),
        ):
            package = update_package(package=package, changes=changes)
            assert (package.own_price, package.percent_off, package.list_price) == (own, percent, Decimal(price))

    def test_a_sum_that_no_column_holds_is_refused(self) -> None:
        product = make_product(price="90000000.00")
        with pytest.raises(InvalidError) as refusal:
            make_package((product, 1000), make_product(price="99999999.00"), (make_product(price="10000000.00"), 1000))
        assert faults(refusal.value) == {"/items": "out_of_range"}
        package = make_package((product, 1000))
        with pytest.raises(InvalidError) as refusal:
            reprice(product, "100000000.00")
        assert faults(refusal.value) == {"/price": "out_of_range"}
        assert Product.objects.get(pk=product.pk).list_price == Decimal("90000000.00")
        package.refresh_from_db()
        assert package.parts_total == Decimal("90000000000.00")

    def test_following_takes_as_many_queries_for_twenty_packages_as_for_one(self) -> None:
        product, counts = make_product(price="10.00"), []
        for price, more in (("11.00", 1), ("12.00", 19)):
            for _ in range(more):
                make_package(product, make_product())
            with CaptureQueriesContext(connection) as queries:
                reprice(product, price)
            counts.append(len(queries))
        assert counts[0] == counts[1]
        assert set(Package.objects.values_list("list_price", flat=True)) == {Decimal("22.00")}


class TestAvailability:
    """As often as the scarcest part allows."""

    @pytest.mark.parametrize(
        ("parts", "available", "status"),
        [
            ([(10, 1)], 10, "in_stock"),
            ([(10, 3)], 3, "in_stock"),
            ([(100, 1), (12, 2)], 6, "in_stock"),
            ([(100, 1), (11, 2)], 5, "in_stock"),
            ([(100, 1), (5, 2)], 2, "running_low"),
            ([(4, 5)], 0, "out_of_stock"),
            ([(100, 1), (0, 1)], 0, "out_of_stock"),
            ([(6, 1), (8, 1)], 6, "in_stock"),
            ([(5, 1), (8, 1)], 5, "running_low"),
        ],
    )
    def test_the_table(self, parts: list[tuple[int, int]], available: int, status: str) -> None:
        package = shown(make_package(*((make_product(stock=on_hand), pieces) for on_hand, pieces in parts)))
        assert (package.available, package.status) == (available, status)
        assert Package.objects.in_stock().exists() == (available > 0)

    def test_what_orders_hold_is_not_there(self) -> None:
        mug = make_product(stock=10)
        package = make_package((mug, 2))
        stock.hold({mug.stock_id: 7})
        assert shown(package).available == 1
        stock.hold({mug.stock_id: 2})
        assert shown(package).available == 0

    def test_packages_share_their_parts(self) -> None:
        mug, bowl = make_product(stock=6), make_product(stock=60)
        one, two = make_package((mug, 2), bowl), make_package((mug, 3))
        assert (shown(one).available, shown(two).available) == (3, 2)
        stock.hold({mug.stock_id: 3})
        assert (shown(one).available, shown(two).available) == (1, 1)

    def test_a_hidden_part_makes_it_unavailable_until_it_is_shown_again(self) -> None:
        mug = make_product(stock=10)
        package = make_package(mug, make_product(is_active=False, stock=10))
        assert (shown(package).available, shown(package).status) == (0, "out_of_stock")
        assert not Package.objects.in_stock().exists()
        Product.objects.update(is_active=True)
        assert shown(package).available == 10

    def test_a_package_that_lost_its_parts_is_not_there(self) -> None:
        package = make_package()
        PackageItem.objects.all().delete()
        assert shown(package).available == 0


class TestRefusals:
    """Every fault is named, and nothing is changed."""

    def test_parts_that_cannot_be(self) -> None:
        product = make_product()
        with pytest.raises(InvalidError) as refusal:
            create_package(
                new=NewPackage(name="Box", own_price=Decimal(1), percent_off=Decimal(1)),
                items=[Part(product.pk, 0), Part(product.pk, 1001), Part(10**9), Part(product.pk + 10**6, -1)],
                actor="system",
            )
        assert faults(refusal.value) == {
            "/price": "exclusive",
            "/percent_off": "exclusive",
            "/items/0/quantity": "out_of_range",
            "/items/1/product": "duplicate",
            "/items/1/quantity": "out_of_range",
            "/items/2/product": "does_not_exist",
            "/items/3/product": "does_not_exist",
            "/items/3/quantity": "out_of_range",
        }
        assert not Package.objects.exists()

    @pytest.mark.parametrize(
        ("fields", "expected"),
        [
            ({"own_price": Decimal("-0.01")}, {"/price": "out_of_range"}),
            ({"own_price": Decimal(10) ** 9}, {"/price": "out_of_range"}),
            ({"percent_off": Decimal("-0.01")}, {"/percent_off": "out_of_range"}),
            ({"percent_off": Decimal("100.01")}, {"/percent_off": "out_of_range"}),
            ({"sku": "TAKEN"}, {"/sku": "duplicate"}),
            ({"slug": "taken"}, {"/slug": "duplicate"}),
        ],
    )
    def test_fields_that_cannot_be(self, fields: dict[str, Any], expected: dict[str, str]) -> None:
        product = make_product()
        make_package(product, name="Taken", sku="TAKEN")
        package = make_package(product, name="Box")
        before = list(Package.objects.order_by("pk").values())
        with pytest.raises(InvalidError) as refusal:
            make_package(product, name="Another", **fields)
        assert faults(refusal.value) == expected
        with pytest.raises(InvalidError) as refusal:
            update_package(package=package, changes=fields, items=[])
        assert faults(refusal.value) == {**expected, "/items": "out_of_range"}
        assert list(Package.objects.order_by("pk").values()) == before
        assert PackageItem.objects.count() == 2

    def test_too_many_parts(self) -> None:
        products = [make_product() for _ in range(MAX_PARTS + 1)]
        assert make_package(*products[:MAX_PARTS]).items.count() == MAX_PARTS
        with pytest.raises(InvalidError) as refusal:
            make_package(*products)
        assert faults(refusal.value) == {"/items": "out_of_range"}

    def test_a_stale_change_is_refused(self) -> None:
        package = make_package(name="Box")
        changed = update_package(package=package, changes={"name": "Crate"}, expected_version=1)
        assert changed.version == 2
        for change in (
            lambda: update_package(package=package, changes={"name": "Tin"}, expected_version=1),
            lambda: packages.remove_package(package=package, expected_version=1),
        ):
            with pytest.raises(PreconditionFailedError) as refusal:
                change()
            assert refusal.value.extra == {"current_version": 2}
        assert Package.objects.get().name == "Crate"

    def test_what_is_gone_is_not_found(self) -> None:
        package = make_package()
        Package.objects.all().delete()
        with pytest.raises(NotFoundError):
            update_package(package=package, changes={"name": "Tin"})
        with pytest.raises(NotFoundError):
            packages.remove_package(package=package)


class TestWriting:
    """Names, parts, audit."""

    def test_names_that_are_left_out_are_found(self) -> None:
        product = make_product()
        made = [make_package(product, name="Tea for two") for _ in range(3)]
        assert [package.slug for package in made] == ["tea-for-two", "tea-for-two-2", "tea-for-two-3"]
        assert [package.sku for package in made] == ["TEA-FOR-TWO", "TEA-FOR-TWO-2", "TEA-FOR-TWO-3"]
        assert make_package(product, name="茶").slug == "package"
        long = [make_package(product, name="x" * 200) for _ in range(2)]
        assert [len(package.sku) for package in long] == [60, 62]

    def test_a_description_keeps_only_what_is_harmless(self) -> None:
        package = make_package(description="<p>Fine</p><script>x</script>")
        assert package.description == "<p>Fine</p>"
        changed = update_package(package=package, changes={"description": "<b onclick=x>Finer</b>"})
        assert changed.description == "<b>Finer</b>"

    def test_parts_are_replaced_and_keep_their_order(self) -> None:
        mug, bowl, tray = (make_product(price=price) for price in ("1.00", "2.00", "4.00"))
        package = make_package(mug, bowl)
        update_package(package=package, changes={}, items=[Part(tray.pk, 2), Part(mug.pk)])
        parts = [(item.product, item.quantity) for item in shown(package).items.all()]
        assert parts == [(tray, 2), (mug, 1)]
        assert shown(package).list_price == Decimal("9.00")

    def test_who_did_what_is_kept(self) -> None:
        package = make_package()
        update_package(package=package, changes={"name": "Tin"}, items=[Part(make_product().pk)], actor="user:1")
        packages.remove_package(package=package, actor="user:2")
        trail = DomainEvent.objects.filter(aggregate="package").order_by("seq")
        assert [(entry.name, entry.actor) for entry in trail] == [
            ("package.created", "system"),
            ("package.changed", "user:1"),
            ("package.deleted", "user:2"),
        ]
        assert trail[1].data == {"fields": ["items", "name"]}


class TestRemoving:
    """What was never sold goes; what was is hidden."""

    def test_what_nobody_bought_is_deleted_and_its_parts_stay(self) -> None:
        product = make_product()
        packages.remove_package(package=make_package(product))
        assert not Package.objects.exists()
        assert not PackageItem.objects.exists()
        assert Product.objects.get() == product

    @pytest.mark.parametrize("mention", ["sold", "granted", "reviewed"])
    def test_what_somebody_bought_is_hidden(self, mention: str) -> None:
        package, user = make_package(), make_user()
        if mention == "sold":
            Package.objects.update(sales_count=1)
        elif mention == "granted":
            ReviewGrant.objects.create(user=user, package=package, reference="1")
        else:
            Review.objects.create(user=user, package=package, rating=5)
        packages.remove_package(package=package)
        assert Package.objects.get().is_active is False
        assert package.items.count() == 1


class TestInvariants:
    """What ``verify_invariants`` says of packages."""

    def test_a_price_that_does_not_follow_from_the_parts_is_noticed(self) -> None:
        product = make_product(price="10.00")
        make_package((product, 2), percent_off=Decimal("12.5"))
        own = make_package(product, own_price=Decimal("9.00"))
        assert broken() == {}
        Product.objects.update(list_price=Decimal("10.01"))
        assert broken() == {"packages.price_follows_from_parts": 2}
        Product.objects.update(list_price=Decimal("10.00"))
        Package.objects.filter(pk=own.pk).update(own_price=Decimal("9.50"))
        assert broken() == {"packages.price_follows_from_parts": 1}


def broken() -> dict[str, int]:
    found = invariants.violations()
    return {name: count for name, count in found.items() if name.startswith("packages.") and count}


class TestRaces:
    """Real threads on the real database."""

    pytestmark = pytest.mark.django_db(transaction=True)

    PARTS = 4
    CHANGES = 200

    def change_parts_at_once(self, products: list[Product]) -> None:
        """Two hundred price changes, spread over the products."""
        in_threads(
            [partial(self.change, products[number % len(products)], number + 1) for number in range(self.CHANGES)]
        )

    def change(self, product: Product, price: int) -> None:
        update_product(product=product, changes={"list_price": Decimal(price)})

    def test_packages_end_with_the_sum_of_their_parts(self) -> None:
        products = [make_product(price="1.00") for _ in range(self.PARTS)]
        made = [make_package(*products, percent_off=Decimal(10)), make_package(*reversed(products))]
        self.change_parts_at_once(products)
        total = sum(Product.objects.values_list("list_price", flat=True))
        for package in Package.objects.filter(pk__in=[package.pk for package in made]):
            assert package.parts_total == total
        assert broken() == {}

    def test_the_same_without_locks_goes_wrong(self) -> None:
        """The negative control: whoever does not wait for the others adds up what is not true any more."""
        products = [make_product(price="1.00") for _ in range(2)]
        package = make_package(*products)
        read = threading.Barrier(2)
        totals_of = packages._totals_of

        def add_up_together(rows: Any) -> dict[int, Decimal]:
            totals = totals_of(rows)
            read.wait(30)
            return totals

        unlocked = type(Package.objects.all())
        with (
            patch.object(unlocked, "select_for_update", lambda rows, **_: rows),
            patch.object(packages, "_totals_of", add_up_together),
        ):
            in_threads([partial(reprice, row, "5.00") for row in products])
        package.refresh_from_db()
        assert package.parts_total != Decimal("10.00")
        assert broken() == {"packages.price_follows_from_parts": 1}

    def test_prices_and_parts_change_at_once_and_still_agree(self) -> None:
        products = [make_product(price="1.00") for _ in range(self.PARTS)]
        package = make_package(products[0])
        changes: list[Callable[[], Any]] = []
        for number in range(40):
            part = Part(products[number % self.PARTS].pk, number % 3 + 1)
            changes.append(partial(update_package, package=package, changes={}, items=[part]))
            changes.append(partial(self.change, products[number % self.PARTS], number + 2))
        in_threads(changes)
        assert broken() == {}
        package.refresh_from_db()
        assert package.version == 41
        assert package.items.count() == 1


def in_threads(jobs: list[Callable[[], Any]], threads: int = 16) -> None:
    """Run all of them, several at once."""

    def run(job: Callable[[], Any]) -> None:
        try:
            job()
        finally:
            connection.close()

    with ThreadPoolExecutor(min(threads, len(jobs))) as pool:
        list(pool.map(run, jobs))
