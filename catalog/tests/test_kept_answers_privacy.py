"""What is not kept: what is personal, what is refused, and what says so."""

from typing import Any, cast

import pytest
from django.conf import settings as project
from django.core.cache import cache
from django.test import Client

from accounts.tests.factories import make_user
from catalog import caching as catalogue
from catalog.api.viewsets.products import ProductViewSet
from catalog.models import Product
from catalog.services import favourites
from catalog.tests.factories import make_product
from catalog.tests.kept import HIT, PASSED, SPELLINGS, STORED, UNTOUCHED, read, state
from fantasize.core import caching
from fantasize.tests.client import ApiClient

pytestmark = pytest.mark.django_db(transaction=True)


def kept_answers() -> list[str]:
    """The keys of what is in Redis."""
    return list(cast("Any", cache).iter_keys("kept:1:answer:*"))


@pytest.fixture
def product() -> Product:
    return make_product(name="Oak lantern")


def test_nothing_personal_is_kept_and_nobody_known_is_served_from_it(product: Product) -> None:
    fan, manager = make_user(role="customer"), make_user(role="manager")
    hidden = make_product(name="Hidden canary", is_active=False)
    favourites.add(user_id=fan.pk, product=product)
    url = f"/products/{product.pk}"
    assert ApiClient(fan).get(url).data["is_favorite"] is True
    assert "Hidden canary" in str(ApiClient(manager).get("/products").data)
    for _ in range(2):
        for spelling in SPELLINGS:
            assert b"is_favorite" not in read(spelling + url).content
            assert b"Hidden canary" not in read(f"{spelling}/products").content
    assert read(f"/api/v2/products/{hidden.pk}").status_code == 404
    mine = ApiClient(fan).get(url)
    assert (mine.data["is_favorite"], "Cache-Status" in mine.headers) == (True, False)
    assert "Hidden canary" in str(ApiClient(manager).get("/products").data)


@pytest.mark.parametrize("name", ["Authorization", "X_API_Key"])
def test_credentials_pass_the_cache_even_wrong_ones(product: Product, name: str) -> None:
    assert state("/api/v2/products") == STORED
    answer = read("/api/v2/products", **{name: "Bearer wrong"})
    assert (answer.status_code, "Cache-Status" in answer.headers) == (401, False)


def test_who_sits_in_the_admin_passes_the_cache(product: Product) -> None:
    client = Client()
    client.cookies[project.SESSION_COOKIE_NAME] = "anything"
    assert state("/api/v2/products") == STORED
    assert "Cache-Status" not in client.get("/api/v2/products").headers


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("/api/v2/products?nonsense=1", 422),
        ("/api/v2/products?page=0", 422),
        ("/api/v2/products?page=1000", 404),
        ("/api/v2/products?q=%00", 422),
        ("/api/v2/products/999999", 404),
        ("/api/v2/products?version=v9", 400),
        ("/api/v9/products", 404),
    ],
)
def test_refusals_are_not_kept(product: Product, url: str, status: int) -> None:
    answers = [read(url) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [status, status]
    assert all(answer.headers.get("Cache-Status", "fantasize; fwd=miss") == "fantasize; fwd=miss" for answer in answers)
    assert not kept_answers()


def test_what_clients_add_to_the_type_by_habit_asks_for_no_other_answer(product: Product) -> None:
    accepted = ("application/json", "application/json; charset=utf-8")
    assert [state("/api/v2/products", Accept=one) for one in accepted] == [STORED, HIT]


def test_what_nobody_may_keep_is_not_kept(product: Product) -> None:
    assert read("/api/v2/products", Accept="text/html").status_code == 406
    assert Client().post("/api/v2/products").status_code == 401
    assert Client().options("/api/v2/products").status_code == 204
    assert read("/api/v2/orders").status_code == 401
    assert not kept_answers()


def test_an_answer_that_varies_by_something_unknown_is_not_kept(
    product: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = ProductViewSet.finalize_response

    def vary(self: Any, *args: Any, **kwargs: Any) -> Any:
        response = original(self, *args, **kwargs)
        response.headers["Vary"] += ", Accept-Language"
        return response

    def set_cookie(self: Any, *args: Any, **kwargs: Any) -> Any:
        response = original(self, *args, **kwargs)
        response.set_cookie("who", "canary")
        return response

    for spoiled in (vary, set_cookie):
        monkeypatch.setattr(ProductViewSet, "finalize_response", spoiled)
        assert [state("/api/v2/products") for _ in range(2)] == [PASSED, PASSED]
        etag = read("/api/v2/products").headers["ETag"]
        assert read("/api/v2/products", If_None_Match=etag).status_code == 304


def test_a_setting_switches_it_off(product: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ProductViewSet, "cache_policy", caching.CachePolicy((catalogue.products,), 0))
    assert [state("/api/v2/products") for _ in range(2)] == [UNTOUCHED, UNTOUCHED]
