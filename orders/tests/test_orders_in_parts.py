"""Orders that are sent in parts: what staff look at first does not keep the rest waiting."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.tests.factories import make_user
from catalog.models import CouponRedemption, Product, StockItem
from catalog.services.coupons import NewCoupon, create_coupon
from catalog.tests.factories import make_product
from customizations.models import TemplateLink
from fantasize.core import guests, invariants
from fantasize.core.models import DomainEvent
from fantasize.tests.standing import Standing
from orders.enums import OrderStatus
from orders.models import CartLine, Hold, Order
from orders.services import placing
from orders.services.baskets import Basket
from orders.tests.buyers import Buyer, make_special, wish
from orders.tests.buyers import standing as everything
from orders.tests.factories import move
from orders.tests.terms import make_method

pytestmark = pytest.mark.django_db

ASKED = {"special": "A dragon on the handle"}


@pytest.fixture(scope="module")
def built_goods(standing: Standing) -> Callable[[], tuple[Product, Product]]:
    return standing(lambda: (make_product(price="5.00", stock=9), make_special(price="20.00", stock=9)))


@pytest.fixture
def goods(built_goods: Callable[[], tuple[Product, Product]]) -> tuple[Product, Product]:
    """What nobody has to look at, and what staff do."""
    return built_goods()


@pytest.fixture(params=["guest", "member"])
def buyer(request: pytest.FixtureRequest) -> Buyer:
    return Buyer(make_user() if request.param == "member" else None)


def mixed(plain: Product, special: Product) -> dict[str, Any]:
    return {"lines": [wish(special, answers=ASKED), wish(plain, 2), wish(special)], "ship_in_parts": True}


def other_of(told: dict[str, Any]) -> Order:
    [sibling] = told["siblings"]
    return Order.objects.get(pk=sibling["id"])


def test_what_waits_for_nobody_is_an_order_of_its_own(buyer: Buyer, goods: tuple[Product, Product]) -> None:
    plain, special = goods
    reply = buyer.order(**mixed(plain, special), expected_total="50.00")
    assert (reply.status, reply.data["status"], reply.data["totals"]["total"]) == (201, "pending", "30.00")
    assert [(line["product"], line["quantity"]) for line in reply.data["lines"]] == [(plain.pk, 2), (special.pk, 1)]
    first, second = Order.objects.order_by("number")
    assert (str(first.pk), second.number) == (reply.data["id"], first.number + 1)
    assert (second.status, second.total, second.lines.get().product) == ("under_review", Decimal("20.00"), special)
    assert first.group == second.group is not None
    assert Hold.objects.filter(order=first).count() == 2
    assert StockItem.objects.get(pk=special.stock_id).held == 2
    assert list(DomainEvent.objects.filter(name="order.placed").values_list("seq", flat=True)) == [1, 1]
    assert not any(invariants.violations().values())


def test_each_names_the_other(buyer: Buyer, goods: tuple[Product, Product]) -> None:
    told = buyer.order(**mixed(*goods)).data
    other = other_of(told)
    assert {name: told["siblings"][0][name] for name in ("id", "number", "status")} == {
        "id": str(other.pk),
        "number": other.number,
        "status": "under_review",
    }
    assert told["group"] == str(other.group)


def test_staff_find_the_other_and_who_gets_it(manager: Client, goods: tuple[Product, Product]) -> None:
    script = "<script>alert(1)</script>"
    body = mixed(*goods)
    told = Buyer().order(**body, recipient={"name": script, "email": "grace@example.com"}).data
    page = manager.get(f"/admin/orders/order/{told['id']}/change/").content.decode()
    assert (
        f'href="/admin/orders/order/{told["siblings"][0]["id"]}/change/">Order {told["siblings"][0]["number"]}<' in page
    )
    assert ("grace@example.com" in page, script in page) == (True, False)


def test_guests_get_a_token_for_each(goods: tuple[Product, Product]) -> None:
    buyer = Buyer()
    told = buyer.order(**mixed(*goods)).data
    [sibling] = told["siblings"]
    assert guests.is_token(sibling["access_token"])
    seen = buyer.call("GET", f"/orders/{sibling['id']}", X_Order_Token=sibling["access_token"])
    assert (seen.data["siblings"], seen.data["group"]) == (
        [{"id": told["id"], "number": told["number"], "status": "pending"}],
        told["group"],
    )
    assert buyer.call("GET", f"/orders/{told['id']}", X_Order_Token=sibling["access_token"]).status == 404


def test_the_list_can_be_narrowed_to_a_group_and_costs_the_same_for_many() -> None:
    buyer, plain, special = Buyer(make_user()), make_product(stock=99), make_special(stock=99)
    buyer.buy(plain)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert buyer.client.get("/orders").status == 200
        return len(captured)

    first = buyer.order(**mixed(plain, special)).data
    one = queries()
    buyer.order(**mixed(plain, special))
    assert queries() == one
    found = buyer.client.get(f"/orders?group={first['group']}").data
    assert {each["id"] for each in found} == {first["id"], first["siblings"][0]["id"]}
    assert buyer.client.get("/orders?group=x").status == 422
    assert Buyer(make_user()).client.get(f"/orders?group={first['group']}").data == []


@pytest.mark.parametrize("is_special", [False, True])
def test_what_is_all_of_one_kind_stays_together(buyer: Buyer, *, is_special: bool) -> None:
    product = make_special(stock=9)
    line = wish(product, answers=ASKED if is_special else {})
    told = buyer.order(lines=[line, wish(product, 2, **({"answers": ASKED} if is_special else {}))], ship_in_parts=True)
    assert (told.data["group"], told.data["siblings"], len(told.data["lines"])) == (None, [], 2)
    assert told.data["status"] == ("under_review" if is_special else "pending")


def test_otherwise_all_waits_together(buyer: Buyer, goods: tuple[Product, Product]) -> None:
    body = mixed(*goods)
    told = buyer.order(**{**body, "ship_in_parts": False}).data
    assert (told["status"], len(told["lines"]), told["group"]) == ("under_review", 3, None)


def test_a_cart_is_sent_in_parts_too(buyer: Buyer, goods: tuple[Product, Product]) -> None:
    plain, special = goods
    buyer.put(special, answers=ASKED)
    buyer.put(plain)
    told = buyer.order(from_cart=True, ship_in_parts=True).data
    assert (told["lines"][0]["product"], other_of(told).lines.get().product) == (plain.pk, special)
    assert not CartLine.objects.exists()


@pytest.mark.parametrize(("least", "off"), [("10", ("1.00", "0.00")), ("15", ("0.00", "2.00")), ("21", None)])
def test_a_coupon_is_used_for_the_first_that_comes_to_enough(
    least: str, off: tuple[str, str] | None, goods: tuple[Product, Product]
) -> None:
    create_coupon(new=NewCoupon(code="TENTH", percent=Decimal(10), min_total=Decimal(least)))
    plain, special = goods
    lines = [wish(plain, 2), wish(special, answers=ASKED)]
    before = everything()
    reply = Buyer().order(lines=lines, ship_in_parts=True, coupon="TENTH")
    if off is None:
        assert (reply.status, reply.body["code"], everything()) == (409, "coupon_min_total", before)
        return
    other = other_of(reply.data)
    assert (reply.data["totals"]["discounts"], f"{other.discount_total:.2f}") == off
    assert CouponRedemption.objects.get().reference == (reply.data["id"] if off[1] == "0.00" else str(other.pk))
    assert not any(invariants.violations().values())


def test_each_parcel_is_paid_for_and_the_total_shown_is_of_both(goods: tuple[Product, Product]) -> None:
    make_method("post", "4.00")
    body = mixed(*goods)
    before = everything()
    refused = Buyer().order(**body, expected_total="54.00")
    assert (refused.status, refused.body["code"], refused.body["total"]) == (409, "price_changed", "58.00")
    assert [quote["total"] for quote in refused.body["quotes"]] == ["34.00", "24.00"]
    assert everything() == before
    told = Buyer().order(**body, expected_total="58.00").data
    assert (told["totals"]["shipping"], other_of(told).shipping_total) == ("4.00", Decimal(4))


def test_if_one_part_is_short_neither_is_placed(buyer: Buyer) -> None:
    plain, special = make_product(stock=9), make_special(stock=1)
    before = everything()
    reply = buyer.order(**mixed(plain, special))
    assert (reply.status, reply.body["available"]) == (409, {str(special.pk): 1})
    assert everything() == before


def test_what_is_not_asked_any_more_by_then_is_not_sold_without_its_answers(
    buyer: Buyer, monkeypatch: pytest.MonkeyPatch, goods: tuple[Product, Product]
) -> None:
    body, judge = mixed(*goods), placing.require_possible
    before = everything()

    def retire(basket: Basket) -> None:
        judge(basket)
        TemplateLink.objects.update(is_live=False)

    monkeypatch.setattr(placing, "require_possible", retire)
    reply = buyer.order(**body)
    assert (reply.status, set(reply.faults.values())) == (422, {"no_options"})
    assert everything() == before


def test_what_becomes_of_one_does_not_touch_the_other(goods: tuple[Product, Product]) -> None:
    told = Buyer(make_user()).order(**mixed(*goods)).data
    move(Order.objects.get(pk=told["id"]), OrderStatus.CANCELLED)
    assert other_of(told).status == "under_review"
    assert not any(invariants.violations().values())


def test_a_dozen_lines_cost_as_many_queries_as_two() -> None:
    buyer, special = Buyer(make_user()), make_special(stock=99)
    products = [make_product(stock=99) for _ in range(11)]

    def queries(count: int) -> int:
        lines = [wish(special, answers=ASKED), *map(wish, products[: count - 1])]
        with CaptureQueriesContext(connection) as captured:
            assert len(buyer.order(lines=lines, ship_in_parts=True).data["lines"]) == count - 1
        return len(captured)

    queries(2)
    assert queries(2) == queries(12)
