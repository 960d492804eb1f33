"""Orders with answers over HTTP: what they show, to whom, and what is drawn when."""

import hashlib
import threading
import uuid
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection

from accounts.tests.factories import make_user
from catalog.models import StockItem
from catalog.tests.factories import make_product
from customizations.services import proofs
from customizations.tests.factories import SPECIAL
from fantasize.tests.client import ApiClient, Reply
from fantasize.tests.waiting import PATIENCE_SECONDS
from orders.models import Order
from orders.services.baskets import LineRequest
from orders.tests.customized import PHOTO, make_customizable, make_customizable_package, place, send_picture
from orders.tests.factories import ADDRESS

pytestmark = pytest.mark.django_db


def order(client: ApiClient, *lines: dict[str, Any], key: str = "", **more: Any) -> Reply:
    body = {"lines": list(lines), "payment_method": "cash_on_delivery", "shipping_address": ADDRESS, **more}
    return client.post("/orders", body, Idempotency_Key=key or str(uuid.uuid4()))


def proof_path(url: str) -> str:
    return url.partition("/api/v2")[2]


def test_an_order_shows_answers_with_labels_surcharges_and_proofs() -> None:
    user, mug = make_user(), make_customizable(PHOTO, price="8.00")
    package = make_customizable_package((mug, 2), own_price=15)
    picture = send_picture(user)
    reply = order(
        ApiClient(user),
        {"product": mug.pk, "quantity": 1, "answers": {"colour": "gold", "photo": str(picture.pk)}},
        {"package": package.pk, "quantity": 1, "answers": {"card": "Hi"}, "parts": {str(mug.pk): {"colour": "red"}}},
    )
    assert reply.status == 201
    own, box = reply.data["lines"]
    assert (own["product"], own["package"], own["unit_price"], own["once"]) == (mug.pk, None, "12.50", "0.00")
    assert own["answers"] == {"colour": "gold", "photo": str(picture.pk)}
    assert [(each["label"], each["text"], each["type"]) for each in own["answered"]] == [
        ("Colour", "Gold leaf", "button"),
        ("Your photo", "", "image"),
    ]
    assert own["surcharges"] == [
        {
            "part": None,
            "key": "colour",
            "label": "Colour: Gold leaf",
            "mode": "fixed",
            "amount": "4.50",
            "is_once": False,
        }
    ]
    assert (box["product"], box["package"], box["proof_url"], box["line_total"]) == (None, package.pk, None, "16.50")
    [part] = box["parts"]
    assert (part["product"], part["quantity"], part["answers"], part["answered"][0]["text"]) == (
        mug.pk,
        2,
        {"colour": "red"},
        "Red",
    )
    assert own["proof_url"] != part["proof_url"]


def test_a_proof_is_shown_to_the_owner_and_staff_and_is_not_there_for_others() -> None:
    user = make_user()
    client = ApiClient(user)
    placed = order(client, {"product": make_customizable().pk, "quantity": 1, "answers": {"colour": "red"}}).data
    url = proof_path(placed["lines"][0]["proof_url"])
    for reader in (client, ApiClient(make_user(role="manager"))):
        reply = reader.get(url)
        assert (reply.status, reply.headers["Content-Type"]) == (200, "image/png")
        assert reply.headers["Cache-Control"] == "private, no-store"
        assert reply.headers["X-Content-Type-Options"] == "nosniff"
        assert reply.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert hashlib.sha256(reply.content).hexdigest() == url.rpartition("/")[2]
    stranger, absent = ApiClient(make_user()), f"/orders/proofs/{'0' * 64}"
    assert stranger.get(url).status == stranger.get(absent).status == 404
    assert stranger.get(url).body["code"] == stranger.get(absent).body["code"] == "not_found"
    assert [client.get(f"/orders/proofs/{name}").status for name in ("x", "%00", url.upper())] == [404, 404, 404]
    assert ApiClient().get(url).status == 401


