"""Orders of what is in a cart: all of it, as it was when its proofs were drawn, and once."""

from collections import Counter
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.tests.factories import make_user
from catalog.models import StockItem
from catalog.tests.factories import make_product
from catalog.tests.races import at_once
from customizations.models import Proof
from customizations.services import snapshots
from fantasize.core import guests, outbox
from orders.models import Cart, CartLine, Order, OrderLine
from orders.services import carts, checkout, holds
from orders.services.baskets import LineRequest
from orders.tests.buyers import Buyer, standing
from orders.tests.customized import make_customizable, make_customizable_package

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["guest", "member"])
def buyer(request: pytest.FixtureRequest) -> Buyer:
    return Buyer(make_user() if request.param == "member" else None)


def owner_of(buyer: Buyer) -> str:
    return Cart.objects.get().owner


def test_the_order_is_of_what_is_in_the_cart_and_the_cart_ends(buyer: Buyer) -> None:
    mug = make_customizable(price="8.00", stock=9)
    box = make_customizable_package((mug, 2), own_price=15)
    red, gold = {"colour": "red"}, {"colour": "gold", "name": "Ada"}
    buyer.put(mug, 2, answers=gold)
    buyer.put(box, answers={"card": "Hi"}, parts={str(mug.pk): red})
    reply = buyer.order(from_cart=True, expected_total="41.50")
    assert reply.status == 201
    first, second = reply.data["lines"]
    assert (first["product"], first["quantity"], first["answers"]) == (mug.pk, 2, gold)
    assert (second["package"], second["answers"], second["parts"][0]["answers"]) == (box.pk, {"card": "Hi"}, red)
    assert first["proof_url"]
    assert (Cart.objects.get().ordered_at is None, CartLine.objects.count()) == (False, 0)
    assert buyer.look()["lines"] == []


def test_what_was_ordered_is_not_ordered_again_and_a_new_cart_is(buyer: Buyer) -> None:
    mug = make_product(stock=9)
    buyer.put(mug)
    assert buyer.order(from_cart=True).status == 201
    before = standing()
    again = buyer.order(from_cart=True)
    assert (again.status, again.body["code"]) == (409, "cart_already_ordered")
    assert standing() == before
    buyer.put(mug, 3)
    assert buyer.order(from_cart=True).data["lines"][0]["quantity"] == 3


_NEITHER_OR_BOTH: list[tuple[dict[str, Any], dict[str, str]]] = [
    ({}, {"/lines": "required"}),
    ({"from_cart": False}, {"/lines": "required"}),
    ({"from_cart": "yes"}, {"/from_cart": "invalid", "/lines": "required"}),
    ({"from_cart": None}, {"/from_cart": "null", "/lines": "required"}),
    (
        {"from_cart": True, "lines": [{"product": 1, "quantity": 1}]},
        {"/from_cart": "exclusive", "/lines": "exclusive"},
    ),
    ({"from_cart": True, "lines": []}, {"/from_cart": "exclusive", "/lines": "exclusive"}),
    ({"from_cart": 1}, {"/from_cart": "invalid", "/lines": "required"}),
]


def test_it_is_the_cart_or_lines(buyer: Buyer) -> None:
    buyer.put(make_product())
    before = standing()
    for body, faults in _NEITHER_OR_BOTH:
        reply = buyer.order(**body)
        assert (body, reply.status, reply.faults) == (body, 422, faults)
        assert standing() == before


def test_nobodys_cart_and_others_are_nobodys_to_order() -> None:
    owner, token = Buyer(make_user()), guests.new_token()
    owner.put(make_product())
    Buyer(token=token).put(make_product())
    before = standing()
    for stranger in (Buyer(), Buyer(token=guests.new_token()), Buyer(make_user())):
        reply = stranger.order(from_cart=True)
        assert (reply.status, reply.faults) == (422, {"/from_cart": "cart_empty"})
    malformed = Buyer(token="x").order(from_cart=True)
    assert (malformed.status, malformed.body["code"]) == (400, "cart_token_malformed")
    assert standing() == before


def test_an_emptied_cart_is_no_order(buyer: Buyer) -> None:
    buyer.put(make_product())
    buyer.call("DELETE", "/cart")
    assert buyer.order(from_cart=True).faults == {"/from_cart": "cart_empty"}
    assert not Order.objects.exists()


def test_who_signs_in_orders_what_they_had_put_there_as_a_guest() -> None:
    guest, user = Buyer(), make_user()
    guest.put(make_product(name="Mug"), 2)
    order = Buyer(user, token=guest.token).order(from_cart=True).data
    assert [(line["name"], line["quantity"]) for line in order["lines"]] == [("Mug", 2)]
    assert Order.objects.get().user == user


