"""Packages over HTTP: browsing, and what staff write."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.tests.factories import make_user
from catalog.models import Category, Offer, Package, Product
from catalog.services import packages
from catalog.services.packages import Part
from catalog.tests.factories import make_package, make_product
from catalog.tests.packages import manager
from fantasize.tests.client import ApiClient

pytestmark = pytest.mark.django_db


def names(query: str) -> list[str]:
    reply = ApiClient().get(f"/packages{query}")
    assert reply.status == 200, reply.content
    return [package["name"] for package in reply.data]


def queries(client: ApiClient, path: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status == 200
    return len(captured)


class TestReading:
    """Open to everybody."""

    def test_a_package_shows_its_parts_its_saving_and_how_often_there_is_one(self) -> None:
        category = Category.objects.create(name="Sets", slug="sets")
        mug, bowl = make_product(name="Mug", price="10.00", stock=9), make_product(name="Bowl", price="4.00", stock=30)
        Product.objects.filter(pk=bowl.pk).update(has_options=True)
        package = make_package((mug, 2), bowl, name="Breakfast", percent_off=Decimal(25), category=category)
        reply = ApiClient().get(f"/packages/{package.pk}")
        seen = reply.data
        assert (seen["price"], seen["list_price"], seen["parts_total"], seen["saving"]) == (
            "18.00",
            "18.00",
            "24.00",
            "6.00",
        )
        assert (seen["percent_off"], seen["currency"], seen["offer"], seen["media"]) == ("25.00", "USD", None, [])
        assert (seen["available"], seen["status"]) == (4, "in_stock")
        assert seen["category"] == {"id": category.pk, "slug": "sets", "name": "Sets"}
        assert seen["items"] == [
            {
                "product": {
                    "id": product.pk,
                    "name": product.name,
                    "slug": product.slug,
                    "price": str(product.list_price),
                    "available": available,
                    "customizable": customizable,
                },
                "quantity": quantity,
            }
            for product, quantity, available, customizable in ((mug, 2, 9, False), (bowl, 1, 30, True))
        ]
        assert "is_favorite" not in seen
        assert reply.headers["Cache-Control"].startswith("public, max-age=60,")
        assert ApiClient().get(f"/packages/{package.pk}", If_None_Match=reply.headers["ETag"]).status == 304
        assert ApiClient().get(f"/packages/{package.slug}").data == seen

    def test_an_offer_makes_it_cheaper_and_the_saving_bigger(self) -> None:
        mug = make_product(price="10.00")
        package = make_package((mug, 2), own_price=Decimal("15.00"))
        offer = Offer.objects.create(name="Sale", percent=20)
        offer.packages.add(package)
        offer.products.add(mug)
        seen = ApiClient().get(f"/packages/{package.pk}").data
        assert (seen["price"], seen["list_price"], seen["saving"]) == ("12.00", "15.00", "8.00")
        assert (seen["offer"]["name"], seen["offer"]["percent"]) == ("Sale", "20.00")
        assert seen["items"][0]["product"]["price"] == "8.00"

    def test_a_package_that_is_dearer_than_its_parts_saves_nothing(self) -> None:
        package = make_package(make_product(price="10.00"), own_price=Decimal("15.00"))
        assert ApiClient().get(f"/packages/{package.pk}").data["saving"] == "0.00"

    def test_a_hidden_part_is_none_that_can_be_had(self) -> None:
        hidden = make_product(is_active=False, stock=10)
        package = make_package(make_product(stock=10), hidden)
        seen = ApiClient().get(f"/packages/{package.pk}").data
        assert (seen["available"], seen["status"]) == (0, "out_of_stock")
        assert [part["product"]["available"] for part in seen["items"]] == [10, 0]

    @pytest.mark.parametrize("lookup", ["0", "-1", "9" * 30, "no-such-slug", "%00", "1.0"])
    def test_an_unknown_package_is_not_found(self, lookup: str) -> None:
        make_package()
        assert ApiClient().get(f"/packages/{lookup}").status == 404

    def test_hidden_packages_are_for_staff(self) -> None:
        package = make_package(is_active=False)
        assert ApiClient().get(f"/packages/{package.pk}").status == 404
        assert names("") == []
        assert manager().get(f"/packages/{package.pk}").data["is_active"] is False

    def test_the_bare_path_of_the_earlier_system_speaks_v1(self) -> None:
        package = make_package(name="Box")
        listed = Client().get("/packages").json()
        assert (listed["count"], listed["results"][0]["name"]) == (1, "Box")
        assert Client().get(f"/packages/{package.pk}/").json()["id"] == package.pk
        assert "Deprecation" in Client().get("/packages").headers

    def test_filters_and_orders(self) -> None:
        home = Category.objects.create(name="Home", slug="home")
        table = Category.objects.create(name="Table", slug="table", parent=home)
        make_package(make_product(price="30.00"), name="Tea set", category=home)
        make_package(make_product(price="5.00"), name="Tray", category=table, percent_off=Decimal(10))
        cups = make_package(make_product(price="8.00", stock=0), name="Cups")
        Offer.objects.create(name="Sale", percent=50).packages.add(cups)
        Package.objects.filter(pk=cups.pk).update(price=4, rating_sum=5, rating_count=1, sales_count=3)
        assert set(names("?category=home")) == {"Tea set", "Tray"}
        assert names(f"?category={table.pk}") == ["Tray"]
        assert names("?min_price=4&max_price=6&ordering=price") == ["Cups", "Tray"]
        assert names("?in_stock=false") == names("?on_offer=true") == names("?rating_min=4") == ["Cups"]
        assert names("?in_stock=true&ordering=-price") == ["Tea set", "Tray"]
        assert names("?customizable=true") == []
        assert names("?ordering=name") == ["Cups", "Tea set", "Tray"]
        assert names("?ordering=-sales")[0] == names("?ordering=-rating")[0] == "Cups"
        assert names("?q=tea") == ["Tea set"]

    @pytest.mark.parametrize("query", ["?brand=1", "?material=1", "?min_price=x", "?page=0", "?q=%00", "?items=1"])
    def test_what_a_query_does_not_understand_it_refuses(self, query: str) -> None:
        reply = ApiClient().get(f"/packages{query}")
        assert (reply.status, list(reply.faults)) == (422, [query[1:].partition("=")[0]])

    def test_facets_are_counted(self) -> None:
        category = Category.objects.create(name="Sets", slug="sets")
        make_package(make_product(price="12.00"), category=category)
        make_package(make_product(price="3.00", stock=0))
        facets = ApiClient().get("/packages?facets=1").body["meta"]["facets"]
        assert facets["in_stock"] == [{"value": True, "count": 1}, {"value": False, "count": 1}]
        assert [(facet["slug"], facet["count"]) for facet in facets["category"]] == [("sets", 1)]
        assert [facet["count"] for facet in facets["price"]] == [1, 1]
        assert "brand" not in facets

    def test_it_costs_the_same_for_one_and_for_many(self) -> None:
        category = Category.objects.create(name="Sets", slug="sets")
        package, client = make_package(category=category), ApiClient(make_user())
        one = {path: queries(client, path) for path in ("/packages", "/packages?facets=1", f"/packages/{package.pk}")}
        products = [make_product() for _ in range(10)]
        for product in products:
            make_package(product, products[0] if product != products[0] else products[1], category=category)
        packages.update_package(package=package, changes={}, items=[Part(product.pk, 1) for product in products])
        assert {path: queries(client, path) for path in one} == one