@pytest.mark.parametrize(
    ("line", "faults"),
    [
        ({"quantity": 1}, {"/lines/0/product": "required"}),
        (
            {"product": 1, "package": 1, "quantity": 1},
            {"/lines/0/product": "exclusive", "/lines/0/package": "exclusive"},
        ),
        ({"product": 1, "quantity": 1, "answers": ["red"]}, {"/lines/0/answers": "invalid"}),
        ({"package": 1, "quantity": 1, "parts": {"x": {}}}, {"/lines/0/parts/x": "invalid"}),
        ({"package": 1, "quantity": 1, "parts": []}, {"/lines/0/parts": "invalid"}),
        ({"product": 10**6, "quantity": 1}, {"/lines/0/product": "does_not_exist"}),
        ({"package": 10**6, "quantity": 1}, {"/lines/0/package": "does_not_exist"}),
    ],
)
def test_lines_that_are_none_are_refused(line: dict[str, Any], faults: dict[str, str]) -> None:
    reply = order(ApiClient(make_user()), line)
    assert (reply.status, reply.faults) == (422, faults)
    assert not Order.objects.exists()


def test_nothing_is_drawn_inside_the_transaction_that_keeps_the_answer() -> None:
    """A test is in a transaction of its own; another one would be a savepoint in it."""
    depths: list[int] = []

    def draw(thing: Any) -> Any:
        depths.append(len(connection.savepoint_ids))
        return original(thing)

    original = proofs.draw
    product = make_customizable()
    line = {"product": product.pk, "quantity": 1, "answers": {"colour": "red"}}
    client = ApiClient(make_user())
    before = len(connection.savepoint_ids)
    with patch.object(proofs, "draw", draw):
        assert order(client, line, key="one").status == 201
        assert order(client, line, key="one").headers["Idempotency-Replayed"] == "true"
    assert depths == [before]


@pytest.mark.django_db(transaction=True)
def test_a_twin_waits_for_no_drawing_and_draws_nothing() -> None:
    product, user = make_customizable(), make_user()
    line = {"product": product.pk, "quantity": 1, "answers": {"colour": "red"}}
    drawing, go_on = threading.Event(), threading.Event()
    original = proofs.draw
    replies: list[Reply] = []

    def draw(thing: Any) -> Any:
        drawing.set()
        assert go_on.wait(PATIENCE_SECONDS)
        return original(thing)

    def first() -> None:
        try:
            replies.append(order(ApiClient(user), line, key="same"))
        finally:
            connection.close()

    with patch.object(proofs, "draw", side_effect=draw) as draws:
        thread = threading.Thread(target=first)
        thread.start()
        assert drawing.wait(PATIENCE_SECONDS)
        twin = order(ApiClient(user), line, key="same")
        other = order(ApiClient(user), {"product": make_product().pk, "quantity": 1}, key="other")
        go_on.set()
        thread.join()
    assert (twin.status, twin.body["code"]) == (409, "request_in_flight")
    assert (replies[0].status, other.status, draws.call_count) == (201, 201, 1)
    again = order(ApiClient(user), line, key="same")
    assert (again.status, again.content) == (201, replies[0].content)


def test_a_refused_drawing_frees_the_key() -> None:
    client, product = ApiClient(make_user()), make_customizable()
    line = {"product": product.pk, "quantity": 1, "answers": {"colour": "red", "name": "\U00012000"}}
    reply = order(client, line, key="one")
    assert (reply.status, reply.faults) == (422, {"/lines/0/answers/name": "glyph_missing"})
    assert order(client, {**line, "answers": {"colour": "red"}}, key="one").status == 201