def test_a_line_that_cannot_be_had_keeps_the_cart_and_everything_else(buyer: Buyer) -> None:
    plain, short = make_product(stock=5), make_product(stock=1)
    buyer.put(plain)
    buyer.put(short, 2)
    before = standing()
    reply = buyer.order(from_cart=True)
    assert (reply.status, reply.body["code"], reply.body["available"]) == (409, "out_of_stock", {str(short.pk): 1})
    assert standing() == before


def test_what_breaks_off_leaves_nothing_behind(buyer: Buyer, monkeypatch: pytest.MonkeyPatch) -> None:
    mug = make_customizable(stock=9)
    buyer.put(mug, answers={"colour": "red"})
    before, proofs = standing(), Proof.objects.count()

    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError

    for where, name in ((carts, "close"), (outbox, "publish"), (holds, "record_holds"), (checkout, "next_numbers")):
        with monkeypatch.context() as patch:
            patch.setattr(where, name, fail)
            assert (name, buyer.order(from_cart=True).status) == (name, 500)
        assert (standing(), Proof.objects.count()) == (before, proofs)
    assert buyer.order(from_cart=True).status == 201


def test_a_cart_that_changes_while_it_is_drawn_is_looked_at_again(
    buyer: Buyer, monkeypatch: pytest.MonkeyPatch
) -> None:
    mug, more = make_customizable(stock=9), make_product(stock=9)
    buyer.put(mug, answers={"colour": "red"})
    owner, draw = Cart.objects.get().owner, snapshots.draw

    def draw_and_put(*args: Any, **options: Any) -> Any:
        carts.put(owner=owner, wish=LineRequest(more.pk))
        return draw(*args, **options)

    monkeypatch.setattr(snapshots, "draw", draw_and_put)
    reply = buyer.order(from_cart=True)
    assert (reply.status, reply.body["code"]) == (409, "options_changed")
    assert (Order.objects.exists(), StockItem.objects.filter(held__gt=0).exists()) == (False, False)
    assert CartLine.objects.count() == 2


def test_proofs_are_drawn_outside_the_transaction(buyer: Buyer, monkeypatch: pytest.MonkeyPatch) -> None:
    depths, draw = [], snapshots.draw

    def note(*args: Any, **options: Any) -> Any:
        depths.append(len(connection.savepoint_ids))
        return draw(*args, **options)

    monkeypatch.setattr(snapshots, "draw", note)
    buyer.put(make_customizable(), answers={"colour": "red"})
    outside = len(connection.savepoint_ids)
    assert buyer.order(from_cart=True).status == 201
    assert depths == [outside]


def test_a_dozen_lines_cost_as_many_queries_as_one(buyer: Buyer) -> None:
    products = [make_product(stock=200) for _ in range(12)]

    def queries(count: int) -> int:
        buyer.put(products[0])
        cart = Cart.objects.get(ordered_at=None)
        line = cart.lines.get()
        CartLine.objects.bulk_create(
            CartLine(
                cart=cart,
                product=each,
                name=each.name,
                quantity=2,
                fingerprint=str(each.pk),
                unit_price=line.unit_price,
                currency=line.currency,
            )
            for each in products[1:count]
        )
        with CaptureQueriesContext(connection) as captured:
            assert len(buyer.order(from_cart=True).data["lines"]) == count
        return len(captured)

    queries(1)
    assert queries(1) == queries(3) == queries(12)


def click(buyer: Buyer, times: int) -> Counter[Any]:
    """What somebody is answered who clicks so often at once, each click with a key of its own."""
    clicks = [Buyer(token=buyer.token) for _ in range(times)]
    for each in clicks:
        each.client.headers = buyer.client.headers
    replies = at_once(*(lambda each=each: each.order(from_cart=True) for each in clicks))
    return Counter(reply.body.get("code", reply.status) for reply in replies)


@pytest.mark.django_db(transaction=True)
def test_of_fifty_clicks_at_once_one_orders() -> None:
    buyer, mug = Buyer(), make_product(stock=100)
    buyer.put(mug, 2)
    assert click(buyer, 50) == {201: 1, "cart_already_ordered": 49}
    assert (Order.objects.count(), OrderLine.objects.count()) == (1, 1)
    assert StockItem.objects.get(pk=mug.stock_id).held == 2


@pytest.mark.django_db(transaction=True)
def test_without_the_cart_s_lock_more_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control."""
    monkeypatch.setattr(carts, "find_locked", carts.find)
    buyer = Buyer(make_user())
    buyer.put(make_product(stock=100))
    assert click(buyer, 20)[201] > 1
