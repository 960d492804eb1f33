"""Packages over HTTP: what is refused, from whom, and that nothing is changed by it."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import User
from accounts.tests.factories import make_user
from catalog.models import Package, Product
from catalog.tests.factories import make_package, make_product
from catalog.tests.packages import rows
from fantasize.tests.client import ApiClient
from fantasize.tests.standing import Standing

pytestmark = pytest.mark.django_db
World = tuple[Package, Product, User]


@pytest.fixture(scope="module")
def built(standing: Standing) -> Callable[[], World]:
    return standing(lambda: (make_package(name="Taken"), make_product(price="10.00"), make_user(role="manager")))


@pytest.fixture
def world(built: Callable[[], World]) -> World:
    """A package; something to make another one of; somebody who may."""
    return built()


def body_of(product: Product, **fields: Any) -> dict[str, Any]:
    return {"name": "Tea for two", "items": [{"product": product.pk, "quantity": 2}], **fields}


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
def test_bad_fields_are_named_and_nothing_is_changed(world: World, field: str, value: Any) -> None:
    package, product, manager = world
    body = body_of(product, **{field: value})
    before, client = rows(), ApiClient(manager)
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
def test_bad_parts_are_named_and_nothing_is_changed(
    world: World, method: str, item: Any, faults: dict[str, str]
) -> None:
    package, product, manager = world
    body = body_of(product)
    body["items"].append(item)
    before = rows()
    reply = ApiClient(manager).call(method, "/packages" if method == "POST" else f"/packages/{package.pk}", body)
    assert (reply.status, reply.faults) == (422, faults)
    assert rows() == before


def test_the_rules_of_the_whole_are_told_together(world: World) -> None:
    other, product, manager = world
    body = body_of(product, price="1.00", percent_off="1.00", sku=other.sku, slug=other.slug)
    body["items"] += [body["items"][0], {"product": 10**9, "quantity": 1}]
    before = rows()
    reply = ApiClient(manager).post("/packages", body)
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
def test_shoppers_write_nothing(world: World, method: str, role: str, status: int) -> None:
    package, product, _ = world
    body = body_of(product, price="0.01")
    before = rows()
    client = ApiClient(make_user(role=role)) if role else ApiClient()
    assert client.call(method, "/packages" if method == "POST" else f"/packages/{package.pk}", body).status == status
    assert rows() == before