def test_what_is_short_is_said_before_anything_is_drawn_or_judged() -> None:
    client, mug, box = ApiClient(make_user()), make_customizable(stock=3), make_product(stock=9)
    package = {"package": make_customizable_package((mug, 2), (box, 1)).pk, "quantity": 1, "parts": {}}
    line = {"product": mug.pk, "quantity": 2, "answers": {"colour": "red"}}
    wrong = {**line, "answers": {"colour": "no such", "name": "Ada"}}
    with patch.object(proofs, "draw") as draws:
        for lines in (
            [line, package],
            [wrong, package],
            [{**line, "quantity": 4}, {"product": box.pk, "quantity": 10}],
        ):
            reply = order(client, *lines, expected_total="0.01", coupon="NONE")
            assert (reply.status, reply.body["code"], reply.body["available"][str(mug.pk)]) == (409, "out_of_stock", 3)
    assert reply.body["available"] == {str(mug.pk): 3, str(box.pk): 9}
    assert (draws.call_count, Order.objects.exists(), StockItem.objects.filter(held__gt=0).exists()) == (
        0,
        False,
        False,
    )


def test_a_special_request_waits_for_staff() -> None:
    product = make_customizable(SPECIAL)
    line = {"product": product.pk, "quantity": 1, "answers": {"colour": "red", "special": "With a cat."}}
    placed = order(ApiClient(make_user()), line).data
    assert (placed["status"], placed["timestamps"]["pending_at"]) == ("under_review", None)
    manager = ApiClient(make_user(role="manager"))
    moved = manager.call("PUT", f"/orders/{placed['id']}/status", {"status": "pending"}, If_Match='"1"')
    assert (moved.status, moved.body["code"], moved.body["lines"]) == (
        409,
        "approval_missing",
        [placed["lines"][0]["id"]],
    )
    verdict = {"line": placed["lines"][0]["id"], "decision": "approve"}
    approved = manager.call("POST", f"/orders/{placed['id']}/review", verdict, If_Match='"1"')
    assert (approved.status, approved.data["status"]) == (200, "pending")


def test_an_order_says_how_it_can_be_placed_again() -> None:
    user, product = make_user(), make_customizable()
    client = ApiClient(user)
    placed = order(client, {"product": product.pk, "quantity": 2, "answers": {"colour": "red"}}).data
    reply = client.get(f"/orders/{placed['id']}/reorder")
    assert (reply.status, reply.data["changes"]) == (200, [])
    assert order(client, *reply.data["lines"]).status == 201
    product.delete()
    gone = client.get(f"/orders/{placed['id']}/reorder").data
    assert (gone["lines"], gone["changes"][0]["code"], gone["changes"][0]["line"]) == (
        [],
        "not_sold",
        placed["lines"][0]["id"],
    )
    assert ApiClient(make_user()).get(f"/orders/{placed['id']}/reorder").status == 404


def test_staff_find_orders_by_answer_and_font() -> None:
    user, mug = make_user(), make_customizable(stock=50)
    package = make_customizable_package((mug, 1))
    gold = place(user, LineRequest(mug.pk, 1, answers={"colour": "gold", "name": "Ada"}))
    in_part = place(user, LineRequest(package_id=package.pk, parts={mug.pk: {"colour": "gold"}}))
    red = place(make_user(), LineRequest(mug.pk, 1, answers={"colour": "red"}))
    place(user, LineRequest(make_product().pk, 1))
    manager = ApiClient(make_user(role="manager"))

    def found(query: str, client: ApiClient = manager) -> set[str]:
        return {row["id"] for row in client.get(f"/orders?{query}").data}

    assert found("answer=colour:gold") == {str(gold.pk), str(in_part.pk)}
    assert found("answer=colour:red") == {str(red.pk)}
    assert found("answer=colour:red", ApiClient(user)) == set()
    assert found("font=serif") == {str(gold.pk)}
    assert found("answer=name:Ada&font=serif&status=pending") == {str(gold.pk)}
    assert found("answer=name:O'Hara%22]") == found("font=none") == set()
    refused = manager.get("/orders?answer=gold")
    assert (refused.status, refused.faults) == (422, {"answer": "invalid"})
