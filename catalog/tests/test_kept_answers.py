"""What anonymous shoppers read comes from the cache, and is what the database says."""

import json
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from catalog.models import Brand, Category, Product
from catalog.services.products import update_product
from catalog.tests.factories import make_product
from catalog.tests.kept import HIT, SPELLINGS, STORED, read, state, uncached
from fantasize.api.urls import urlpatterns
from fantasize.core import clock

pytestmark = pytest.mark.django_db(transaction=True)

QUERIES = ("", "?page=1&page_size=2", "?page_size=1&page=2", "?ordering=price", "?in_stock=true&min_price=1")
STAMPS = re.compile(rb'"request_id":"[^"]*"|"timestamp":"[^"]*"')
# Of each call, not of the answer.
OWN_HEADERS = {"X-Request-ID", "Cache-Status"}


@pytest.fixture
def product() -> Product:
    category = Category.objects.create(name="Lighting", slug="lighting")
    brand = Brand.objects.create(name="Oakwood", slug="oakwood")
    for number in range(3):
        make_product(name=f'Gift "{number}"', price="5.00")
    return make_product(name="Oak lantern", category=category, brand=brand)


def public_paths() -> list[str]:
    """Every list that is kept, by its route."""
    routes = [pattern for include in urlpatterns for pattern in getattr(include, "url_patterns", [])]
    kept = [route for route in routes if getattr(getattr(route.callback, "cls", None), "cache_policy", None)]
    paths = {
        "/" + str(route.pattern).lstrip("^").rstrip("$\\Z")
        for route in kept
        if "list" in route.callback.actions.values()
    }
    return sorted(path for path in paths if "(" not in path)


def test_the_catalogue_is_kept() -> None:
    assert {"/products", "/categories", "/brands"} <= set(public_paths())


def urls() -> list[str]:
    """Every list that is kept, in every spelling; the bare paths of before are those of two."""
    return [
        spelling + path + query
        for path in public_paths()
        for spelling in SPELLINGS
        if spelling or path in ("/products", "/packages")
        for query in (QUERIES if path == "/products" else ("",))
    ]


def test_a_hit_is_byte_for_byte_what_would_have_been_computed(product: Product) -> None:
    for url in urls():
        expected, first, second = uncached(url), read(url), read(url)
        assert first.headers["Cache-Status"] == "fantasize; fwd=miss; stored", url
        assert second.headers["Cache-Status"] == "fantasize; hit", url
        assert expected.status_code == 200, url
        for answer in (first, second):
            assert STAMPS.sub(b"", answer.content) == STAMPS.sub(b"", expected.content), url
            own, theirs = (dict(each.headers) for each in (answer, expected))
            for name in OWN_HEADERS:
                own.pop(name, None)
                theirs.pop(name, None)
            lengths = int(own.pop("Content-Length")), int(theirs.pop("Content-Length"))
            assert lengths == (len(answer.content), len(expected.content))
            assert own == theirs, url


@pytest.mark.parametrize("spelling", ["/api/v1", "/api/v2"])
def test_a_detail_is_kept_by_id_and_by_slug(product: Product, spelling: str) -> None:
    for name in (product.pk, product.slug):
        url = f"{spelling}/products/{name}"
        expected = uncached(url)
        assert [state(url), state(url)] == [STORED, HIT]
        assert STAMPS.sub(b"", read(url).content) == STAMPS.sub(b"", expected.content)
        assert read(url).headers["ETag"] == expected.headers["ETag"]


def test_every_answer_has_an_id_and_a_time_of_its_own(product: Product) -> None:
    url, now = "/api/v2/products?page_size=1", clock.now()
    seen = []
    for seconds in (0, 1, 2.5):
        with clock.frozen_at(now + timedelta(seconds=seconds)):
            answer = read(url)
        meta = answer.json()["meta"]
        assert meta["request_id"] == answer.headers["X-Request-ID"]
        seen.append((meta["request_id"], meta["timestamp"]))
    assert len({name for name, _ in seen}) == len({at for _, at in seen}) == 3
    assert seen[1][1] == (now + timedelta(seconds=1)).isoformat().replace("+00:00", "Z")


