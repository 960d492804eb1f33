"""Whoever sends something with several faults is told of all of them at once: of fields, and among fields."""

from typing import Any

import pytest

from accounts.tests.factories import make_user
from catalog.models import Coupon, Material, Offer, Package, Product
from catalog.tests.factories import make_product
from fantasize.tests.client import ApiClient

pytestmark = pytest.mark.django_db
BACKWARDS = {"starts_at": "2027-01-02T00:00:00Z", "ends_at": "2027-01-01T00:00:00Z"}


def refused(path: str, body: Any) -> Any:
    reply = ApiClient(make_user(role="manager")).post(path, body)
    assert reply.status == 422
    return reply.faults


def test_of_a_product() -> None:
    oak = Material.objects.create(name="Oak", slug="oak")
    share = {"material": oak.pk, "percent": "30"}
    body = {"name": " ", "price": "-1", "materials": [share, share], "colour": "red", "category": 7}
    assert refused("/products", body) == {
        "/name": "blank",
        "/price": "min_value",
        "/colour": "unknown_field",
        "/category": "does_not_exist",
        "/materials": "percent_sum",
        "/materials/1/material": "duplicate",
    }
    assert not Product.objects.exists()


def test_of_a_package() -> None:
    part = {"product": make_product().pk, "quantity": 1}
    body = {"name": "", "price": "5", "percent_off": "5", "items": [part, part]}
    assert refused("/packages", body) == {
        "/name": "blank",
        "/price": "exclusive",
        "/percent_off": "exclusive",
        "/items/1/product": "duplicate",
    }
    body = {"name": "", "price": "-5", "percent_off": "5", "items": [part]}
    assert refused("/packages", body) == {"/name": "blank", "/price": "min_value"}
    assert not Package.objects.exists()


def test_of_an_offer() -> None:
    assert refused("/offers", {"name": "", "percent": "5", "amount": "5", **BACKWARDS}) == {
        "/name": "blank",
        "/percent": "only_one",
        "/amount": "only_one",
        "/ends_at": "ends_before_it_starts",
    }
    assert refused("/offers", {"name": "", "percent": "500", "amount": "5", "ends_at": BACKWARDS["ends_at"]}) == {
        "/name": "blank",
        "/percent": "max_value",
    }
    assert not Offer.objects.exists()


def test_of_a_coupon() -> None:
    faults = {"/code": "invalid", "/max_uses": "min_value", "/ends_at": "ends_before_it_starts"}
    assert refused("/coupons", {"code": "!", "percent": "5", "max_uses": 0, **BACKWARDS}) == faults
    assert not Coupon.objects.exists()


@pytest.mark.parametrize("path", ["/products", "/packages", "/offers", "/coupons"])
@pytest.mark.parametrize("body", [[], 7, None, "x"])
def test_what_has_no_fields_is_told_so(path: str, body: Any) -> None:
    assert refused(path, body)
