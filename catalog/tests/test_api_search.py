"""Search and front page over HTTP."""

from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.tests.factories import make_user
from catalog.models import Category, Product
from catalog.services import favourites, search
from catalog.tests.factories import make_offer, make_package, make_product
from fantasize.tests.client import ApiClient

pytestmark = pytest.mark.django_db


def ask(query: str, client: ApiClient | None = None) -> Any:
    reply = (client or ApiClient()).get(f"/search?{query}")
    assert reply.status == 200, reply.content
    return reply


def test_products_and_packages_come_as_their_own_pages_show_them() -> None:
    lantern = make_product(name="Oak lantern", price="12.50")
    box = make_package(lantern, name="Lantern")
    found = ask("q=lanterns").data
    assert [(each.pop("type"), each["name"]) for each in found] == [("package", "Lantern"), ("product", "Oak lantern")]
    assert found[0] == ApiClient().get(f"/packages/{box.pk}").data
    assert found[1] == ApiClient().get(f"/products/{lantern.pk}").data


def test_hits_come_in_pages() -> None:
    for number in range(3):
        make_product(name=f"Lantern {number}")
    first, second = ask("q=lantern&page_size=2"), ask("q=lantern&page_size=2&page=2")
    assert (len(first.data), len(second.data)) == (2, 1)
    assert {each["id"] for each in first.data}.isdisjoint(each["id"] for each in second.data)
    pagination = first.body["meta"]["pagination"]
    assert (pagination["total_items"], pagination["total_pages"]) == (3, 2)
    assert ApiClient().get("/search?q=lantern&page=3").status == 404
    assert ApiClient().get("/search?q=lantern&page=1000000000").status == 422


def test_what_was_meant_is_said_in_every_version() -> None:
    make_product(name="Oak lantern")
    search.count_words()
    reply = ask("q=lantren")
    assert [each["name"] for each in reply.data] == ["Oak lantern"]
    assert reply.body["meta"]["corrected"] == "lantern"
    assert "corrected" not in ask("q=lantern").body["meta"]
    older = ApiClient(prefix="/api/v1").get("/search?q=lantren").body
    assert (older["count"], older["corrected"]) == (1, "lantern")


def test_filters_are_those_of_lists() -> None:
    lighting = Category.objects.create(name="Lighting", slug="lighting")
    candles = Category.objects.create(name="Candles", slug="candles", parent=lighting)
    make_product(name="Small lantern", price="5.00", category=candles)
    make_product(name="Large lantern", price="50.00", stock=0)

    def names(query: str) -> list[str]:
        return [each["name"] for each in ask(f"q=lantern&{query}").data]

    assert names("category=lighting") == names(f"category={candles.pk}") == ["Small lantern"]
    assert names("category=nowhere") == []
    assert names("min_price=10") == names("in_stock=false") == ["Large lantern"]
    assert names("max_price=10&in_stock=true") == ["Small lantern"]


@pytest.mark.parametrize(
    ("query", "parameter", "code"),
    [
        (f"q={'x' * 201}", "q", "max_length"),
        ("q=x&min_price=cheap", "min_price", "invalid"),
        ("q=x&min_price=-1", "min_price", "min_value"),
        ("q=x&in_stock=perhaps", "in_stock", "invalid_choice"),
        ("q=x&on_offer=true", "on_offer", "unknown_parameter"),
        ("q=x&ordering=price", "ordering", "unknown_parameter"),
        ("q=%00", "q", "invalid_character"),
        ("q=x&page=0", "page", "out_of_range"),
    ],
)
def test_what_cannot_be_asked_is_named(query: str, parameter: str, code: str) -> None:
    reply = ApiClient().get(f"/search?{query}")
    assert reply.status == 422
    assert reply.faults == {parameter: code}


@pytest.mark.parametrize(
    "text",
    [
        "'",
        '"a',
        "a&|!b:*",
        "<->",
        "100%",
        "\\",
        "_%_",
        "(a+)+$",
        "'; DROP TABLE x; --",
        "🎁",
        "\u202eهدية",
        "?",
        " ",
        "",
    ],
)
def test_whatever_is_typed_is_answered(text: str) -> None:
    make_product(name="Oak lantern")
    for path in ("/search", "/search/suggestions", "/products"):
        reply = ApiClient().get(f"{path}?q={quote(text)}")
        assert reply.status == 200, reply.content
    assert ask(f"q={quote(text)}").data == []
    assert Product.objects.count() == 1


