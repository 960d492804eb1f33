"""Carts over HTTP: what their owners put there, and what they are told of it."""

import uuid
from typing import Any

import pytest

from accounts.tests.factories import make_user
from catalog.models import Product
from catalog.tests.factories import make_product
from customizations.caching import previews
from customizations.models import Upload
from fantasize.core import guests
from fantasize.tests.client import ApiClient
from orders.models import Cart, CartLine
from orders.services import carts
from orders.services.baskets import LineRequest
from orders.tests.customized import PHOTO, make_customizable, make_customizable_package, send_picture
from orders.tests.shoppers import Shopper

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["guest", "member"])
def shopper(request: pytest.FixtureRequest) -> Shopper:
    return Shopper(make_user() if request.param == "member" else None)


def test_something_is_put_counted_changed_and_taken_out(shopper: Shopper) -> None:
    mug = make_product(name="Mug", price="8.00")
    put = shopper.put(mug, 2)
    assert put.status == 201
    [line] = put.data["lines"]
    assert (line["product"]["id"], line["product"]["name"], line["product"]["slug"]) == (mug.pk, "Mug", mug.slug)
    assert (line["package"], line["name"], line["quantity"], line["answers"], line["notices"]) == (
        None,
        "Mug",
        2,
        {},
        [],
    )
    assert (line["unit_price"], line["once"], line["line_total"], line["is_orderable"]) == (
        "8.00",
        "0.00",
        "16.00",
        True,
    )
    assert line["stages"] == [{"stage": "list_price", "rule": "list price", "amount": "8.00"}]
    assert (put.data["quote"], put.data["is_orderable"]) == (
        {"items": "16.00", "total": "16.00", "currency": "USD"},
        True,
    )
    again = shopper.put(mug, 3)
    assert "token" not in again.data
    assert [(each["id"], each["quantity"]) for each in again.data["lines"]] == [(line["id"], 5)]
    changed = shopper.call("PATCH", f"/cart/items/{line['id']}", {"quantity": 1})
    assert (changed.status, changed.data["lines"][0]["line_total"]) == (200, "8.00")
    assert shopper.look() == {**changed.data}
    removed = shopper.call("DELETE", f"/cart/items/{line['id']}")
    assert (removed.status, removed.content) == (204, b"")
    assert (shopper.look()["lines"], shopper.look()["is_orderable"]) == ([], False)


def test_answers_are_shown_with_labels_and_prices_for_the_thing_and_for_each_part(shopper: Shopper) -> None:
    mug = make_customizable(price="8.00")
    box = make_customizable_package((mug, 2), own_price=15)
    put = shopper.put(box, answers={"card": "Hi\nyou"}, parts={str(mug.pk): {"colour": "gold", "name": "Ada"}})
    [line] = put.data["lines"]
    assert (line["product"], line["package"]["id"], line["answers"]) == (None, box.pk, {"card": "Hi\nyou"})
    assert [(each["label"], each["text"]) for each in line["answered"]] == [("Card", "Hi\nyou")]
    [part] = line["parts"]
    assert (part["product"], part["name"], part["quantity"]) == (mug.pk, mug.name, 2)
    assert part["answers"] == {"colour": "gold", "name": "Ada"}
    assert [(each["label"], each["text"]) for each in part["answered"]] == [
        ("Colour", "Gold leaf"),
        ("Name to engrave", "Ada"),
    ]
    assert [(each["part"], each["key"], each["amount"]) for each in line["surcharges"]] == [
        (None, "card", "3.00"),
        (mug.pk, "colour", "9.00"),
    ]
    assert (line["unit_price"], line["needs_approval"], line["preview_url"]) == ("27.00", False, None)


def test_a_picture_that_was_drawn_a_moment_ago_is_shown_and_none_is_drawn(shopper: Shopper) -> None:
    mug = make_customizable()
    wish = {"product": mug.pk, "answers": {"colour": "red"}}
    drawn = shopper.client.post("/customizations/preview", wish).data["preview_url"]
    assert drawn
    shopper.put(mug, answers={"colour": "red"})
    shopper.put(mug, answers={"colour": "gold"})
    assert [line["preview_url"] for line in shopper.look()["lines"]] == [drawn, None]
    # Another process than the one that has drawn it.
    previews.forget()
    assert [line["preview_url"] for line in shopper.look()["lines"]] == [drawn, None]


