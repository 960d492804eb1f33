"""Changing an order over HTTP: by its owner, by whoever has its link, by staff; and everything that is refused."""

import threading
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from accounts.models import User
from accounts.tests.factories import make_user
from catalog.tests.factories import make_package, make_product
from customizations.tests.factories import SPECIAL
from fantasize.core.models import DomainEvent
from fantasize.tests.client import ApiClient, Reply
from orders.enums import LinkScope, OrderStatus
from orders.models import Order
from orders.services import links
from orders.services.baskets import LineRequest
from orders.tests.customized import make_customizable, place
from orders.tests.factories import ADDRESS, make_order, move
from orders.tests.payment_shop import make_unpaid, open_page
from orders.tests.special import decide
from orders.tests.test_order_edits import everything, line_of

pytestmark = pytest.mark.django_db


def patch(who: User | None, order: Order, body: Any, query: str = "", method: str = "PATCH", **headers: str) -> Reply:
    return ApiClient(who).call(method, f"/orders/{order.pk}{query}", body, **headers)


def lines(order: Order, **change: Any) -> dict[str, Any]:
    return {"lines": [{"id": line_of(order).pk, **change}]}


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_an_owner_changes_an_order_that_waits(method: str) -> None:
    product, other = make_product(price="10.00", stock=9), make_product(price="1.50", stock=9)
    order = make_order(product=product)
    body = {
        "lines": [{"id": line_of(order).pk, "quantity": 2}, {"product": other.pk, "quantity": 1}],
        "shipping_address": {"line1": "1 New Street", "city": "Bath", "postal_code": "BA1 1AA", "country": "GB"},
        "is_gift": True,
        "gift_message": "For you",
        "recipient": {"name": "Bob", "email": "Bob@Example.com"},
        "is_anonymous": True,
        "expected_total": "21.50",
    }
    reply = patch(order.user, order, body, method=method)
    assert reply.status == 200
    assert reply.headers["ETag"] == '"2"'
    data = reply.data
    assert (data["totals"]["total"], [line["quantity"] for line in data["lines"]]) == ("21.50", [2, 1])
    assert (data["shipping_address"]["line1"], data["shipping_address"]["full_name"]) == (
        "1 New Street",
        "Ada Lovelace",
    )
    assert (data["gift_message"], data["recipient"]) == ("For you", {"name": "Bob", "email": "bob@example.com"})
    assert patch(order.user, order, {"is_gift": False, "recipient": None}).data["gift_message"] == ""
    assert Order.objects.get(pk=order.pk).recipient_name == ""


def test_answers_and_packages_are_changed_and_drawn() -> None:
    user, mug = make_user(), make_customizable(stock=9)
    part = make_product(stock=9)
    order = place(user, LineRequest(mug.pk, 1, answers={"colour": "red", "name": "Ada"}))
    before = patch(user, order, lines(order)).data["lines"][0]["proof_url"]
    body = lines(order, answers={"colour": "red", "name": "Bob"})
    body["lines"].append({"package": make_package((part, 2)).pk, "quantity": 1, "answers": {}, "parts": {}})
    reply = patch(user, order, body)
    assert reply.status == 200
    assert reply.data["lines"][0]["answers"]["name"] == "Bob"
    assert reply.data["lines"][0]["proof_url"] not in (None, before)


def test_a_dry_run_says_what_it_would_cost() -> None:
    order = make_order(product=make_product(price="10.00", stock=9), quantity=2)
    before = everything(order)
    reply = patch(order.user, order, lines(order, quantity=1), "?dry_run=1")
    assert (reply.status, "ETag" in reply.headers) == (200, False)
    told = {name: reply.data[name] for name in ("old_total", "new_total", "difference", "currency")}
    assert told == {"old_total": "20.00", "new_total": "10.00", "difference": "-10.00", "currency": "USD"}
    assert reply.data["quote"]["total"] == "10.00"
    assert patch(order.user, order, {"shipping_address": ADDRESS}, "?dry_run=1").data["quote"] is None
    assert patch(order.user, order, {}, "?dry_run=2").faults == {"dry_run": "invalid_choice"}
    assert patch(order.user, order, {"is_gift": True}, "?dry_run=1", Idempotency_Key="once").status == 200
    reused = patch(order.user, order, {"is_gift": True}, Idempotency_Key="once")
    assert (reused.status, reused.body["code"]) == (422, "idempotency_key_reused")
    assert everything(order) == before


