"""Offers over HTTP: shoppers see what runs, staff write."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from accounts.tests.factories import make_user
from catalog.models import Category, Offer, Product
from catalog.tests.factories import make_offer, make_package, make_product
from fantasize.core import clock
from fantasize.tests.client import ApiClient

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


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


def test_shoppers_see_what_runs_and_only_what_they_may(noon: datetime) -> None:
    product, hidden = make_product(name="Lantern"), make_product(is_active=False)
    box, category = make_package(name="Box"), Category.objects.create(name="Garden", slug="garden")
    gone = Category.objects.create(name="Gone", slug="gone", is_active=False)
    offer = make_offer(
        name="Spring",
        percent="12.5",
        ends_at=noon + HOUR,
        products=[product.pk, hidden.pk],
        packages=[box.pk],
        categories=[category.pk, gone.pk],
    )
    later, off = make_offer(percent="5", starts_at=noon + HOUR), make_offer(percent="5", is_active=False)
    reply = ApiClient().get("/offers")
    [found] = reply.data
    assert found == {
        "id": offer.pk,
        "name": "Spring",
        "percent": "12.50",
        "amount": None,
        "currency": "USD",
        "starts_at": said(noon),
        "ends_at": said(noon + HOUR),
        "state": "running",
        "is_active": True,
        "created_at": said(noon),
        "products": [{"id": product.pk, "slug": product.slug, "name": "Lantern"}],
        "packages": [{"id": box.pk, "slug": box.slug, "name": "Box"}],
        "categories": [{"id": category.pk, "slug": "garden", "name": "Garden"}],
    }
    assert "public" in reply.headers["Cache-Control"]
    assert ApiClient().get(f"/offers/{offer.pk}").data == found
    for other in (later, off):
        assert ApiClient().get(f"/offers/{other.pk}").status == 404


@pytest.mark.parametrize(("at", "runs"), [(-1, False), (0, True), (3599, True), (3600, False)])
def test_an_offer_is_listed_to_the_second(at: int, noon: datetime, *, runs: bool) -> None:
    make_offer(percent="5", starts_at=noon, ends_at=noon + HOUR)
    with clock.frozen_at(noon + timedelta(seconds=at)):
        assert len(ApiClient().get("/offers").data) == runs


def test_staff_see_all_of_them_by_state(staff: ApiClient, noon: datetime) -> None:
    hidden = make_product(is_active=False)
    make_offer(name="Later", percent="5", starts_at=noon + HOUR, products=[hidden.pk])
    make_offer(name="Over", percent="5", starts_at=noon - HOUR, ends_at=noon)
    assert [row["name"] for row in staff.get("/offers").data] == ["Later", "Over"]
    [over] = staff.get("/offers?state=over").data
    assert (over["name"], over["state"]) == ("Over", "over")
    assert staff.get("/offers?state=scheduled").data[0]["products"][0]["id"] == hidden.pk
    assert staff.get("/offers?state=never").faults == {"state": "invalid_choice"}


def test_staff_make_replace_change_and_end_offers(staff: ApiClient, noon: datetime) -> None:
    product = make_product(price="10.00")
    body = {
        "name": "Spring",
        "amount": "2.50",
        "products": [product.pk],
        "ends_at": f"{noon + 12 * HOUR:%Y-%m-%dT%H:%M:%S}+02:00",
    }
    made = staff.post("/offers", body)
    assert (made.status, made.headers["ETag"][:3]) == (201, '"1-')
    assert (made.data["starts_at"], made.data["ends_at"]) == (said(noon), said(noon + 10 * HOUR))
    path = f"/offers/{made.data['id']}"
    assert ApiClient().get(f"/products/{product.pk}").data["price"] == "7.50"
    changed = staff.call("PATCH", path, {"amount": None, "percent": 20}, If_Match='"1"')
    assert (changed.status, changed.data["percent"], changed.data["products"][0]["id"]) == (200, "20.00", product.pk)
    assert ApiClient().get(f"/products/{product.pk}").data["price"] == "8.00"
    assert staff.call("PATCH", path, {"name": "x"}, If_Match='"1"').status == 412
    replaced = staff.call("PUT", path, {"name": "Bare", "percent": "30"})
    assert (replaced.data["products"], replaced.data["ends_at"], replaced.data["starts_at"]) == (
        [],
        None,
        said(noon),
    )
    assert ApiClient().get(f"/products/{product.pk}").data["price"] == "10.00"
    assert staff.call("DELETE", path, If_Match='"1"').status == 412
    assert staff.call("DELETE", path).status == 204
    assert not Offer.objects.exists()


def test_every_fault_is_named_and_nothing_is_made(staff: ApiClient, noon: datetime) -> None:
    rules = staff.post(
        "/offers",
        {
            "name": "Sale",
            "percent": 0,
            "amount": "1.00",
            "starts_at": said(noon + HOUR),
            "ends_at": said(noon),
            "products": [10**6],
            "categories": [10**6],
        },
    )
    assert (rules.status, rules.faults) == (
        422,
        {
            "/percent": "out_of_range",
            "/amount": "only_one",
            "/ends_at": "ends_before_it_starts",
            "/products/0": "does_not_exist",
            "/categories/0": "does_not_exist",
        },
    )
    types = staff.post(
        "/offers", {"percent": "101", "amount": -1, "products": ["x"], "price": 1, "ends_at": "never", "is_active": 1}
    )
    assert types.status == 422
    assert types.faults.keys() == {
        "/name",
        "/percent",
        "/amount",
        "/products/0",
        "/price",
        "/ends_at",
        "/is_active",
    }
    assert not Offer.objects.exists()


def test_neither_percent_nor_amount_is_refused(staff: ApiClient) -> None:
    assert staff.post("/offers", {"name": "Nothing"}).faults == {"/percent": "required", "/amount": "required"}


@pytest.mark.parametrize("role", ["customer", None])
def test_nobody_else_writes_offers(role: str | None) -> None:
    product = make_product()
    offer = make_offer(percent="10", products=[product.pk])
    caller = ApiClient(make_user(role=role) if role else None)
    expected = 403 if role else 401
    assert caller.post("/offers", {"name": "Mine", "percent": 90}).status == expected
    for method in ("PUT", "PATCH", "DELETE"):
        assert caller.call(method, f"/offers/{offer.pk}", {"name": "Mine", "percent": 90}).status == expected
    assert list(Offer.objects.values_list("percent", flat=True)) == [Decimal(10)]
    assert Product.objects.get().price == Decimal("9.00")


def test_products_on_offer_are_found() -> None:
    cheap, dear = make_product(), make_product()
    make_offer(percent="10", products=[cheap.pk])
    assert [row["id"] for row in ApiClient().get("/products?on_offer=true").data] == [cheap.pk]
    assert [row["id"] for row in ApiClient().get("/products?on_offer=false").data] == [dear.pk]
    [found] = ApiClient().get("/products?max_price=9").data
    assert (found["price"], found["list_price"], found["offer"]["percent"]) == ("9.00", "10.00", "10.00")


def test_in_a_change_one_kind_of_discount_replaces_the_other(staff: ApiClient) -> None:
    made = staff.post("/offers", {"name": "Sale", "percent": "10"}).data
    path = f"/offers/{made['id']}"
    seen = staff.call("PATCH", path, {"amount": "5.00"}).data
    assert (seen["percent"], seen["amount"]) == (None, "5.00")
    both = staff.call("PATCH", path, {"percent": "10", "amount": "5.00"})
    assert (both.status, both.faults) == (422, {"/percent": "only_one", "/amount": "only_one"})
    none = staff.call("PATCH", path, {"amount": None})
    assert (none.status, none.faults) == (422, {"/percent": "required", "/amount": "required"})
    assert staff.call("PATCH", path, {"name": "Spring"}).data["amount"] == "5.00"
