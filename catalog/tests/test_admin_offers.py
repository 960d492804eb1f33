"""Offers and coupons in the admin: written by the services, told where something is wrong."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from unittest.mock import Mock, patch

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.admin.coupon import CouponForm
from catalog.admin.discount import DiscountForm
from catalog.admin.offer import OfferAdmin
from catalog.models import Category, Coupon, CouponRedemption, Offer, Product
from catalog.services import coupons, prices
from catalog.services.coupons import NewCoupon, create_coupon, redeem
from catalog.services.offers import update_offer
from catalog.tests.factories import make_offer, make_package, make_product
from fantasize.core import clock
from fantasize.core.admin.base import BUSY
from fantasize.core.errors import FieldError
from fantasize.tests.staff import make_viewer, said, signed_in

pytestmark = pytest.mark.django_db

OFFERS, COUPONS = "/admin/catalog/offer/", "/admin/catalog/coupon/"


def window(starts_at: Any = None, ends_at: Any = None) -> dict[str, str]:
    """The fields of a window as the form posts them."""
    moments = {"starts_at": starts_at or clock.now(), "ends_at": ends_at}
    local = {name: timezone.localtime(moment) if moment else None for name, moment in moments.items()}
    return {
        f"{name}_{part}": f"{moment:{pattern}}" if moment else ""
        for name, moment in local.items()
        for part, pattern in ((0, "%Y-%m-%d"), (1, "%H:%M:%S"))
    }


def offer_form(**fields: Any) -> dict[str, Any]:
    return {"name": "Spring", "percent": "20", "amount": "", "is_active": "on", **window(), **fields}


def coupon_form(**fields: Any) -> dict[str, Any]:
    empty = dict.fromkeys(("amount", "max_uses", "max_uses_per_customer"), "")
    return {"code": "SPRING", "percent": "20", "min_total": "0", "is_active": "on", **empty, **window(), **fields}


def errors_in(answer: Any) -> dict[str, list[str]]:
    assert answer.status_code == 200
    return {name: list(found) for name, found in answer.context["adminform"].form.errors.items()}


def price_of(product: Product) -> Decimal:
    return Product.objects.get(pk=product.pk).price


def test_an_offer_is_made_with_what_it_is_on() -> None:
    product, box = make_product(price="10.00"), make_package(own_price=Decimal("20.00"))
    category = Category.objects.create(name="Garden", slug="garden")
    below = make_product(price="10.00", category=Category.objects.create(name="L", slug="l", parent=category))
    targets = {"products": [product.pk], "packages": [box.pk], "categories": [category.pk]}
    assert signed_in().post(f"{OFFERS}add/", offer_form(**targets)).status_code == 302
    offer = Offer.objects.get()
    assert (offer.name, offer.percent, list(offer.categories.all())) == ("Spring", Decimal(20), [category])
    box.refresh_from_db()
    assert (price_of(product), price_of(below), box.price) == (Decimal("8.00"), Decimal("8.00"), Decimal("16.00"))


def test_an_offer_is_changed_and_its_prices_follow() -> None:
    first, second = make_product(price="10.00"), make_product(price="10.00")
    offer = make_offer(percent="20", products=[first.pk])
    form = offer_form(percent="", amount="3", products=[second.pk], expected_version=1, **window(offer.starts_at))
    assert signed_in().post(f"{OFFERS}{offer.pk}/change/", form).status_code == 302
    assert (price_of(first), price_of(second)) == (Decimal("10.00"), Decimal("7.00"))
    assert Offer.objects.get().version == 2


def test_every_fault_is_told_at_its_field_and_nothing_is_made() -> None:
    now = clock.now()
    wrong = offer_form(name="", percent="0", amount="0", products=[10**6], **window(now, now - timedelta(hours=1)))
    assert errors_in(signed_in().post(f"{OFFERS}add/", wrong)).keys() == {
        "name",
        "products",
        "percent",
        "amount",
        "ends_at",
    }
    wrong = offer_form(percent="101", amount="1", **window(now, now - timedelta(hours=1)))
    assert errors_in(signed_in().post(f"{OFFERS}add/", wrong)) == {
        "percent": [
            "Say only one of percent and amount.",
            "A percentage is more than 0, at most 100, and has at most two decimals.",
        ],
        "amount": ["Say only one of percent and amount."],
        "ends_at": ["It ends before it starts."],
    }
    assert not Offer.objects.exists()


def test_of_two_who_edit_one_offer_the_second_is_told() -> None:
    offer = make_offer(name="Old", percent="20")
    client = signed_in()
    opened = client.get(f"{OFFERS}{offer.pk}/change/").context["adminform"].form.initial["expected_version"]
    update_offer(offer=offer, changes={"percent": Decimal(50)})
    answer = client.post(f"{OFFERS}{offer.pk}/change/", offer_form(expected_version=opened))
    assert said(answer) == ["The offer was changed meanwhile."]
    assert list(Offer.objects.values_list("name", "percent")) == [("Old", Decimal(50))]


def test_who_waited_in_vain_for_somebody_else_is_told_and_nothing_is_saved(monkeypatch: pytest.MonkeyPatch) -> None:
    product = make_product()
    offer = make_offer(percent="10", products=[product.pk])
    monkeypatch.setattr(prices, "refresh_prices", Mock(side_effect=OperationalError("deadlock detected")))
    page = f"{OFFERS}{offer.pk}/change/"
    client = signed_in()
    answer = client.post(page, offer_form(products=[product.pk], expected_version="1"))
    assert (answer.status_code, said(client.get(page))) == (302, [BUSY])
    assert Offer.objects.get().percent == Decimal(10)
    with pytest.raises(OperationalError), patch.object(OfferAdmin, "get_object", side_effect=OperationalError):
        client.get(page)


def test_an_offer_is_ended_and_its_prices_follow() -> None:
    product = make_product(price="10.00")
    first, second = (make_offer(percent="20", products=[product.pk]) for _ in range(2))
    client = signed_in()
    assert client.post(f"{OFFERS}{first.pk}/delete/", {"post": "yes"}).status_code == 302
    client.post(OFFERS, {"action": "delete_selected", "_selected_action": [second.pk], "post": "yes"})
    assert not Offer.objects.exists()
    assert price_of(product) == Decimal("10.00")


def test_the_list_says_what_is_on_and_when() -> None:
    now, product = clock.now(), make_product()
    category = Category.objects.create(name="Garden", slug="garden")
    make_offer(name="Now", percent="12.5", products=[product.pk], categories=[category.pk])
    make_offer(name="Later", amount="2", starts_at=now + timedelta(hours=1), products=[product.pk, make_product().pk])
    make_offer(name="Gone", percent="5", starts_at=now - timedelta(hours=2), ends_at=now - timedelta(hours=1))
    make_offer(name="Off", percent="5", is_active=False)
    client = signed_in()
    page = client.get(OFFERS).content.decode()
    for text in (
        'data-discount="running">Running<',
        'data-discount="scheduled">Scheduled<',
        'data-discount="over">Over<',
        'data-discount="off">Switched off<',
        "12.5 %",
        "2.00 USD",
        "1 product, 1 category",
        "2 products",
        "Nothing",
    ):
        assert text in page
    found = client.get(f"{OFFERS}?state=scheduled").context["cl"].result_list
    assert [offer.name for offer in found] == ["Later"]
    assert len(client.get(f"{OFFERS}?state=never").context["cl"].result_list) == 4
    assert len(client.get(f"{OFFERS}?q=la").context["cl"].result_list) == 1


def test_the_page_shows_what_it_does() -> None:
    product = make_product(name="Oak lantern", price="10.00")
    offer = make_offer(name="Small", percent="10", products=[product.pk])
    make_offer(name="Big one", percent="30", products=[product.pk])
    page = signed_in().get(f"{OFFERS}{offer.pk}/change/").content.decode()
    for text in ("Oak lantern", "9.00", "7.00 USD", "Big one is better"):
        assert text in page
    assert "It is on nothing yet." in signed_in().get(f"{OFFERS}{make_offer(percent='1').pk}/change/").content.decode()
    assert "What it does" not in signed_in().get(f"{OFFERS}add/").content.decode()


def test_things_are_found_by_name_to_put_them_on_offer() -> None:
    product = make_product(name="Oak lantern")
    query = {"app_label": "catalog", "model_name": "offer", "field_name": "products", "term": "oak"}
    found = signed_in().get("/admin/autocomplete/", query).json()["results"]
    assert [row["id"] for row in found] == [str(product.pk)]
    assert signed_in().get("/admin/autocomplete/", query | {"term": "oak\0"}).json()["results"] == []


def test_a_coupon_is_made_and_changed() -> None:
    client = signed_in()
    assert client.post(f"{COUPONS}add/", coupon_form(max_uses="5")).status_code == 302
    coupon = Coupon.objects.get()
    form = coupon_form(percent="", amount="5.00", max_uses="9", expected_version=1, **window(coupon.starts_at))
    assert client.post(f"{COUPONS}{coupon.pk}/change/", form).status_code == 302
    coupon.refresh_from_db()
    assert (coupon.code, coupon.percent, coupon.amount, coupon.max_uses) == ("SPRING", None, Decimal("5.00"), 9)


def test_a_coupon_that_cannot_be_is_told() -> None:
    create_coupon(new=NewCoupon(code="Spring", percent=Decimal(5)))
    client = signed_in()
    wrong = errors_in(client.post(f"{COUPONS}add/", coupon_form(code="a b", percent="", max_uses="0")))
    assert wrong.keys() == {"code", "percent", "amount", "max_uses"}
    taken = errors_in(client.post(f"{COUPONS}add/", coupon_form()))
    assert {name: list(told) for name, told in taken.items()} == {"code": ["Another coupon has this code."]}
    assert Coupon.objects.count() == 1


def test_every_fault_that_only_the_service_finds_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        coupons, "own_faults", lambda *_, **__: iter([FieldError("/code", "duplicate", "It is taken.")])
    )
    monkeypatch.setattr(CouponForm, "clean", DiscountForm.clean)
    assert said(signed_in().post(f"{COUPONS}add/", coupon_form())) == ["The coupon cannot be like this. It is taken."]


def test_uses_of_a_coupon_are_counted_and_listed() -> None:
    coupon = create_coupon(new=NewCoupon(code="SPRING", percent=Decimal(5), max_uses=3))
    for order in ("first", "second"):
        redeem(code="SPRING", customer="user:1", reference=order, items_total=Decimal("10.00"), at=clock.now())
    CouponRedemption.objects.filter(reference="second").update(released_at=clock.now())
    client = signed_in()
    address = f"/admin/catalog/couponredemption/?coupon__id__exact={coupon.pk}"
    assert f'href="{address}">1 of 3</a>' in client.get(COUPONS).content.decode()
    page = client.get(address).content.decode()
    for text in ("first", "second", "0.50 USD", ">Used<", ">Given back<"):
        assert text in page
    assert len(client.get("/admin/catalog/couponredemption/?q=first").context["cl"].result_list) == 1


def test_a_coupon_that_was_used_is_switched_off_and_not_deleted() -> None:
    used, fresh = (create_coupon(new=NewCoupon(code=code, percent=Decimal(5))) for code in ("USED", "FRESH"))
    redeem(code="USED", customer="user:1", reference="1", items_total=Decimal("10.00"), at=clock.now())
    client = signed_in()
    assert client.post(f"{COUPONS}{used.pk}/delete/", {"post": "yes"}).status_code == 403
    assert client.post(f"{COUPONS}{fresh.pk}/delete/", {"post": "yes"}).status_code == 302
    assert list(Coupon.objects.values_list("code", flat=True)) == ["USED"]


@pytest.mark.parametrize("path", ["offer", "coupon", "couponredemption"])
def test_lists_take_as_many_queries_for_three_rows_as_for_one(path: str) -> None:
    client, counts = signed_in(), []
    for number in range(3):
        make_offer(percent="5", products=[make_product().pk])
        create_coupon(new=NewCoupon(code=f"CODE{number}", percent=Decimal(5)))
        redeem(code=f"CODE{number}", customer="user:1", reference=str(number), items_total=Decimal(1), at=clock.now())
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/admin/catalog/{path}/").status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[2]


def test_who_may_only_look_changes_nothing() -> None:
    offer = make_offer(name="Old", percent="20")
    client = signed_in(make_viewer("catalog.view_offer"))
    assert client.get(f"{OFFERS}{offer.pk}/change/").status_code == 200
    assert client.post(f"{OFFERS}{offer.pk}/change/", offer_form()).status_code == 403
    assert client.post(f"{OFFERS}add/", offer_form()).status_code == 403
    assert list(Offer.objects.values_list("name", flat=True)) == ["Old"]
