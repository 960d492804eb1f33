"""Orders without an account: an address is enough, and a token opens what came of it."""

import uuid
from decimal import Decimal
from typing import Any

import pytest
from pytest_django import Settings

from accounts.tests.factories import make_user
from catalog.models import CouponRedemption
from catalog.services.coupons import NewCoupon, create_coupon
from catalog.tests.factories import make_product
from customizations.tests.factories import make_upload
from fantasize.core import guests
from fantasize.core.models import DomainEvent, IdempotencyRecord
from fantasize.tests.client import ApiClient
from orders.models import Order, OrderLine
from orders.services import privacy, reorders
from orders.tests.buyers import GUEST, Buyer, standing, wish
from orders.tests.customized import PHOTO, make_customizable
from orders.tests.factories import ADDRESS

pytestmark = pytest.mark.django_db


def test_a_guest_orders_by_address_alone() -> None:
    product = make_product(price="12.50", stock=5)
    reply = Buyer().buy(product, 2)
    assert (reply.status, reply.data["totals"]["total"]) == (201, "25.00")
    assert guests.is_token(reply.data["access_token"])
    order = Order.objects.get(pk=reply.data["id"])
    assert (order.user, order.email, order.status) == (None, GUEST.lower(), "pending")
    assert DomainEvent.objects.get(aggregate_id=str(order.pk)).actor == "guest"


def test_the_answer_is_repeated_to_the_byte_with_its_token() -> None:
    buyer, product, key = Buyer(), make_product(stock=5), str(uuid.uuid4())
    first, again = (buyer.buy(product, key=key) for _ in range(2))
    assert (first.status, again.status, first.content) == (201, 201, again.content)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.data["access_token"]
    assert Order.objects.count() == 1


def test_whoever_has_an_account_gets_no_token_and_gives_no_address() -> None:
    buyer, product = Buyer(make_user()), make_product()
    assert "access_token" not in buyer.buy(product).data
    before = standing()
    assert buyer.buy(product, email=GUEST).faults == {"/email": "read_only"}
    assert standing() == before


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        ({"email": ...}, {"/email": "required"}),
        ({"email": "nobody"}, {"/email": "invalid"}),
        ({"email": f"{'a' * 250}@example.com"}, {"/email": "max_length"}),
        ({"email": None}, {"/email": "null"}),
        ({"email": "a\x00@example.com"}, {"/email": "invalid_character"}),
        ({"shipping_address": ...}, {"/shipping_address": "required"}),
        ({"shipping_address": {**ADDRESS, "full_name": " "}}, {"/shipping_address/full_name": "blank"}),
        (
            {"shipping_address": {name: ADDRESS[name] for name in ADDRESS if name != "full_name"}},
            {"/shipping_address/full_name": "required"},
        ),
        ({"email": ..., "shipping_address": ...}, {"/email": "required", "/shipping_address": "required"}),
    ],
)
def test_a_guest_says_where_they_and_their_parcel_are_found(body: dict[str, Any], faults: dict[str, str]) -> None:
    product = make_product()
    before = standing()
    reply = Buyer().buy(product, **body)
    assert (reply.status, reply.faults) == (422, faults)
    assert standing() == before


def test_the_token_opens_that_order_and_no_other() -> None:
    buyer, product = Buyer(), make_product(stock=5)
    mine, other = buyer.buy(product).data, buyer.buy(product).data
    token = mine["access_token"]
    paths = {"": "GET", "/track": "GET", "/checkout": "POST", "/cancel": "POST"}
    for path, method in paths.items():
        body: dict[str, Any] | None = {} if method == "POST" else None
        key = str(uuid.uuid4())
        foreign = buyer.call(method, f"/orders/{other['id']}{path}", body, X_Order_Token=token, Idempotency_Key=key)
        assert foreign.status == 404
        assert buyer.call(method, f"/orders/{mine['id']}{path}", body, Idempotency_Key=key).status == 401
    seen = buyer.call("GET", f"/orders/{mine['number']}", X_Order_Token=token)
    assert (seen.status, seen.data["id"]) == (200, mine["id"])
    assert "access_token" not in seen.data
    assert buyer.call("GET", f"/orders/{mine['id']}/track", X_Order_Token=token).data["status"] == "pending"
    gone = buyer.call("POST", f"/orders/{mine['id']}/cancel", {"reason": "too late"}, X_Order_Token=token)
    assert (gone.status, gone.data["status"]) == (200, "cancelled")
    assert Order.objects.get(pk=other["id"]).status == "pending"


