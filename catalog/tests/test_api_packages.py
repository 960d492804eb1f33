"""Packages over HTTP: browsing, and what staff write."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.tests.factories import make_user
from catalog.models import Category, Offer, Package, PackageItem, Product
from catalog.services.products import remove_product
from catalog.tests.factories import make_package, make_product
from fantasize.tests.client import ApiClient

pytestmark = pytest.mark.django_db


def names(query: str) -> list[str]:
    reply = ApiClient().get(f"/packages{query}")
    assert reply.status == 200, reply.content
    return [package["name"] for package in reply.data]


def staff() -> ApiClient:
    return ApiClient(make_user(role="manager"))


def rows() -> list[Any]:
    """Everything that a write could have changed."""
    parts = PackageItem.objects.order_by("package", "position").values_list("package", "product", "quantity")
    return [*Package.objects.order_by("pk").values(), *parts]


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
        assert staff().get(f"/packages/{package.pk}").data["is_active"] is False

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

    @pytest.mark.parametrize("path", ["/packages", "/packages?facets=1", "/packages/{}"])
    def test_it_costs_the_same_for_one_and_for_many(self, path: str) -> None:
        category = Category.objects.create(name="Sets", slug="sets")
        package = make_package(category=category)
        client, counts = ApiClient(make_user()), []
        for more in (0, 49):
            for _ in range(more):
                make_package(make_product(), make_product(), category=category)
            if more and "{" in path:
                package = make_package(*(make_product() for _ in range(50)), category=category)
            with CaptureQueriesContext(connection) as queries:
                assert client.get(path.format(package.pk)).status == 200
            counts.append(len(queries))
        assert counts[0] == counts[1]


class TestWriting:
    """For staff."""

    def body(self, **fields: Any) -> dict[str, Any]:
        items = [{"product": make_product(price="10.00").pk, "quantity": 2}]
        return {"name": "Tea for two", "items": items, **fields}

    def test_staff_make_a_package(self) -> None:
        body = self.body(percent_off="12.50", description="<b>Warm</b><script>x</script>")
        reply = staff().post("/packages", body)
        assert reply.status == 201, reply.content
        seen = reply.data
        assert (seen["slug"], seen["sku"], seen["price"], seen["saving"]) == (
            "tea-for-two",
            "TEA-FOR-TWO",
            "17.50",
            "2.50",
        )
        assert (seen["description"], seen["available"], seen["is_favorite"]) == ("<b>Warm</b>", 5, False)
        assert reply.headers["ETag"].startswith('"1-')
        assert staff().post("/packages", body).data["slug"] == "tea-for-two-2"

    def test_neither_price_nor_percentage_is_the_sum(self) -> None:
        seen = staff().post("/packages", self.body()).data
        assert (seen["price"], seen["percent_off"]) == ("20.00", "0.00")
        seen = staff().post("/packages", self.body(price="19.00", percent_off=None)).data
        assert (seen["price"], seen["percent_off"]) == ("19.00", None)

    def test_a_patch_changes_and_a_put_replaces(self) -> None:
        mug, bowl = make_product(price="10.00"), make_product(price="1.00")
        category = Category.objects.create(name="Sets", slug="sets")
        package = make_package(mug, own_price=Decimal("7.00"), category=category, description="Fine")
        client, path = staff(), f"/packages/{package.pk}"
        seen = client.call("PATCH", path, {"name": "Set"}).data
        assert (seen["name"], seen["price"], seen["category"]["slug"], len(seen["items"])) == ("Set", "7.00", "sets", 1)
        items = [{"product": bowl.pk, "quantity": 3}, {"product": mug.pk, "quantity": 1}]
        seen = client.call("PATCH", path, {"items": items, "percent_off": 50}).data
        assert [(part["product"]["id"], part["quantity"]) for part in seen["items"]] == [(bowl.pk, 3), (mug.pk, 1)]
        assert (seen["price"], seen["percent_off"], seen["name"]) == ("6.50", "50.00", "Set")
        seen = client.call("PUT", path, {"name": "Pair", "items": items[:1]}).data
        assert (seen["name"], seen["price"], seen["category"], seen["description"]) == ("Pair", "3.00", None, "")
        assert (seen["slug"], seen["sku"]) == (package.slug, package.sku)
        assert Package.objects.get().version == 4

    def test_a_stale_write_is_refused(self) -> None:
        package, client = make_package(), staff()
        path = f"/packages/{package.pk}"
        seen = client.get(path).headers["ETag"]
        assert client.call("PATCH", path, {"name": "Tin"}, If_Match=seen).status == 200
        before = rows()
        for method, body in (("PATCH", {"name": "Box"}), ("PUT", self.body()), ("DELETE", None)):
            stale = client.call(method, path, body, If_Match=seen)
            assert (stale.status, stale.body["current_version"]) == (412, 2)
        assert rows() == before

    def test_a_package_is_deleted_or_hidden(self) -> None:
        fresh, sold = make_package(), make_package()
        Package.objects.filter(pk=sold.pk).update(sales_count=1)
        client = staff()
        assert client.call("DELETE", f"/packages/{fresh.pk}", If_Match='"1"').status == 204
        assert client.call("DELETE", f"/packages/{sold.pk}").status == 204
        assert list(Package.objects.values_list("pk", "is_active")) == [(sold.pk, False)]
        assert ApiClient().get(f"/packages/{sold.pk}").status == 404

    def test_what_is_a_part_of_a_package_is_not_deleted(self) -> None:
        product = make_product(stock=0)
        make_package(product)
        remove_product(product=product)
        assert Product.objects.get(pk=product.pk).is_active is False

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("price", "-1.00"),
            ("price", "1e3"),
            ("price", "1000000000.00"),
            ("price", 1.005),
            ("percent_off", "-1"),
            ("percent_off", "100.01"),
            ("percent_off", "1.001"),
            ("price", ""),
            ("percent_off", ""),
            ("percent_off", "NaN"),
            ("percent_off", True),
            ("percent_off", [1]),
            ("name", ""),
            ("name", "a\x00b"),
            ("name", None),
            ("category", 10**9),
            ("slug", "with space"),
            ("is_active", "yes"),
            ("items", []),
            ("items", None),
            ("items", "1:2"),
            ("items", {"product": 1}),
            ("items", [{"product": 1, "quantity": 1}] * 51),
            ("available", 5),
            ("parts_total", "1.00"),
            ("saving", "1.00"),
            ("version", 5),
            ("id", 5),
        ],
    )
    def test_bad_fields_are_named_and_nothing_is_changed(self, field: str, value: Any) -> None:
        package, body = make_package(), self.body(**{field: value})
        before, client = rows(), staff()
        for method, path in (("POST", "/packages"), ("PUT", f"/packages/{package.pk}")):
            reply = client.call(method, path, body)
            assert (reply.status, list(reply.faults)) == (422, [f"/{field}"])
        reply = client.call("PATCH", f"/packages/{package.pk}", {field: value})
        assert (reply.status, list(reply.faults)) == (422, [f"/{field}"])
        assert rows() == before

    @pytest.mark.parametrize(
        ("item", "faults"),
        [
            ({}, {"/items/1/product": "required", "/items/1/quantity": "required"}),
            ({"quantity": 1}, {"/items/1/product": "required"}),
            (
                {"package": 1, "quantity": 1},
                {"/items/1/product": "required", "/items/1/package": "package_in_package"},
            ),
            (
                {"product": "1", "quantity": 0, "price": "1.00"},
                {"/items/1/product": "invalid", "/items/1/quantity": "min_value", "/items/1/price": "unknown_field"},
            ),
            ({"product": 2**63, "quantity": 1001}, {"/items/1/product": "max_value", "/items/1/quantity": "max_value"}),
            ({"product": 1, "quantity": 1.5}, {"/items/1/quantity": "invalid"}),
            (7, {"/items/1": "invalid"}),
        ],
    )
    @pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
    def test_bad_parts_are_named_and_nothing_is_changed(self, method: str, item: Any, faults: dict[str, str]) -> None:
        package, body = make_package(), self.body()
        body["items"].append(item)
        before = rows()
        reply = staff().call(method, "/packages" if method == "POST" else f"/packages/{package.pk}", body)
        assert (reply.status, reply.faults) == (422, faults)
        assert rows() == before

    def test_the_rules_of_the_whole_are_told_together(self) -> None:
        other = make_package(name="Taken")
        body = self.body(price="1.00", percent_off="1.00", sku=other.sku, slug=other.slug)
        body["items"] += [body["items"][0], {"product": 10**9, "quantity": 1}]
        before = rows()
        reply = staff().post("/packages", body)
        assert (reply.status, reply.faults) == (
            422,
            {
                "/price": "exclusive",
                "/percent_off": "exclusive",
                "/sku": "duplicate",
                "/slug": "duplicate",
                "/items/1/product": "duplicate",
                "/items/2/product": "does_not_exist",
            },
        )
        assert rows() == before

    @pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
    @pytest.mark.parametrize(("role", "status"), [("customer", 403), ("", 401)])
    def test_shoppers_write_nothing(self, method: str, role: str, status: int) -> None:
        package, body = make_package(), self.body(price="0.01")
        before = rows()
        client = ApiClient(make_user(role=role)) if role else ApiClient()
        assert (
            client.call(method, "/packages" if method == "POST" else f"/packages/{package.pk}", body).status == status
        )
        assert rows() == before
