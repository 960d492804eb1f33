"""Products over HTTP: browsing, searching, and what staff write."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.tests.factories import make_user
from catalog.models import Brand, Category, Product, StockMovement
from catalog.services import search
from catalog.tests.factories import make_product
from fantasize.tests.client import ApiClient

pytestmark = pytest.mark.django_db


def names(query: str) -> list[str]:
    reply = ApiClient().get(f"/products{query}")
    assert reply.status == 200, reply.content
    return [product["name"] for product in reply.data]


def staff() -> ApiClient:
    return ApiClient(make_user(role="manager"))


def test_a_product_says_what_it_costs_and_how_many_there_are() -> None:
    category = Category.objects.create(name="Lighting", slug="lighting")
    product = make_product(name="Oak lantern", price="12.5", stock=5, category=category)
    reply = ApiClient().get(f"/products/{product.pk}")
    seen = reply.data
    assert (seen["price"], seen["list_price"], seen["currency"]) == ("12.50", "12.50", "USD")
    assert (seen["available"], seen["status"]) == (5, "running_low")
    assert seen["category"] == {"id": category.pk, "slug": "lighting", "name": "Lighting"}
    assert seen["brand"] is None
    assert reply.headers["Cache-Control"].startswith("public, max-age=60,")
    assert ApiClient().get(f"/products/{product.pk}", If_None_Match=reply.headers["ETag"]).status == 304
    assert ApiClient().get(f"/products/{product.slug}").data == seen


@pytest.mark.parametrize("lookup", ["0", "-1", "9" * 30, "no-such-slug", "%00", "1.0"])
def test_an_unknown_product_is_not_found(lookup: str) -> None:
    make_product()
    assert ApiClient().get(f"/products/{lookup}").status == 404


def test_search_finds_unfinished_words_and_every_form_of_them() -> None:
    make_product(name="Oak lantern")
    make_product(name="Paper lanterns, set of 3")
    make_product(name="Oak frame", description="<p>Looks fine beside a lantern.</p>")
    make_product(name="Mug")
    assert names("?q=oak+lanter")[0] == "Oak lantern"
    assert set(names("?q=lantern")) == {"Oak lantern", "Paper lanterns, set of 3", "Oak frame"}
    assert names("?q=lantern")[-1] == "Oak frame"
    make_product(name="Hanging heart T-light holder")
    assert names("?q=heart+t-light") == names("?q=t-li") == ["Hanging heart T-light holder"]
    assert names("?q=%26%7C%21%3A%2A") == []


def test_filters_narrow_the_list() -> None:
    lighting = Category.objects.create(name="Lighting", slug="lighting")
    candles = Category.objects.create(name="Candles", slug="candles", parent=lighting)
    brand = Brand.objects.create(name="Oakwood", slug="oakwood")
    make_product(name="Lamp", category=lighting, price="30.00")
    make_product(name="Candle", category=candles, price="5.00", brand=brand)
    make_product(name="Mug", price="8.00", stock=0)
    assert set(names("?category=lighting")) == {"Lamp", "Candle"}
    assert names(f"?category={candles.pk}") == ["Candle"]
    assert names("?category=nowhere") == []
    assert names("?brand=oakwood") == names(f"?brand={brand.pk}") == ["Candle"]
    assert names("?brand=99999999999999999999999") == []
    assert names("?min_price=6&max_price=10") == ["Mug"]
    assert names("?in_stock=false") == ["Mug"]
    assert names("?ordering=price") == ["Candle", "Mug", "Lamp"]
    assert names("?ordering=-price&in_stock=true") == ["Lamp", "Candle"]


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("?min_price=x", "min_price"),
        ("?min_price=1e30", "min_price"),
        ("?ordering=password", "ordering"),
        ("?user=1", "user"),
        ("?page=0", "page"),
        ("?page_size=1000000000", "page_size"),
        ("?page=1000000000", "page"),
        ("?q=%00", "q"),
    ],
)
def test_what_a_query_does_not_understand_it_refuses(query: str, parameter: str) -> None:
    reply = ApiClient().get(f"/products{query}")
    assert (reply.status, list(reply.faults)) == (422, [parameter])


def test_pages_follow_each_other() -> None:
    for number in range(3):
        make_product(name=f"Gift {number}")
    reply = ApiClient().get("/products?page_size=2&ordering=name")
    assert reply.body["meta"]["pagination"] | {"next": ""} == {
        "page": 1,
        "page_size": 2,
        "total_items": 3,
        "total_pages": 2,
        "next": "",
        "previous": None,
    }
    assert "page=2" in reply.body["meta"]["pagination"]["next"]
    assert ApiClient().get("/products?page=9").status == 404


@pytest.mark.parametrize("path", ["/products", "/products?q=gift"])
def test_the_list_costs_the_same_for_one_product_and_for_three(path: str) -> None:
    category = Category.objects.create(name="Lighting", slug="lighting")

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert ApiClient().get(path).status == 200
        return len(captured)

    make_product(category=category)
    search.count_words()
    queries()  # what every list wants of the tree and the vocabulary is kept
    one = queries()
    for _ in range(2):
        make_product(category=category)
    assert queries() == one


def test_hidden_products_are_for_staff() -> None:
    product = make_product(is_active=False)
    assert ApiClient().get(f"/products/{product.pk}").status == 404
    assert names("") == []
    assert staff().get(f"/products/{product.pk}").data["is_active"] is False


def test_staff_make_a_product_with_its_opening_stock() -> None:
    category = Category.objects.create(name="Lighting", slug="lighting")
    body = {
        "name": "Oak lantern",
        "price": "12.50",
        "stock": 5,
        "category": category.pk,
        "description": "<b>Oak</b><script>x</script>",
    }
    reply = staff().post("/products", body)
    assert reply.status == 201, reply.content
    assert (reply.data["slug"], reply.data["available"], reply.data["description"]) == ("oak-lantern", 5, "<b>Oak</b>")
    movement = StockMovement.objects.get()
    assert (movement.delta, movement.reason) == (5, "opening")
    assert names("?q=lantern") == ["Oak lantern"]
    assert staff().post("/products", body).data["slug"] == "oak-lantern-2"


def test_staff_change_a_product_and_the_list_shows_it_at_once() -> None:
    product = make_product(name="Oak lantern", sku="L-1")
    assert names("") == ["Oak lantern"]
    reply = staff().call("PATCH", f"/products/{product.pk}", {"name": "Elm lantern", "price": "9.00"})
    assert (reply.status, reply.data["price"], reply.data["sku"]) == (200, "9.00", product.sku)
    assert names("?q=elm") == ["Elm lantern"]
    assert names("?q=oak") == []


def test_a_stale_change_is_refused() -> None:
    product, manager = make_product(price="10.00"), staff()
    seen = manager.get(f"/products/{product.pk}").headers["ETag"]
    assert manager.call("PATCH", f"/products/{product.pk}", {"price": "9.00"}, If_Match=seen).status == 200
    stale = manager.call("PATCH", f"/products/{product.pk}", {"price": "8.00"}, If_Match=seen)
    assert (stale.status, stale.body["current_version"]) == (412, 2)
    assert Product.objects.get(pk=product.pk).list_price == Decimal("9.00")


def test_a_product_taken_out_of_the_shop_is_kept() -> None:
    product = make_product()
    assert staff().call("DELETE", f"/products/{product.pk}").status == 204
    assert Product.objects.get(pk=product.pk).is_active is False
    assert ApiClient().get(f"/products/{product.pk}").status == 404


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("price", "-1.00"),
        ("price", "1e3"),
        ("price", "NaN"),
        ("price", 1.005),
        ("price", None),
        ("name", ""),
        ("name", "x" * 201),
        ("name", "a\x00b"),
        ("name", 5),
        ("category", 10**9),
        ("category", "x"),
        ("category", 1.5),
        ("brand", "1"),
        ("stock", -1),
        ("stock", 10**12),
        ("slug", "with space"),
        ("is_active", "yes"),
        ("on_hand", 5),
        ("sales_count", 5),
        ("version", 5),
        ("id", 5),
    ],
)
def test_bad_fields_are_named_and_nothing_is_made(field: str, value: Any) -> None:
    reply = staff().post("/products", {"name": "Mug", "price": "1.00", field: value})
    assert (reply.status, list(reply.faults)) == (422, [f"/{field}"])
    assert not Product.objects.exists()


def test_a_taken_sku_is_refused() -> None:
    product = make_product(sku="MUG-1")
    reply = staff().post("/products", {"name": "Mug", "price": "1.00", "sku": "MUG-1", "slug": product.slug})
    assert (reply.status, reply.faults) == (422, {"/sku": "duplicate", "/slug": "duplicate"})
    assert Product.objects.count() == 1


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize(("role", "status"), [("customer", 403), ("", 401)])
def test_shoppers_write_nothing(method: str, role: str, status: int) -> None:
    product = make_product(name="Mug")
    client = ApiClient(make_user(role=role)) if role else ApiClient()
    path = "/products" if method == "POST" else f"/products/{product.pk}"
    assert client.call(method, path, {"name": "Hacked", "price": "0.01"}).status == status
    assert list(Product.objects.values_list("name", "is_active")) == [("Mug", True)]


def test_categories_and_brands_can_be_read() -> None:
    Category.objects.create(name="Hidden", slug="hidden", is_active=False)
    Category.objects.create(name="Lighting", slug="lighting")
    Brand.objects.create(name="Oakwood", slug="oakwood")
    assert [row["slug"] for row in ApiClient().get("/categories").data] == ["lighting"]
    assert ApiClient().get("/brands/oakwood").data["name"] == "Oakwood"