def test_the_token_shows_what_it_looks_like() -> None:
    buyer, mug = Buyer(), make_customizable()
    placed = buyer.order(lines=[wish(mug, answers={"colour": "red"})]).data
    path = placed["lines"][0]["proof_url"].partition("/api/v2")[2]
    assert buyer.call("GET", path, X_Order_Token=placed["access_token"]).headers["Content-Type"] == "image/png"
    other = buyer.buy(make_product()).data
    assert buyer.call("GET", path, X_Order_Token=other["access_token"]).status == 404
    assert buyer.call("GET", path).status == 401


def test_a_guest_pays_with_the_token() -> None:
    buyer = Buyer()
    placed = buyer.buy(make_product(), payment_method="hosted").data
    path, key = f"/orders/{placed['id']}/checkout", str(uuid.uuid4())
    opened = buyer.call("POST", path, {}, X_Order_Token=placed["access_token"], Idempotency_Key=key)
    assert (opened.status, bool(opened.data["redirect_url"])) == (200, True)


def test_a_guests_pictures_are_theirs_alone() -> None:
    mug, guest, stranger = make_customizable(PHOTO), Buyer(token=guests.new_token()), Buyer(token=guests.new_token())
    picture = make_upload(owner=guests.principal_of(str(guest.token)))
    line = wish(mug, answers={"colour": "red", "photo": str(picture.pk)})
    before = standing()
    for buyer in (stranger, Buyer(), Buyer(make_user())):
        assert buyer.order(lines=[line]).faults == {"/lines/0/answers/photo": "unknown_upload"}
    assert standing() == before


def test_what_a_guest_ordered_with_their_picture_can_be_ordered_again(picture_of_guest: Any) -> None:
    line, token = picture_of_guest
    order = Order.objects.with_lines().get(pk=Buyer(token=token).order(lines=[line]).data["id"])
    found = reorders.check(order)
    assert (found.changes, found.lines[0]["answers"]["photo"]) == ([], line["answers"]["photo"])


@pytest.fixture
def picture_of_guest() -> tuple[dict[str, Any], str]:
    """A line with a picture of a guest's own, and the guest's token."""
    token = guests.new_token()
    plain = {name: value for name, value in PHOTO.items() if name != "placement"}
    mug = make_customizable(plain)
    picture = make_upload(owner=guests.principal_of(token))
    return wish(mug, answers={"colour": "red", "photo": str(picture.pk)}), token


def test_a_coupon_is_counted_by_address_however_it_is_written() -> None:
    create_coupon(new=NewCoupon(code="ONCE", percent=Decimal(10), max_uses_per_customer=1))
    product = make_product(price="10.00", stock=5)
    assert Buyer().buy(product, coupon="ONCE").data["totals"]["total"] == "9.00"
    again = Buyer(token=guests.new_token()).buy(product, coupon="ONCE", email=GUEST.upper())
    assert (again.status, again.body["code"]) == (409, "coupon_invalid")
    assert CouponRedemption.objects.get().customer == f"email:{GUEST.lower()}"
    assert Buyer().buy(product, coupon="ONCE", email="ada@example.com").status == 201


def test_with_a_guests_order_the_address_that_its_coupon_is_counted_by_is_forgotten() -> None:
    create_coupon(new=NewCoupon(code="ONCE", percent=Decimal(10), max_uses=1))
    user, product = make_user(email=GUEST.lower()), make_product(stock=5)
    placed = Buyer().buy(product, coupon="ONCE").data
    others = Buyer().buy(product, email="ada@example.com").data
    Buyer().call("POST", f"/orders/{placed['id']}/cancel", {}, X_Order_Token=placed["access_token"])
    privacy.forget(user.pk)
    assert GUEST.lower() not in str(list(CouponRedemption.objects.values()))
    assert Order.objects.get(pk=others["id"]).email == "ada@example.com"


def test_guests_orders_are_counted_by_address(settings: Settings) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "orders": "2/1h"}
    product = make_product(stock=9)
    statuses = [Buyer(token=guests.new_token()).buy(product).status for _ in range(3)]
    assert statuses == [201, 201, 429]
    assert Buyer(make_user()).buy(product).status == 201
    assert Order.objects.count() == 3


@pytest.mark.parametrize("prefix", ["", "/api", "/api/v1", "/api/v0"])
def test_calls_of_the_earlier_system_need_no_headers(prefix: str) -> None:
    product = make_product(stock=9)
    body = {"lines": [wish(product)], "payment_method": "cash_on_delivery", "shipping_address": ADDRESS}
    person = ApiClient(make_user(), prefix=prefix).post("/orders", body)
    guest = ApiClient(prefix=prefix).post("/orders", {**body, "email": GUEST})
    assert (person.status, guest.status) == (201, 201)
    told = guest.data if prefix == "/api" else guest.body
    assert guests.is_token(told["access_token"])
    assert OrderLine.objects.count() == 2
    assert not IdempotencyRecord.objects.exists()