def test_lists_of_products_forgive_as_well() -> None:
    make_product(name="Oak lantern")
    search.count_words()
    assert [each["name"] for each in ApiClient().get("/products?q=lantren").data] == ["Oak lantern"]


def test_the_last_word_is_finished() -> None:
    make_product(name="Oak lantern")
    search.count_words()
    assert ApiClient().get("/search/suggestions?q=oak+lan").data == {"suggestions": ["oak lantern"]}
    assert ApiClient().get("/search/suggestions").data == {"suggestions": []}
    assert ApiClient().get(f"/search/suggestions?q={'x' * 5000}").data == {"suggestions": []}


def test_answers_to_nobody_are_public_and_to_somebody_personal() -> None:
    lantern = make_product(name="Oak lantern")
    user = make_user()
    favourites.add(user_id=user.pk, product=lantern)
    for path in ("/search?q=lantern", "/home"):
        public, own = ApiClient().get(path), ApiClient(user).get(path)
        assert public.headers["Cache-Control"].startswith("public, max-age=60,")
        assert b"is_favorite" not in public.content
        assert b'"is_favorite":true' in own.content
        assert "public" not in own.headers.get("Cache-Control", "")


def test_a_search_costs_the_same_for_one_hit_and_for_many() -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            ask("q=lantern")
        return len(captured)

    make_package(make_product(name="Lantern"), name="Lantern box")
    search.count_words()
    queries()  # what every search wants of the synonyms is kept
    one = queries()
    for _ in range(5):
        make_package(make_product(name="Lantern"), name="Lantern box")
    assert queries() == one


def home(client: ApiClient | None = None) -> dict[str, list[str]]:
    reply = (client or ApiClient()).get("/home")
    assert reply.status == 200, reply.content
    return {shelf: [each["name"] for each in things] for shelf, things in reply.data.items()}


def test_an_empty_shop_has_empty_shelves() -> None:
    assert home() == {"new": [], "offers": [], "best_rated": [], "recommended": []}


def test_every_shelf_has_what_it_is_for() -> None:
    plain, cheap = make_product(name="Plain"), make_product(name="Cheap")
    liked, sold = make_product(name="Liked"), make_product(name="Sold")
    make_product(name="Gone", stock=0)
    make_product(name="Hidden", is_active=False)
    make_package(plain, name="Box")
    make_offer(percent="10", products=[cheap.pk])
    Product.objects.filter(pk=liked.pk).update(rating_sum=5, rating_count=1)
    Product.objects.filter(pk=sold.pk).update(sales_count=7)
    shelves = home()
    assert shelves["new"] == ["Box", "Sold", "Liked", "Cheap", "Plain"]
    assert shelves["offers"] == ["Cheap"]
    assert shelves["best_rated"] == ["Liked"]
    assert shelves["recommended"][0] == "Sold"
    assert "Box" in shelves["recommended"]
    kinds = {each["type"] for each in ApiClient().get("/home").data["new"]}
    assert kinds == {"product", "package"}


def test_shelves_end() -> None:
    for _ in range(13):
        make_product()
    assert {name: len(things) for name, things in home().items()} == {
        "new": 12,
        "offers": 0,
        "best_rated": 0,
        "recommended": 12,
    }


def test_somebody_is_recommended_what_is_like_their_favourites() -> None:
    lighting = Category.objects.create(name="Lighting", slug="lighting")
    best = make_product(name="Bestseller")
    Product.objects.filter(pk=best.pk).update(sales_count=99)
    marked = make_product(name="Marked lamp", category=lighting)
    box = make_package(best, name="Marked box")
    make_product(name="Another lamp", category=lighting)
    user = make_user()
    favourites.add(user_id=user.pk, product=marked)
    favourites.add(user_id=user.pk, package=box)
    with CaptureQueriesContext(connection) as captured:
        assert home(ApiClient(user))["recommended"] == ["Another lamp", "Bestseller"]
    # Planned for this category, which may be a small one.
    assert any(f"category_id = ANY ('{{{lighting.pk}}}'" in each["sql"] for each in captured)
    assert home()["recommended"][0] == "Bestseller"
    assert home(ApiClient(make_user()))["recommended"] == home()["recommended"]