def test_a_guest_gets_a_token_once_and_looking_makes_nothing() -> None:
    guest = Shopper()
    assert guest.look() == {
        "version": 0,
        "lines": [],
        "quote": {"items": "0.00", "total": "0.00", "currency": "USD"},
        "is_orderable": False,
    }
    assert not Cart.objects.exists()
    token = guest.put(make_product()).data["token"]
    assert guests.is_token(token)
    assert Cart.objects.get().owner == guests.principal_of(token)
    assert token not in str(list(Cart.objects.values()))


def test_a_token_of_an_upload_opens_a_cart_and_an_unknown_one_shows_an_empty_one() -> None:
    guest = Shopper(token=guests.new_token())
    assert guest.look()["lines"] == []
    assert "token" not in guest.put(make_product()).data
    assert len(guest.look()["lines"]) == 1


@pytest.mark.parametrize("is_member", [False, True], ids=["guest", "member"])
def test_a_token_that_is_none_is_refused(is_member: bool) -> None:  # noqa: FBT001 - a case
    odd = Shopper(make_user() if is_member else None, token="short")
    mug = make_product()
    for reply in (odd.call("GET", "/cart"), odd.put(mug), odd.call("DELETE", "/cart")):
        assert (reply.status, reply.body["code"]) == (400, "cart_token_malformed")
    assert not Cart.objects.exists()


def test_lines_of_others_look_like_lines_that_are_not_there(shopper: Shopper) -> None:
    shopper.put(make_product())
    [line] = CartLine.objects.all()
    strangers = [Shopper(make_user()), Shopper(), Shopper(token=guests.new_token())]
    strangers[0].put(make_product())
    before = list(CartLine.objects.order_by("pk").values())
    request_id = str(uuid.uuid4())
    for stranger in strangers:
        for method, body in (("PATCH", {"quantity": 5}), ("DELETE", None)):
            foreign = stranger.call(method, f"/cart/items/{line.pk}", body, X_Request_ID=request_id)
            absent = stranger.call(method, f"/cart/items/{10**9}", body, X_Request_ID=request_id)
            assert (foreign.status, foreign.content) == (404, absent.content)
    assert [shopper.call("DELETE", f"/cart/items/{name}").status for name in ("x", "0", "%00", f"0{line.pk}")] == [
        404
    ] * 4
    assert list(CartLine.objects.order_by("pk").values()) == before


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        ({}, {"/quantity": "required", "/product": "required"}),
        ({"product": 1, "quantity": 0}, {"/quantity": "min_value"}),
        ({"product": 1, "quantity": -1}, {"/quantity": "min_value"}),
        ({"product": 1, "quantity": 1.5}, {"/quantity": "invalid"}),
        ({"product": 1, "quantity": True}, {"/quantity": "invalid"}),
        ({"product": 1, "quantity": 1001}, {"/quantity": "max_value"}),
        ({"product": 2**63, "quantity": 1}, {"/product": "max_value"}),
        ({"product": 1, "package": 1, "quantity": 1}, {"/product": "exclusive", "/package": "exclusive"}),
        (
            {"product": 1, "quantity": 1, "unit_price": "0.01", "price": "0.01", "line_total": "0.01", "user": "x"},
            dict.fromkeys(("/unit_price", "/price", "/line_total", "/user"), "unknown_field"),
        ),
        ({"product": 10**9, "quantity": 1}, {"/product": "does_not_exist"}),
        ({"package": 10**9, "quantity": 1}, {"/package": "does_not_exist"}),
        ({"product": 1, "quantity": 1, "answers": ["red"]}, {"/answers": "invalid"}),
        ({"package": 1, "quantity": 1, "parts": {"x": {}}}, {"/parts/x": "invalid"}),
    ],
)
def test_what_is_no_line_is_refused_and_makes_no_cart(body: dict[str, Any], faults: dict[str, str]) -> None:
    reply = Shopper().call("POST", "/cart/items", body)
    assert (reply.status, reply.faults) == (422, faults)
    assert not Cart.objects.exists()


def test_what_is_no_change_is_refused_and_changes_nothing(shopper: Shopper) -> None:
    mug = make_customizable(PHOTO)
    foreign = send_picture(make_user())
    shopper.put(mug, answers={"colour": "red"})
    before = (list(Cart.objects.values()), list(CartLine.objects.values()))
    for body, faults in (
        ({"quantity": 0}, {"/quantity": "min_value"}),
        ({"product": 1, "unit_price": "1"}, {"/product": "unknown_field", "/unit_price": "unknown_field"}),
        ({"answers": {}}, {"/answers/colour": "required"}),
        (
            {"answers": {"colour": "pink", "size": "x"}},
            {"/answers/colour": "unknown_choice", "/answers/size": "unknown_option"},
        ),
        ({"answers": {"colour": "red", "photo": str(foreign.pk)}}, {"/answers/photo": "unknown_upload"}),
        ({"parts": {"1": {"colour": "red"}}}, {"/parts/1": "unknown_part"}),
        ({"acknowledge_price": "yes"}, {"/acknowledge_price": "invalid"}),
    ):
        reply = shopper.call("PATCH", f"/cart/items/{CartLine.objects.get().pk}", body)
        assert (reply.status, reply.faults) == (422, faults)
    assert (list(Cart.objects.values()), list(CartLine.objects.values())) == before