def make_refusable() -> tuple[Order, list[tuple[dict[str, Any], str]]]:
    """An approved order, and what cannot become of it, with how that is refused."""
    user, plain = make_user(), make_product(price="10.00", stock=5)
    mug = make_customizable(SPECIAL, stock=5)
    order = place(
        user,
        LineRequest(plain.pk, 2),
        LineRequest(mug.pk, 1, answers={"colour": "red", "name": "Ada", "special": "In gold"}),
    )
    first, second = (line_of(order, position) for position in (1, 2))
    decide(second)
    kept, answers = {"id": first.pk}, {"colour": "red", "name": "Ada", "special": "In gold"}
    wanted: list[tuple[dict[str, Any], str]] = [
        ({"lines": [{"id": first.pk, "quantity": 6}, {"id": second.pk}]}, "out_of_stock"),
        ({"lines": [kept, {"id": second.pk, "answers": {**answers, "special": "In silver"}}]}, "approval_bound"),
        ({"lines": [kept, {"id": second.pk, "quantity": 2}]}, "approval_bound"),
        (
            {"lines": [kept, {"id": second.pk}, {"product": mug.pk, "quantity": 1, "answers": answers}]},
            "approval_bound",
        ),
        ({"lines": [kept, {"id": second.pk, "answers": {**answers, "name": "\U000131c0"}}]}, "invalid"),
        ({"lines": [kept, {"id": second.pk, "answers": {"colour": "purple"}}]}, "invalid"),
        ({"lines": [kept], "expected_total": "1.00"}, "price_changed"),
        ({"coupon": "NOSUCHCODE"}, "coupon_invalid"),
    ]
    return Order.objects.get(pk=order.pk), wanted


def files_there() -> list[Path]:
    return sorted(Path(settings.MEDIA_ROOT).rglob("*.png"))


def test_a_dry_run_is_refused_what_the_edit_would_be_and_leaves_nothing_behind() -> None:
    order, refused = make_refusable()
    answers = {"colour": "red", "name": "Eve"}
    new = {"product": make_customizable(stock=5).pk, "quantity": 1, "answers": answers}
    before, files = everything(order), files_there()
    for body, code in refused:
        dry, real = (patch(order.user, order, body, query) for query in ("?dry_run=1", ""))
        assert (dry.status, dry.body["code"]) == (real.status, real.body["code"])
        assert dry.body["code"] == code, body
        assert dry.body.get("errors") == real.body.get("errors")
    kept = [{"id": line_of(order, position).pk} for position in (1, 2)]
    assert patch(order.user, order, {"lines": [*kept, new]}, "?dry_run=1").status == 200
    assert everything(order) == before
    assert files_there() == files


