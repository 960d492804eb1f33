"""Shipping methods in the admin: written as a shopkeeper thinks of them, with warnings where more costs less."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog.models import Coupon
from catalog.tests.test_admin_offers import COUPONS, coupon_form
from fantasize.tests.staff import make_viewer, said, signed_in
from orders.models import ShippingBand, ShippingMethod
from orders.tests.terms import make_method

pytestmark = pytest.mark.django_db
PAGE = "/admin/orders/shippingmethod/"


def form(*bands: tuple[str, str], first: int | None = None, **fields: Any) -> dict[str, Any]:
    """The page as it is posted, with these bands; ``first`` is the id of the one that is there already."""
    empty = dict.fromkeys(("price", "free_above", "countries", "tax_class"), "")
    posted = {"name": "Post", "code": "post", "kind": "by_weight", "position": "0", "is_active": "on"}
    rows = {
        f"bands-{place}-{name}": value
        for place, band in enumerate(bands)
        for name, value in zip(("minimum", "price"), band, strict=True)
    }
    counts = {"bands-TOTAL_FORMS": len(bands), "bands-INITIAL_FORMS": int(first is not None)}
    known = {} if first is None else {"bands-0-id": first}
    return {**empty, **posted, **rows, **counts, **known, **fields}


def faults(answer: Any) -> dict[str, list[str]]:
    assert answer.status_code == 200
    found = {name: list(errors) for name, errors in answer.context["adminform"].form.errors.items()}
    [inline] = answer.context["inline_admin_formsets"]
    rows = {f"bands-{place}": sorted(errors) for place, errors in enumerate(inline.formset.errors) if errors}
    whole = {"bands": list(inline.formset.non_form_errors())} if inline.formset.non_form_errors() else {}
    return {**found, **rows, **whole}


def test_a_method_is_made_with_its_bands(manager: Client) -> None:
    posted = form(("0", "3.90"), ("1000", "5.90"), ("2000", ""), countries="gb, DE ie,", free_above="0.00")
    answer = manager.post(f"{PAGE}add/", posted, follow=True)
    assert said(answer)[1:] == []
    method = ShippingMethod.objects.get()
    assert (method.countries, method.price, method.free_above) == (["GB", "DE", "IE"], None, Decimal("0.00"))
    bands = method.bands.order_by("minimum").values_list("minimum", "price")
    assert [(int(minimum), price) for minimum, price in bands] == [
        (0, Decimal("3.90")),
        (1000, Decimal("5.90")),
        (2000, None),
    ]


def test_a_method_is_changed_and_its_page_shows_its_countries() -> None:
    method = make_method("post", None, (0, "3.90"), countries=["GB", "DE"])
    page = signed_in().get(f"{PAGE}{method.pk}/change/")
    assert page.context["adminform"].form["countries"].value() == "GB, DE"
    gone = {"bands-0-DELETE": "on", "kind": "flat", "price": "4.90"}
    band = ShippingBand.objects.get()
    seen = page.context["adminform"].form["seen"].value()
    posted = form(("0", "3.90"), first=band.pk, seen=seen, **gone)
    assert signed_in().post(f"{PAGE}{method.pk}/change/", posted).status_code == 302
    method.refresh_from_db()
    assert (method.kind, method.price, method.countries, method.bands.count()) == ("flat", Decimal("4.90"), [], 0)


@pytest.mark.parametrize(
    ("posted", "expected"),
    [
        (form(kind="flat"), {"price": ["Say what a parcel costs; 0 is free."]}),
        (form(kind="flat", price="-1"), {"price": ["This is less than nothing."]}),
        (form(kind="flat", price="1.001"), {"price": ["No coin is small enough for that."]}),
        (form(kind="flat", price="much"), {"price": ["Enter a number."]}),
        (form(("0", "1"), price="1"), {"price": ["The bands below say what it costs."]}),
        (form(("0", "1"), free_above="-1"), {"free_above": ["This is less than nothing."]}),
        (form(("0", "1"), countries="GB, England"), {"countries": ["There is no country ENGLAND."]}),
        (form(), {"bands": ["Say what a parcel costs, in one band at least."]}),
        (
            form(("0", "1"), kind="flat", price="1"),
            {"bands": ["It costs the same for every parcel, so that it has no bands."]},
        ),
        (form(("0", "1"), ("0.00", "2")), {"bands": ["Two bands begin at the same place."]}),
        (form(("-1", "1"), ("2", "1.001")), {"bands-0": ["minimum"], "bands-1": ["price"]}),
    ],
)
def test_what_cannot_be_is_told_where_it_is(
    posted: dict[str, Any], expected: dict[str, list[str]], manager: Client
) -> None:
    assert faults(manager.post(f"{PAGE}add/", posted)) == expected
    assert not ShippingMethod.objects.exists()


def test_two_methods_never_have_one_code(manager: Client) -> None:
    make_method("post", "1.00")
    answer = manager.post(f"{PAGE}add/", form(("0", "1")))
    assert faults(answer) == {"code": ["Shipping method with this Code already exists."]}
    assert ShippingMethod.objects.count() == 1


@pytest.mark.parametrize(
    ("posted", "warning"),
    [
        (
            form(kind="flat", price="4.90", free_above="50"),
            "Goods for 50.00 USD cost 50.00 USD with shipping, less than the 54.89 USD of goods for a little less.",
        ),
        (
            form(("0", "4.90"), ("500", "3.90")),
            "From 500 g a parcel costs 3.90 USD, less than the 4.90 USD of a lighter one.",
        ),
    ],
)
def test_a_price_that_rewards_more_than_is_needed_is_stored_and_told(
    posted: dict[str, Any], warning: str, manager: Client
) -> None:
    assert warning in said(manager.post(f"{PAGE}add/", posted, follow=True))
    assert ShippingMethod.objects.count() == 1


@pytest.mark.parametrize(
    ("least", "warnings"),
    [("0", []), ("40", ["Goods for 40.00 USD cost 32.00 USD with it, less than those for 39.99 USD without."])],
)
def test_a_coupon_that_rewards_more_than_is_needed_is_stored_and_told(
    least: str, warnings: list[str], manager: Client
) -> None:
    answer = manager.post(f"{COUPONS}add/", coupon_form(min_total=least), follow=True)
    assert [text for text in said(answer) if "without" in text] == warnings
    assert Coupon.objects.count() == 1


def test_the_list_tells_what_they_cost_in_as_many_queries_for_ten_as_for_one() -> None:
    client = signed_in()  # its session is kept in the cache from the first page on

    def look() -> tuple[int, str]:
        with CaptureQueriesContext(connection) as captured:
            page = client.get(PAGE)
        return len(captured), page.content.decode()

    make_method("post", None, (0, "3.90"), (1000, "5.90"), (2000, None), countries=["GB"], free_above=Decimal(50))
    few, page = look()
    assert "3.90 USD - 5.90 USD" in page
    assert "50.00 USD" in page
    for number in range(9):
        make_method(f"way{number}", "4.90")
    many, page = look()
    assert ("Everywhere" in page, many) == (True, few)
    make_method("never", None, (0, None))
    assert look()[0] == few


def test_who_may_only_look_sees_a_method_and_changes_nothing() -> None:
    method = make_method("post", "4.90")
    viewer = signed_in(make_viewer("orders.view_shippingmethod"))
    assert viewer.get(f"{PAGE}{method.pk}/change/").status_code == 200
    assert viewer.post(f"{PAGE}{method.pk}/change/", form(kind="flat", price="1")).status_code == 403
    assert ShippingMethod.objects.get().price == Decimal("4.90")
