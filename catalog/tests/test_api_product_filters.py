"""Browsing products: what lists can be narrowed by, ordered by, and the facets that say how far."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from accounts.tests.factories import make_user
from catalog.models import Brand, Category, Material, Product, Tag
from catalog.services.materials import Share
from catalog.tests.factories import make_offer, make_product
from fantasize.tests.client import ApiClient
from fantasize.tests.standing import Standing

pytestmark = pytest.mark.django_db


def names(query: str, path: str = "/products") -> list[str]:
    reply = ApiClient().get(f"{path}{query}")
    assert reply.status == 200, reply.content
    return [product["name"] for product in reply.data]


def rate(product: Product, *stars: int) -> None:
    Product.objects.filter(pk=product.pk).update(rating_sum=sum(stars), rating_count=len(stars))


def build_shop() -> dict[str, Any]:
    """A lamp of oak and steel, a cheap candle below it in the tree, a mug that is sold out, a board that is reduced."""
    home = Category.objects.create(name="Home", slug="home", position=1)
    candles = Category.objects.create(name="Candles", slug="candles", parent=home)
    kitchen = Category.objects.create(name="Kitchen", slug="kitchen", position=2)
    lumen = Brand.objects.create(name="Lumen", slug="lumen")
    acme = Brand.objects.create(name="Acme", slug="2024")
    oak, steel = (Material.objects.create(name=name, slug=name.lower()) for name in ("Oak", "Steel"))
    tag = Tag.objects.create(name="Wedding", slug="wedding")
    lamp = make_product(
        name="Lamp",
        price="30.00",
        category=home,
        brand=lumen,
        materials=[Share(oak.pk, Decimal(60)), Share(steel.pk, Decimal(40))],
    )
    make_product(name="Candle", price="5.00", category=candles, brand=lumen, tags=[tag.pk])
    make_product(name="Mug", price="8.00", category=kitchen, brand=acme, stock=0)
    board = make_product(name="Board", price="20.00", category=kitchen, materials=[Share(oak.pk, Decimal(100))])
    make_offer(percent="50", products=[board.pk])
    rate(lamp, 5, 4)
    rate(board, 3)
    Product.objects.filter(pk=board.pk).update(has_options=True, sales_count=7)
    return {"home": home, "lumen": lumen, "acme": acme, "oak": oak, "tag": tag}


@pytest.fixture(scope="module")
def built(standing: Standing) -> Callable[[], dict[str, Any]]:
    return standing(build_shop)


@pytest.fixture
def shop(built: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    return built()


FOUND = {
    "category=home": {"Lamp", "Candle"},
    "category=candles": {"Candle"},
    "category=nowhere": set(),
    "brand=lumen": {"Lamp", "Candle"},
    "brand=2024": {"Mug"},
    "brand=99999999999999999999999": set(),
    f"brand={'9' * 5000}&material={'9' * 5000}&tag={'9' * 5000}": set(),
    "material=oak": {"Lamp", "Board"},
    "material=steel": {"Lamp"},
    "material=gold": set(),
    "tag=wedding": {"Candle"},
    "tag=9": set(),
    "min_price=10": {"Lamp", "Board"},
    "max_price=10": {"Candle", "Mug", "Board"},
    "min_price=8&max_price=10": {"Mug", "Board"},
    "min_price=11&max_price=10": set(),
    "in_stock=true": {"Lamp", "Candle", "Board"},
    "in_stock=false": {"Mug"},
    "on_offer=true": {"Board"},
    "on_offer=false": {"Lamp", "Candle", "Mug"},
    "customizable=true": {"Board"},
    "customizable=false": {"Lamp", "Candle", "Mug"},
    "rating_min=3": {"Lamp", "Board"},
    "rating_min=4.5": {"Lamp"},
    "rating_min=5": set(),
    "q=board": {"Board"},
    "category=home&material=oak&in_stock=true": {"Lamp"},
    "category=&brand=&facets=0": {"Lamp", "Candle", "Mug", "Board"},
}


@pytest.mark.parametrize("query", FOUND)
def test_a_filter_narrows_the_list(shop: dict[str, Any], query: str) -> None:
    assert set(names(f"?{query}")) == FOUND[query]


def test_rows_are_named_by_id_too(shop: dict[str, Any]) -> None:
    assert set(names(f"?category={shop['home'].pk}")) == {"Lamp", "Candle"}
    assert set(names(f"?brand={shop['lumen'].pk}")) == {"Lamp", "Candle"}
    assert set(names(f"?material={shop['oak'].pk}")) == {"Lamp", "Board"}
    assert set(names(f"?tag={shop['tag'].pk}")) == {"Candle"}


@pytest.mark.parametrize(
    ("ordering", "expected"),
    [
        ("price", ["Candle", "Mug", "Board", "Lamp"]),
        ("-price", ["Lamp", "Board", "Mug", "Candle"]),
        ("name", ["Board", "Candle", "Lamp", "Mug"]),
        ("-created", ["Board", "Mug", "Candle", "Lamp"]),
        ("-rating", ["Lamp", "Board", "Mug", "Candle"]),
        ("-sales", ["Board", "Mug", "Candle", "Lamp"]),
        ("relevance", ["Board", "Mug", "Candle", "Lamp"]),
        ("", ["Board", "Mug", "Candle", "Lamp"]),
    ],
)
def test_lists_come_in_the_order_that_is_asked_for(shop: dict[str, Any], ordering: str, expected: list[str]) -> None:
    assert names(f"?ordering={ordering}") == expected


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("min_price=x", "invalid"),
        ("min_price=-1", "min_value"),
        ("max_price=1e30", "max_value"),
        ("max_price=NaN", "invalid"),
        ("min_price=Infinity", "invalid"),
        ("rating_min=0", "min_value"),
        ("rating_min=6", "max_value"),
        ("in_stock=maybe", "invalid_choice"),
        ("on_offer=1", "invalid_choice"),
        ("customizable=yes", "invalid_choice"),
        ("ordering=password", "invalid_choice"),
        ("facets=2", "invalid_choice"),
        ("colour=red", "unknown_parameter"),
        (f"q={'x' * 201}", "max_length"),
        ("page=1000000000", "out_of_range"),
    ],
)
@pytest.mark.parametrize("path", ["/products", "/products/category/home"])
def test_what_a_query_does_not_understand_it_refuses(shop: dict[str, Any], path: str, query: str, code: str) -> None:
    reply = ApiClient().get(f"{path}?{query}")
    assert (reply.status, reply.faults) == (422, {query.partition("=")[0]: code})


def test_every_wrong_parameter_is_named(shop: dict[str, Any]) -> None:
    reply = ApiClient().get("/products?min_price=x&rating_min=9&in_stock=no")
    assert reply.faults.keys() == {"min_price", "rating_min", "in_stock"}


class TestCategoryPath:
    """``/products/category/{id}``: the same list, in one category."""

    @pytest.mark.parametrize("named_by", ["pk", "slug"])
    def test_it_is_what_is_in_it_and_below(self, shop: dict[str, Any], named_by: str) -> None:
        path = f"/products/category/{getattr(shop['home'], named_by)}"
        assert names("?ordering=name", path) == ["Candle", "Lamp"]
        assert names("?max_price=10", path) == ["Candle"]

    @pytest.mark.parametrize("lookup", ["0", "nowhere", "9" * 30, "%00"])
    def test_one_that_is_not_there_is_not_found(self, shop: dict[str, Any], lookup: str) -> None:
        assert ApiClient().get(f"/products/category/{lookup}").status == 404

    def test_a_hidden_one_is_for_staff(self, shop: dict[str, Any]) -> None:
        Category.objects.filter(slug="home").update(is_active=False)
        assert ApiClient().get("/products/category/candles").status == 404
        assert ApiClient(make_user(role="manager")).get("/products/category/candles").status == 200


def facets(query: str = "") -> dict[str, Any]:
    reply = ApiClient().get(f"/products?facets=1&{query}")
    assert reply.status == 200, reply.content
    found: dict[str, Any] = reply.body["meta"]["facets"]
    return found


def counts(found: list[dict[str, Any]], name: str = "slug") -> dict[Any, int]:
    return {value[name]: value["count"] for value in found}


class TestFacets:
    """How many there would be, if the list were narrowed by this or that."""

    def test_below_a_hidden_category_nothing_is_named(self, shop: dict[str, Any]) -> None:
        Category.objects.filter(slug="home").update(is_active=False)
        assert counts(facets()["category"]) == {"kitchen": 2}

    def test_everything_is_counted(self, shop: dict[str, Any]) -> None:
        found = facets()
        assert counts(found["category"]) == {"home": 2, "candles": 1, "kitchen": 2}
        assert [value["parent"] for value in found["category"] if value["slug"] == "candles"] == [shop["home"].pk]
        assert counts(found["brand"]) == {"lumen": 2, "2024": 1}
        assert list(counts(found["brand"])) == ["lumen", "2024"]
        assert counts(found["material"]) == {"oak": 2, "steel": 1}
        assert found["price"] == [
            {"min": "5.00", "max": "9.99", "count": 2},
            {"min": "10.00", "max": "19.99", "count": 1},
            {"min": "20.00", "max": "49.99", "count": 1},
        ]
        assert counts(found["rating"], "min") == {4: 1, 3: 2, 2: 2, 1: 2}
        assert counts(found["in_stock"], "value") == {True: 3, False: 1}
        assert counts(found["on_offer"], "value") == {True: 1, False: 3}

    def test_each_is_counted_without_its_own_filter(self, shop: dict[str, Any]) -> None:
        found = facets("category=home&brand=lumen&in_stock=true&max_price=6")
        assert counts(found["category"]) == {"home": 1, "candles": 1}
        assert counts(found["brand"]) == {"lumen": 1}
        assert counts(found["material"]) == {}
        assert [(value["min"], value["count"]) for value in found["price"]] == [("5.00", 1), ("20.00", 1)]
        assert counts(found["in_stock"], "value") == {True: 1, False: 0}

    def test_a_count_is_what_the_list_then_holds(self, shop: dict[str, Any]) -> None:
        for query in ("", "in_stock=true", "material=oak", "q=lamp", "max_price=10"):
            found = facets(query)
            for name in ("category", "brand", "material"):
                for value in found[name]:
                    rest = "&".join(part for part in query.split("&") if not part.startswith(f"{name}="))
                    assert len(names(f"?{rest}&{name}={value['slug']}")) == value["count"], (query, value)
            for value in found["price"]:
                if "price" not in query:
                    assert len(names(f"?{query}&min_price={value['min']}&max_price={value['max']}")) == value["count"]

    def test_they_stand_beside_the_results_in_the_older_version(self, shop: dict[str, Any]) -> None:
        body = ApiClient(prefix="/api/v1").get("/products?facets=1&page_size=1").body
        assert body.keys() == {"count", "next", "previous", "results", "facets"}
        assert body["facets"] == facets()
        assert "facets=1" in body["next"]

    def test_they_are_not_there_unless_asked_for(self, shop: dict[str, Any]) -> None:
        for query in ("", "?facets=0", "?facets="):
            assert "facets" not in ApiClient().get(f"/products{query}").body["meta"]

    def test_they_count_what_the_caller_may_see(self, shop: dict[str, Any]) -> None:
        Product.objects.filter(name="Candle").update(is_active=False)
        assert counts(facets()["brand"]) == {"2024": 1, "lumen": 1}
        reply = ApiClient(make_user(role="manager")).get("/products?facets=1")
        assert counts(reply.body["meta"]["facets"]["brand"]) == {"lumen": 2, "2024": 1}

    def test_a_category_path_is_counted_within(self, shop: dict[str, Any]) -> None:
        reply = ApiClient().get("/products/category/home?facets=1")
        assert counts(reply.body["meta"]["facets"]["brand"]) == {"lumen": 2}

    def test_another_count_is_another_answer(self, shop: dict[str, Any]) -> None:
        first = ApiClient().get("/products?facets=1&page_size=1&ordering=name")
        Brand.objects.filter(slug="lumen").update(name="Lumina")
        second = ApiClient(prefix="/api/v2").get("/products?facets=1&ordering=name&page_size=1&version=v2")
        assert first.data == second.data
        assert first.headers["ETag"] != second.headers["ETag"]

    def test_a_circle_in_the_tree_ends_the_count(self, shop: dict[str, Any]) -> None:
        with connection.cursor() as cursor:
            connection.check_constraints()
            cursor.execute("ALTER TABLE catalog_category DISABLE TRIGGER category_tree_without_circle")
            cursor.execute(
                "UPDATE catalog_category SET parent_id = (SELECT id FROM catalog_category WHERE slug='candles')"
                " WHERE slug = 'home'"
            )
        assert counts(facets()["category"]) == {"home": 2, "candles": 2, "kitchen": 2}