def test_whoever_has_an_owners_link_may_and_a_recipient_may_not() -> None:
    order = make_order(product=make_product(stock=9))
    owner, recipient = (links.issue(order, scope=scope, actor="system") for scope in LinkScope)
    before = everything(order)
    assert patch(None, order, {"is_gift": True}, X_Order_Token=recipient).status == 404
    assert patch(None, order, {"is_gift": True}).status == 401
    assert patch(make_user(), order, {"is_gift": True}).status == 404
    assert everything(order) == before
    reply = patch(None, order, lines(order, quantity=2), X_Order_Token=owner)
    assert (reply.status, reply.data["lines"][0]["quantity"]) == (200, 2)
    assert DomainEvent.objects.get(name="order.edited").actor.startswith("link:")


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        ({"total": "1.00"}, {"/total": "unknown_field"}),
        ({"lines": []}, {"/lines": "min_length"}),
        ({"lines": [{"quantity": 1}]}, {"/lines/0/product": "required"}),
        ({"lines": [{"product": 1}]}, {"/lines/0/quantity": "required"}),
        ({"lines": [{"id": 1, "product": 1}]}, {"/lines/0/id": "exclusive", "/lines/0/product": "exclusive"}),
        ({"lines": [{"id": 1, "quantity": 0}]}, {"/lines/0/quantity": "min_value"}),
        ({"lines": [{"id": 10**12}]}, {"/lines/0/id": "does_not_exist"}),
        ({"lines": [{"id": 1, "price": "1"}]}, {"/lines/0/price": "unknown_field"}),
        ({"gift_message": "Hello"}, {"/gift_message": "not_a_gift"}),
        ({"shipping_method": "rocket"}, {"/shipping_method": "not_available"}),
    ],
)
def test_what_cannot_be_is_named_and_nothing_changes(body: dict[str, Any], faults: dict[str, str]) -> None:
    order = make_order()
    before = everything(order)
    reply = patch(order.user, order, body)
    assert (reply.status, reply.faults) == (422, faults)
    assert everything(order) == before


def test_refusals_by_what_the_order_is() -> None:
    paying, gone = make_unpaid(), move(make_order(), OrderStatus.SHIPPED)
    open_page(paying)
    before = everything(paying), everything(gone)
    reply = patch(paying.user, paying, lines(paying, quantity=2))
    assert (reply.status, reply.body["code"]) == (409, "payment_in_progress")
    reply = patch(gone.user, gone, lines(gone, quantity=2))
    assert (reply.status, reply.body["code"], reply.body["order_status"]) == (409, "not_editable", "shipped")
    assert (everything(paying), everything(gone)) == before


def test_staff_name_the_version_that_they_saw_and_owners_may() -> None:
    order, manager = make_order(), make_user(role="manager")
    assert patch(manager, order, {"is_gift": True}).status == 428
    assert patch(manager, order, {"is_gift": True}, If_Match='"9"').status == 412
    assert patch(order.user, order, {"is_gift": True}, If_Match='"9"').status == 412
    assert Order.objects.get(pk=order.pk).version == order.version
    assert patch(manager, order, {"is_gift": True}, If_Match='"1"').status == 200
    assert patch(order.user, order, {"is_gift": False}, If_Match='"2"').status == 200


def test_a_status_is_moved_as_by_its_own_address() -> None:
    order, manager = make_order(), make_user(role="manager")
    assert patch(order.user, order, {"status": "processing"}).status == 403
    assert patch(manager, order, {"status": "processing", "is_gift": True}, If_Match='"1"').status == 422
    for query, code in (("?dry_run=1", "not_allowed"), ("?dry_run=yes", "invalid_choice")):
        reply = patch(manager, order, {"status": "processing"}, query, If_Match='"1"')
        assert reply.faults == {"dry_run": code}
    assert Order.objects.get(pk=order.pk).status == "pending"
    reply = patch(manager, order, {"status": "Processing", "note": "Go"}, If_Match='"1"', method="PUT")
    assert (reply.status, reply.data["status"]) == (200, "processing")
    reply = patch(manager, order, lines(order, quantity=2), If_Match='"2"')
    assert (reply.status, reply.body["code"]) == (409, "payment_due")


@pytest.mark.django_db(transaction=True)
def test_of_two_edits_of_one_version_one_is_made() -> None:
    order = make_order(product=make_product(stock=99))
    body, barrier = lines(order), threading.Barrier(2)
    statuses: list[int] = []

    def run(quantity: int) -> None:
        try:
            change = {"lines": [{**body["lines"][0], "quantity": quantity}]}
            barrier.wait()
            statuses.append(patch(order.user, order, change, If_Match='"1"').status)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(quantity,)) for quantity in (5, 7)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200, 412]
    after = Order.objects.get(pk=order.pk)
    assert (after.version, after.holds.get().quantity) == (2, line_of(order).quantity)
