"""Price breaks over HTTP: staff write them, shoppers see them with what they buy."""

from typing import Any

import pytest

from accounts.tests.factories import make_user
from catalog.models import PriceBreak
from catalog.tests.factories import make_offer, make_package, make_product
from fantasize.tests.client import ApiClient

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff() -> ApiClient:
    return ApiClient(make_user(role="manager"))


def test_staff_make_change_and_remove_price_breaks(staff: ApiClient) -> None:
    product, box = make_product(price="10.00"), make_package()
    made = staff.post("/price-breaks", {"product": product.pk, "min_quantity": 10, "percent": "5"})
    assert made.status == 201
    assert made.data == {
        "id": made.data["id"],
        "product": product.pk,
        "package": None,
        "min_quantity": 10,
        "percent": "5.00",
        "unit_price": None,
        "currency": "USD",
    }
    of_box = staff.post("/price-breaks", {"package": box.pk, "min_quantity": 2, "unit_price": 1}).data
    assert [row["id"] for row in staff.get(f"/price-breaks?package={box.pk}").data] == [of_box["id"]]
    path = f"/price-breaks/{made.data['id']}"
    changed = staff.call("PATCH", path, {"percent": None, "unit_price": "9.00"})
    assert (changed.status, changed.data["unit_price"], staff.get(path).data["unit_price"]) == (200, "9.00", "9.00")
    assert staff.call("DELETE", path).status == 204
    assert [row["id"] for row in staff.get("/price-breaks").data] == [of_box["id"]]


def test_shoppers_see_what_each_piece_costs(staff: ApiClient) -> None:
    product = make_product(price="9.99")
    make_offer(percent="15", products=[product.pk])
    staff.post("/price-breaks", {"product": product.pk, "min_quantity": 50, "unit_price": "5.00"})
    staff.post("/price-breaks", {"product": product.pk, "min_quantity": 10, "percent": "10"})
    found = ApiClient().get(f"/products/{product.pk}").data
    assert found["price"] == "8.49"
    assert found["price_breaks"] == [
        {"min_quantity": 10, "percent": "10.00", "unit_price": None, "price": "7.64"},
        {"min_quantity": 50, "percent": None, "unit_price": "5.00", "price": "5.00"},
    ]


def refused(reply: Any) -> dict[str, str]:
    assert reply.status == 422
    faults: dict[str, str] = reply.faults
    return faults


def test_every_fault_is_named_and_nothing_is_made(staff: ApiClient) -> None:
    product, box = make_product(price="10.00"), make_package()
    sound = {"min_quantity": 10, "percent": "5"}
    assert refused(staff.post("/price-breaks", sound)) == {"/product": "required", "/package": "required"}
    both = {**sound, "product": product.pk, "package": box.pk}
    assert refused(staff.post("/price-breaks", both)) == {"/product": "only_one", "/package": "only_one"}
    for name in ("product", "package"):
        assert refused(staff.post("/price-breaks", {**sound, name: 10**12})) == {f"/{name}": "does_not_exist"}
    dearer = {"product": product.pk, "min_quantity": 10, "unit_price": "10.01"}
    assert refused(staff.post("/price-breaks", dearer)) == {"/unit_price": "price_cliff"}
    assert refused(staff.post("/price-breaks", {"product": "x", "min_quantity": 1, "percent": 101, "x": 1})).keys() == {
        "/product",
        "/min_quantity",
        "/percent",
        "/x",
    }
    assert not PriceBreak.objects.exists()
    assert staff.get("/price-breaks?product=x").faults.keys() == {"product"}


def test_in_a_change_one_kind_of_discount_replaces_the_other(staff: ApiClient) -> None:
    made = staff.post("/price-breaks", {"product": make_product().pk, "min_quantity": 10, "percent": "5"}).data
    seen = staff.call("PATCH", f"/price-breaks/{made['id']}", {"unit_price": "9.00"}).data
    assert (seen["percent"], seen["unit_price"]) == (None, "9.00")


def test_what_it_is_for_cannot_be_changed(staff: ApiClient) -> None:
    first, second = make_product(), make_product()
    made = staff.post("/price-breaks", {"product": first.pk, "min_quantity": 10, "percent": "5"}).data
    reply = staff.call("PATCH", f"/price-breaks/{made['id']}", {"product": second.pk})
    assert refused(reply) == {"/product": "unknown_field"}
    assert PriceBreak.objects.get().product_id == first.pk


@pytest.mark.parametrize("role", ["customer", None])
def test_nobody_else_writes_price_breaks(staff: ApiClient, role: str | None) -> None:
    product = make_product()
    row = staff.post("/price-breaks", {"product": product.pk, "min_quantity": 10, "percent": "5"}).data
    caller = ApiClient(make_user(role=role) if role else None)
    expected = 403 if role else 401
    body = {"product": product.pk, "min_quantity": 2, "percent": "99"}
    assert caller.get("/price-breaks").status == expected
    assert caller.post("/price-breaks", body).status == expected
    for method in ("GET", "PATCH", "DELETE"):
        assert caller.call(method, f"/price-breaks/{row['id']}", {"percent": "99"}).status == expected
    assert [str(each.percent) for each in PriceBreak.objects.all()] == ["5.00"]
