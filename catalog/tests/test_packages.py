"""Packages: what they cost and how often they can be sold follows from their parts, exactly."""

from decimal import Decimal
from typing import Any

import pytest

from accounts.tests.factories import make_user
from catalog.models import Package, PackageItem, Product, Review, ReviewGrant
from catalog.selectors.packages import list_packages
from catalog.services import packages, stock
from catalog.services.packages import MAX_PARTS, NewPackage, Part, create_package, update_package
from catalog.tests.factories import make_package, make_product
from catalog.tests.packages import faults
from fantasize.core.errors import InvalidError, NotFoundError, PreconditionFailedError
from fantasize.core.models import DomainEvent

pytestmark = pytest.mark.django_db


def shown(package: Package) -> Package:
    return list_packages(including_hidden=True).get(pk=package.pk)


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
