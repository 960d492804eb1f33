"""Coupons over HTTP: for staff, and for nobody else to see."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from accounts.tests.factories import make_user
from catalog.models import Coupon
from catalog.services.coupons import NewCoupon, create_coupon, redeem
from fantasize.core import clock
from fantasize.tests.client import ApiClient

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def noon() -> Iterator[datetime]:
    """Now, standing still; tokens know no other clock than the real one."""
    moment = datetime.now(UTC).replace(microsecond=0)
    with clock.frozen_at(moment):
        yield moment


def said(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


@pytest.fixture
def staff() -> ApiClient:
    return ApiClient(make_user(role="manager"))


def test_staff_make_replace_change_and_remove_coupons(staff: ApiClient, noon: datetime) -> None:
    made = staff.post("/coupons", {"code": "SPRING", "percent": "10", "max_uses": 3, "min_total": "20"})
    assert (made.status, made.headers["ETag"]) == (201, '"1"')
    assert made.data == {
        "id": made.data["id"],
        "code": "SPRING",
        "percent": "10.00",
        "amount": None,
        "currency": "USD",
        "min_total": "20.00",
        "max_uses": 3,
        "max_uses_per_customer": None,
        "uses": 0,
        "starts_at": said(noon),
        "ends_at": None,
        "state": "running",
        "is_active": True,
        "created_at": said(noon),
    }
    path = f"/coupons/{made.data['id']}"
    redeem(code="spring", customer="user:1", reference="1", items_total=Decimal(20), at=noon)
    assert staff.get(path).data["uses"] == 1
    assert staff.call("PATCH", path, {"code": "Summer"}, If_Match='"1"').data["code"] == "Summer"
    assert staff.call("PATCH", path, {"code": "Autumn"}, If_Match='"1"').status == 412
    replaced = staff.call("PUT", path, {"code": "WINTER", "amount": "5"}).data
    assert (replaced["percent"], replaced["amount"], replaced["max_uses"], replaced["min_total"]) == (
        None,
        "5.00",
        None,
        "0.00",
    )
    assert staff.call("DELETE", path, If_Match='"1"').status == 412
    assert staff.call("DELETE", path).status == 204
    assert list(Coupon.objects.values_list("code", "is_active")) == [("WINTER", False)]


def test_coupons_are_found_by_code_and_state(staff: ApiClient) -> None:
    for code, is_active in (("SPRING", True), ("SUMMER", False)):
        create_coupon(new=NewCoupon(code=code, percent=Decimal(5), is_active=is_active))
    assert [row["code"] for row in staff.get("/coupons").data] == ["SUMMER", "SPRING"]
    assert [row["code"] for row in staff.get("/coupons?code=spring").data] == ["SPRING"]
    assert [row["code"] for row in staff.get("/coupons?state=off").data] == ["SUMMER"]


def test_every_fault_is_named_and_nothing_is_made(staff: ApiClient, noon: datetime) -> None:
    create_coupon(new=NewCoupon(code="Spring", percent=Decimal(5)))
    reply = staff.post("/coupons", {"code": "SPRING", "percent": "5", "amount": "1", "ends_at": said(noon)})
    assert (reply.status, reply.faults) == (
        422,
        {"/code": "duplicate", "/percent": "only_one", "/amount": "only_one", "/ends_at": "ends_before_it_starts"},
    )
    assert staff.post("/coupons", {"code": "a b", "percent": 5}).faults == {"/code": "invalid"}
    assert staff.post("/coupons", {"code": 5, "max_uses": 0, "uses": 9}).faults.keys() == {
        "/code",
        "/max_uses",
        "/uses",
    }
    assert Coupon.objects.count() == 1


@pytest.mark.parametrize("role", ["customer", None])
def test_nobody_else_sees_or_writes_coupons(role: str | None) -> None:
    coupon = create_coupon(new=NewCoupon(code="SECRET", percent=Decimal(5)))
    caller = ApiClient(make_user(role=role) if role else None)
    expected = 403 if role else 401
    answers = [
        caller.get("/coupons"),
        caller.get("/coupons?code=SECRET"),
        caller.get(f"/coupons/{coupon.pk}"),
        caller.get(f"/coupons/{coupon.pk + 1}"),
        caller.post("/coupons", {"code": "MINE", "percent": 90}),
        *(caller.call(method, f"/coupons/{coupon.pk}", {"percent": 90}) for method in ("PUT", "PATCH", "DELETE")),
    ]
    assert {answer.status for answer in answers} == {expected}
    assert all(b"SECRET" not in answer.content for answer in answers)
    assert list(Coupon.objects.values_list("code", "percent")) == [("SECRET", Decimal(5))]
