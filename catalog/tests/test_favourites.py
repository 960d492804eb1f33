"""Favourite products: marking, listing, taking away; and what products say about it."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from accounts.models import User
from accounts.tests.factories import make_user
from catalog.models import Favourite, Package, Product
from catalog.services import favourites
from catalog.services.packages import remove_package
from catalog.services.products import remove_product
from catalog.tests.factories import make_package, make_product
from fantasize.core.errors import ConflictError, UnauthenticatedError
from fantasize.tests.client import ApiClient
from fantasize.tests.waiting import PATIENCE_SECONDS

pytestmark = pytest.mark.django_db


def test_products_are_marked_listed_newest_first_and_taken_away() -> None:
    client = ApiClient(make_user())
    products = [make_product() for _ in range(3)]
    for product in products:
        reply = client.post("/users/favorites", {"product": product.pk})
        assert (reply.status, reply.data["id"], reply.data["is_favorite"]) == (201, product.pk, True)
    listed = client.get("/users/favorites")
    assert [row["id"] for row in listed.data] == [product.pk for product in reversed(products)]
    assert listed.body["meta"]["pagination"]["total_items"] == 3
    assert [row["id"] for row in client.get("/users/favorites?page=2&page_size=2").data] == [products[0].pk]
    assert client.call("DELETE", f"/users/favorites/{products[1].pk}").status == 204
    assert [row["id"] for row in client.get("/users/favorites").data] == [products[2].pk, products[0].pk]


def test_packages_stand_among_products_and_each_says_what_it_is() -> None:
    client, first, package, last = ApiClient(make_user()), make_product(), make_package(), make_product()
    client.post("/users/favorites", {"product": first.pk})
    reply = client.post("/users/favorites", {"package": package.pk})
    client.post("/users/favorites", {"product": last.pk})
    assert (reply.status, reply.data["id"], reply.data["type"], reply.data["is_favorite"]) == (
        201,
        package.pk,
        "package",
        True,
    )
    listed = client.get("/users/favorites").data
    assert [(row["type"], row["id"], row["is_favorite"]) for row in listed] == [
        ("product", last.pk, True),
        ("package", package.pk, True),
        ("product", first.pk, True),
    ]
    alone = client.get(f"/packages/{package.pk}").data
    assert listed[1] == {"type": "package", **alone}
    assert listed[2] == {"type": "product", **client.get(f"/products/{first.pk}").data}
    [paged] = client.get("/users/favorites?page=2&page_size=2").data
    assert paged["id"] == first.pk


def test_a_package_s_mark_is_taken_away_by_its_own_path() -> None:
    user, package, product = make_user(), make_package(), make_product()
    client = ApiClient(user)
    for _ in range(2):
        assert client.post("/users/favorites", {"package": package.pk}).status == 201
    favourites.add(user_id=user.pk, product=product)
    stranger = make_user()
    favourites.add(user_id=stranger.pk, package=package)
    if package.pk != product.pk:
        assert client.call("DELETE", f"/users/favorites/{package.pk}").status == 204
    assert Favourite.objects.count() == 3
    for _ in range(2):
        assert client.call("DELETE", f"/users/favorites/packages/{package.pk}").status == 204
    assert set(Favourite.objects.values_list("user", "product", "package")) == {
        (user.pk, product.pk, None),
        (stranger.pk, None, package.pk),
    }
    for name in ("x", "-1", "9" * 40):
        assert client.call("DELETE", f"/users/favorites/packages/{name}").status == 404


def test_hidden_packages_cannot_be_marked_and_are_not_listed() -> None:
    client, package, hidden = ApiClient(make_user()), make_package(), make_package(is_active=False)
    client.post("/users/favorites", {"package": package.pk})
    for absent in (hidden.pk, 10**9):
        reply = client.post("/users/favorites", {"package": absent})
        assert (reply.status, reply.faults) == (422, {"/package": "does_not_exist"})
    Package.objects.update(sales_count=1)
    remove_package(package=package)
    assert client.get("/users/favorites").data == []
    assert Favourite.objects.count() == 1, "it may come back"


def test_packages_say_so_to_whoever_signed_in_and_to_nobody_else() -> None:
    user, marked, other = make_user(), make_package(), make_package()
    favourites.add(user_id=user.pk, package=marked)
    client = ApiClient(user)
    assert {row["id"]: row["is_favorite"] for row in client.get("/packages").data} == {marked.pk: True, other.pk: False}
    assert b"is_favorite" not in ApiClient().get("/packages").content
    assert client.get(f"/packages/{other.pk}").data["is_favorite"] is False


def test_doing_it_twice_changes_nothing() -> None:
    client, product = ApiClient(make_user()), make_product()
    first, second = (client.post("/users/favorites", {"product": product.pk}) for _ in range(2))
    assert (first.status, second.status, first.data) == (201, 201, second.data)
    assert Favourite.objects.count() == 1
    for _ in range(2):
        assert client.call("DELETE", f"/users/favorites/{product.pk}").status == 204
    assert not Favourite.objects.exists()


def test_what_is_not_sold_cannot_be_marked_and_is_not_listed() -> None:
    client, product, hidden = ApiClient(make_user()), make_product(), make_product(is_active=False)
    client.post("/users/favorites", {"product": product.pk})
    for absent in (hidden.pk, 10**9, 2**63 - 1):
        reply = client.post("/users/favorites", {"product": absent})
        assert (reply.status, reply.faults) == (422, {"/product": "does_not_exist"})
    remove_product(product=product)
    assert client.get("/users/favorites").data == []
    assert Favourite.objects.count() == 1, "it may come back"
    assert client.call("DELETE", f"/users/favorites/{product.pk}").status == 204


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        ({}, {"/product": "required", "/package": "required"}),
        ({"product": 1, "package": 1}, {"/product": "exclusive", "/package": "exclusive"}),
        ({"package": None}, {"/package": "null"}),
        ({"product": "1"}, {"/product": "invalid"}),
        ({"product": 0}, {"/product": "min_value"}),
        ({"product": 2**63}, {"/product": "max_value"}),
        ({"product": True}, {"/product": "invalid"}),
        ({"product": 1, "user": "x"}, {"/user": "unknown_field"}),
    ],
)
def test_what_a_mark_refuses(body: dict[str, Any], faults: dict[str, str]) -> None:
    reply = ApiClient(make_user()).post("/users/favorites", body)
    assert (reply.status, reply.faults.items() >= faults.items()) == (422, True)
    assert not Favourite.objects.exists()


@pytest.mark.parametrize("name", ["x", "-1", "1.0", "٣", str(2**63), "9" * 40])
def test_a_name_that_is_none_is_not_found(name: str) -> None:
    assert ApiClient(make_user()).call("DELETE", f"/users/favorites/{name}").status == 404


def test_marks_are_one_s_own() -> None:
    other, product = make_user(), make_product()
    favourites.add(user_id=other.pk, product=product)
    client = ApiClient(make_user(role="administrator"))
    assert client.get("/users/favorites").data == []
    assert client.call("DELETE", f"/users/favorites/{product.pk}").status == 204
    assert Favourite.objects.get().user_id == other.pk


def test_nobody_and_machines_have_none(settings: Settings) -> None:
    product = make_product()
    settings.API_KEYS = ["robot:0123456789abcdef:catalog"]
    machine = ApiClient()
    machine.headers = {"X-API-Key": "0123456789abcdef"}
    for client, status in ((ApiClient(), 401), (machine, 403)):
        assert client.get("/users/favorites").status == status
        assert client.post("/users/favorites", {"product": product.pk}).status == status
        assert client.call("DELETE", f"/users/favorites/{product.pk}").status == status
    assert "is_favorite" not in machine.get(f"/products/{product.pk}").data


def test_products_say_so_to_whoever_signed_in_and_to_nobody_else() -> None:
    user, marked, other = make_user(), make_product(), make_product()
    favourites.add(user_id=user.pk, product=marked)
    stranger = make_user()
    favourites.add(user_id=stranger.pk, product=other)
    client = ApiClient(user)
    assert {row["id"]: row["is_favorite"] for row in client.get("/products").data} == {marked.pk: True, other.pk: False}
    assert client.get(f"/products/{marked.slug}").data["is_favorite"] is True
    assert "public" not in client.get("/products").headers["Cache-Control"]
    for path in ("/products", f"/products/{marked.pk}"):
        anonymous = ApiClient().get(path)
        assert b"is_favorite" not in anonymous.content
        assert "public" in anonymous.headers["Cache-Control"]


def test_a_mark_changes_the_etag() -> None:
    user, product = make_user(), make_product()
    client = ApiClient(user)
    before = client.get(f"/products/{product.pk}").headers["ETag"]
    favourites.add(user_id=user.pk, product=product)
    assert client.get(f"/products/{product.pk}", If_None_Match=before).status == 200


@pytest.mark.parametrize("path", ["/users/favorites", "/products", "/packages"])
def test_lists_cost_the_same_however_long(path: str) -> None:
    user = make_user()
    client, counts = ApiClient(user), []
    for _ in range(2):
        favourites.add(user_id=user.pk, product=make_product())
        favourites.add(user_id=user.pk, package=make_package(make_product(), make_product()))
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


def add_from_many_threads(user: User, things: Sequence[Product | Package]) -> list[str]:
    start = threading.Barrier(len(things))

    def run(thing: Product | Package) -> str:
        start.wait(PATIENCE_SECONDS)
        kind = "product" if isinstance(thing, Product) else "package"
        try:
            return "new" if favourites.add(user_id=user.pk, **{kind: thing}) else "old"  # type: ignore[arg-type] # of its kind
        except ConflictError as error:
            return error.code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(things)) as pool:
        return list(pool.map(run, things))


@pytest.mark.django_db(transaction=True)
def test_one_product_marked_twenty_times_at_once_is_marked_once() -> None:
    user, product = make_user(), make_product()
    assert sorted(add_from_many_threads(user, [product] * 20)) == ["new", *["old"] * 19]
    assert Favourite.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_limit_is_exact() -> None:
    user, product = make_user(), make_product()
    things: list[Product | Package] = [make_product() for _ in range(6)]
    things += [make_package(product) for _ in range(6)]
    with patch.object(favourites, "MAX_FAVOURITES", 5):
        outcomes = add_from_many_threads(user, things)
    assert (outcomes.count("new"), outcomes.count("too_many_favourites")) == (5, 7)
    assert Favourite.objects.count() == 5


def test_who_is_gone_marks_nothing() -> None:
    user, product = make_user(), make_product()
    User.objects.update(is_active=False)
    with pytest.raises(UnauthenticatedError):
        favourites.add(user_id=user.pk, product=product)
    assert not Favourite.objects.exists()
