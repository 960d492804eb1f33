"""Packages over HTTP: what staff write."""

from decimal import Decimal
from typing import Any

import pytest

from accounts.tests.factories import make_user
from catalog.models import Category, Package, PackageItem, Product
from catalog.services.products import remove_product
from catalog.tests.factories import make_package, make_product
from catalog.tests.packages import manager
from fantasize.tests.client import ApiClient

pytestmark = pytest.mark.django_db


def rows() -> list[Any]:
    """Everything that a write could have changed."""
    parts = PackageItem.objects.order_by("package", "position").values_list("package", "product", "quantity")
    return [*Package.objects.order_by("pk").values(), *parts]


class TestWriting:
    """For staff."""

    def body(self, **fields: Any) -> dict[str, Any]:
        items = [{"product": make_product(price="10.00").pk, "quantity": 2}]
        return {"name": "Tea for two", "items": items, **fields}

    def test_staff_make_a_package(self) -> None:
        body = self.body(percent_off="12.50", description="<b>Warm</b><script>x</script>")
        reply = manager().post("/packages", body)
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
        assert manager().post("/packages", body).data["slug"] == "tea-for-two-2"

    def test_neither_price_nor_percentage_is_the_sum(self) -> None:
        seen = manager().post("/packages", self.body()).data
        assert (seen["price"], seen["percent_off"]) == ("20.00", "0.00")
        seen = manager().post("/packages", self.body(price="19.00", percent_off=None)).data
        assert (seen["price"], seen["percent_off"]) == ("19.00", None)

    def test_a_patch_changes_and_a_put_replaces(self) -> None:
        mug, bowl = make_product(price="10.00"), make_product(price="1.00")
        category = Category.objects.create(name="Sets", slug="sets")
        package = make_package(mug, own_price=Decimal("7.00"), category=category, description="Fine")
        client, path = manager(), f"/packages/{package.pk}"
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
        package, client = make_package(), manager()
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
        client = manager()
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
            ("category", 1.5),
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
        before, client = rows(), manager()
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
        reply = manager().call(method, "/packages" if method == "POST" else f"/packages/{package.pk}", body)
        assert (reply.status, reply.faults) == (422, faults)
        assert rows() == before

    def test_the_rules_of_the_whole_are_told_together(self) -> None:
        other = make_package(name="Taken")
        body = self.body(price="1.00", percent_off="1.00", sku=other.sku, slug=other.slug)
        body["items"] += [body["items"][0], {"product": 10**9, "quantity": 1}]
        before = rows()
        reply = manager().post("/packages", body)
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