def test_only_the_envelope_is_stamped(product: Product) -> None:
    """A caller's id that stands elsewhere in the answer, and what looks like an envelope in a name, stay there."""
    forged = "0e2f5a3c-8a58-4b0c-9f0e-000000000001"
    lure = f'","meta":{{"request_id":"{forged}","version":"v2","timestamp":"'
    update_product(product=product, changes={"name": lure})
    first, second = read("/api/v2/products", X_Request_ID=forged), read("/api/v2/products")
    assert second.headers["Cache-Status"] == "fantasize; hit"
    assert first.json()["meta"]["request_id"] == forged
    assert second.json()["meta"]["request_id"] == second.headers["X-Request-ID"] != forged
    assert first.json()["data"] == second.json()["data"]
    assert lure in [row["name"] for row in second.json()["data"]]


def test_a_hit_asks_the_database_nothing_and_is_not_counted(product: Product, settings: Settings) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "catalogue": "2/15m"}
    assert state("/api/v2/products") == STORED
    with CaptureQueriesContext(connection) as captured:
        assert [state("/api/v2/products") for _ in range(5)] == [HIT] * 5
    assert not len(captured)
    assert [read(f"/api/v2/products?page_size={size}").status_code for size in (1, 2)] == [200, 429]
    assert state("/api/v2/products") == HIT


def test_what_the_caller_has_is_not_sent_again(product: Product) -> None:
    for url in ("/api/v2/products", f"/api/v1/products/{product.pk}"):
        etag = uncached(url).headers["ETag"]
        computed, kept = (read(url, If_None_Match=etag) for _ in range(2))
        assert [answer.status_code for answer in (computed, kept)] == [304, 304]
        assert not computed.content
        assert not kept.content
        with CaptureQueriesContext(connection) as captured:
            other = read(url, If_None_Match='"other"')
        assert (other.status_code, other.headers["ETag"], len(captured)) == (200, etag, 0)
        for answer in (computed, kept):
            assert answer.headers["ETag"] == etag
            assert answer.headers["Cache-Control"].startswith("public")
            assert "Content-Type" not in answer.headers


@pytest.mark.parametrize("url", ["/api/products/oak-lantern", "/api/categories", "/api/home"])
def test_of_one_address_each_version_has_a_tag_of_its_own(product: Product, url: str) -> None:
    """A header alone chooses between them: who has the one and asks for the other is sent it."""
    seen = read(url).headers["ETag"]
    for _ in range(2):  # computed, and kept
        assert read(url, If_None_Match=seen).status_code == 304
        assert read(url, If_None_Match=seen, API_Version="v1").status_code == 200


def test_head_is_get_without_the_body(product: Product) -> None:
    full = read("/api/v2/products")
    head = Client().head("/api/v2/products")
    assert head.headers["Cache-Status"] == "fantasize; hit"
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["ETag"] == full.headers["ETag"]
    assert Client().head("/api/v1/products").headers["Cache-Status"].endswith("stored")
    assert read("/api/v1/products").headers["Cache-Status"] == "fantasize; hit"
    assert json.loads(read("/api/v1/products").content)["count"] == 4


def test_an_answer_is_for_the_same_question_only(product: Product) -> None:
    """The order of parameters does not matter, and everything else does."""
    assert state("/api/v2/products?page=1&page_size=2") == STORED
    assert state("/api/v2/products?page_size=2&page=1") == HIT
    for other in (
        "/api/v2/products?page_size=3&page=1",
        "/api/v2/products/?page_size=2&page=1",
        "/api/v1/products?page_size=2&page=1",
        "/api/products?page_size=2&page=1",
        "/products?page_size=2&page=1",
    ):
        assert state(other) == STORED, other
    assert state("/api/products?page_size=2&page=1", API_Version="v1") == STORED
    assert state("/api/products?page_size=2&page=1", API_Version="v1") == HIT
    assert state("/api/v2/products?page=1&page_size=2", Host="localhost") == STORED
    assert (
        "http://localhost/"
        in read("/api/v2/products?page=1&page_size=2", Host="localhost").json()["meta"]["pagination"]["next"]
    )
    assert "http://testserver/" in read("/api/v2/products?page=1&page_size=2").json()["meta"]["pagination"]["next"]
    assert read("/api/v2/products?page=1&page_size=2", Host="evil.example").status_code == 400
