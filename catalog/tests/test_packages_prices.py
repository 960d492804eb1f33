"""What a package costs, and whether its parts add up."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import Category, Offer, Package, Product
from catalog.selectors.packages import saving_of
from catalog.services.packages import update_package
from catalog.services.products import update_product
from catalog.tests.factories import make_package, make_product
from catalog.tests.packages import broken, faults, reprice
from fantasize.core.errors import InvalidError

pytestmark = pytest.mark.django_db


def _amounts(texts: dict[str, str]) -> dict[str, Any]:
    return {name: Decimal(text) for name, text in texts.items()}


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

    def test_following_takes_as_many_queries_for_five_packages_as_for_one(self) -> None:
        product, counts = make_product(price="10.00"), []
        for price, more in (("11.00", 1), ("12.00", 4)):
            for _ in range(more):
                make_package(product, make_product())
            with CaptureQueriesContext(connection) as queries:
                reprice(product, price)
            counts.append(len(queries))
        assert counts[0] == counts[1]
        assert set(Package.objects.values_list("list_price", flat=True)) == {Decimal("22.00")}


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
