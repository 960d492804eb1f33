"""Packages over HTTP: what staff write."""

from decimal import Decimal
from typing import Any

import pytest

from catalog.models import Category, Package, Product
from catalog.services.products import remove_product
from catalog.tests.factories import make_package, make_product
from catalog.tests.packages import manager, rows
from fantasize.tests.client import ApiClient

pytestmark = pytest.mark.django_db


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