def test_whoever_says_which_version_they_act_on_overwrites_nothing(shopper: Shopper) -> None:
    mug = make_product()
    first = shopper.put(mug)
    stale, pk = first.headers["ETag"], first.data["lines"][0]["id"]
    assert stale.startswith('"1-')
    shopper.put(mug)
    writes = [
        ("POST", "/cart/items", {"product": mug.pk, "quantity": 1}),
        ("PATCH", f"/cart/items/{pk}", {"quantity": 9}),
        ("DELETE", f"/cart/items/{pk}", None),
        ("DELETE", "/cart", None),
    ]
    for write in writes:
        reply = shopper.call(*write, If_Match=stale)
        assert (reply.status, reply.body["code"], reply.body["current_version"]) == (412, "precondition_failed", 2)
    assert CartLine.objects.get().quantity == 2
    assert shopper.call(*writes[1], If_Match=f'"{Cart.objects.get().version}"').status == 200
    assert shopper.call("GET", "/cart", If_None_Match=shopper.call("GET", "/cart").headers["ETag"]).status == 304
    assert shopper.call("DELETE", "/cart").status == 204
    assert (shopper.look()["lines"], shopper.call("DELETE", "/cart").status) == ([], 204)


def test_who_has_no_cart_empties_nothing() -> None:
    assert [Shopper(who).call("DELETE", "/cart").status for who in (None, make_user())] == [204, 204]
    reply = Shopper().call("DELETE", "/cart", If_Match='"7"')
    assert (reply.status, reply.body["current_version"]) == (412, 0)
    assert not Cart.objects.exists()


def test_one_key_puts_it_there_once() -> None:
    guest, mug = Shopper(token=guests.new_token()), make_product()
    body = {"product": mug.pk, "quantity": 2}
    replies = [guest.call("POST", "/cart/items", body, Idempotency_Key="once") for _ in range(3)]
    assert [reply.status for reply in replies] == [201] * 3
    assert len({reply.content for reply in replies}) == 1
    assert CartLine.objects.get().quantity == 2


def test_signing_in_brings_what_a_guest_has_in_their_cart() -> None:
    mug, user = make_customizable(PHOTO), make_user()
    guest = Shopper(token=guests.new_token())
    photo = send_picture(user)
    Upload.objects.update(owner=guests.principal_of(str(guest.token)))
    guest.put(mug, answers={"colour": "gold", "photo": str(photo.pk)})
    member = Shopper(user, token=guest.token)
    [line] = member.look()["lines"]
    assert (line["answers"]["photo"], line["notices"]) == (str(photo.pk), [])
    assert Upload.objects.get().owner == user.actor
    assert (Cart.objects.get().user, Shopper(token=guest.token).look()["lines"]) == (user, [])
    assert len(member.look()["lines"]) == len(Shopper(user).look()["lines"]) == 1


@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE"])
def test_any_write_brings_it_too(method: str) -> None:
    mug, lamp, user = make_product(), make_product(), make_user()
    own = carts.put(owner=user.actor, wish=LineRequest(lamp.pk, 1)).lines[0].line.pk
    guest = Shopper()
    guest.put(mug)
    path = "/cart/items" if method == "POST" else f"/cart/items/{own}"
    body = {"POST": {"product": lamp.pk, "quantity": 1}, "PATCH": {"quantity": 2}}.get(method)
    assert Shopper(user, token=guest.token).call(method, path, body).status in {200, 201, 204}
    things = {product.pk: quantity for product, quantity in _content()}
    assert things == {mug.pk: 1} | ({} if method == "DELETE" else {lamp.pk: 2})
    assert Cart.objects.get().user == user


def _content() -> list[tuple[Product, int]]:
    return [(line.product, line.quantity) for line in CartLine.objects.select_related("product") if line.product]


def test_programs_have_no_cart(settings: Any) -> None:
    settings.API_KEYS = ["shop:a-key-of-the-tests:orders+catalog"]
    for method, path in (("GET", "/cart"), ("POST", "/cart/items"), ("DELETE", "/cart")):
        assert ApiClient().call(method, path, {}, X_API_Key="a-key-of-the-tests").status == 403
