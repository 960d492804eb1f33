"""Orders over HTTP: whoever may reads, moves, cancels and tracks them; to everybody else they are not there."""

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.tests.factories import make_user
from fantasize.tests.client import ApiClient
from orders.enums import OrderStatus
from orders.models import Order
from orders.tests.factories import make_order, move

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(pending: Order) -> Order:
    return pending


def test_nobody_reads_orders_without_signing_in() -> None:
    reply = ApiClient().get("/orders")
    assert reply.status == 401
    assert "Bearer" in reply.headers["WWW-Authenticate"]


def test_a_foreign_order_looks_absent(order: Order) -> None:
    stranger = ApiClient(make_user())
    for path in ("", "/track", "/status", "/cancel"):
        method = {"/status": "PUT", "/cancel": "POST"}.get(path, "GET")
        body = {"status": "cancelled"} if path == "/status" else {} if path == "/cancel" else None
        request_id = str(uuid.uuid4())
        foreign, absent = (
            stranger.call(method, f"/orders/{lookup}{path}", body, X_Request_ID=request_id)
            for lookup in (order.pk, uuid.uuid4())
        )
        assert (foreign.status, foreign.content) == (404, absent.content)
    assert stranger.get("/orders").data == []
    assert Order.objects.get(pk=order.pk).status == OrderStatus.PENDING


def test_a_malformed_id_is_absent() -> None:
    client = ApiClient(make_user())
    for lookup in ("abc", "0", "-1", "9" * 40, "%00", "1e3", "00000000-0000-0000-0000"):
        assert (lookup, client.get(f"/orders/{lookup}").status) == (lookup, 404)


def test_an_order_is_found_by_its_number_too(order: Order) -> None:
    assert ApiClient(order.user).get(f"/orders/{order.number}").data["id"] == str(order.pk)


def test_staff_see_all_orders_with_what_they_may_do(order: Order) -> None:
    seen = ApiClient(make_user(role="manager")).get(f"/orders/{order.pk}").data
    assert seen["allowed_transitions"] == ["processing", "cancelled"]


def test_staff_move_an_order_with_the_version_they_saw(order: Order) -> None:
    staff = ApiClient(make_user(role="manager"))
    path = f"/orders/{order.pk}/status"
    assert staff.call("PUT", path, {"status": "processing"}).status == 428
    stale = staff.call("PUT", path, {"status": "processing"}, If_Match='"9"')
    assert (stale.status, stale.body["current_version"]) == (412, 1)
    assert Order.objects.get(pk=order.pk).status == OrderStatus.PENDING
    moved = staff.call(
        "PUT", path, {"status": "SHIPPED", "carrier": "Royal Mail", "tracking_number": "RM1"}, If_Match='"1"'
    )
    assert (moved.status, moved.data["status"], moved.headers["ETag"]) == (200, "shipped", '"4"')
    assert moved.data["tracking"] == {"carrier": "Royal Mail", "number": "RM1", "url": None}


def test_an_illegal_move_says_what_is_legal(order: Order) -> None:
    staff = ApiClient(make_user(role="manager"))
    reply = staff.call("PUT", f"/orders/{order.pk}/status", {"status": "rejected", "note": "no"}, If_Match='"1"')
    assert (reply.status, reply.body["code"]) == (409, "illegal_transition")
    assert reply.body["allowed_transitions"] == ["processing", "cancelled"]


def test_a_shopper_may_not_move_their_own_order_but_may_cancel_it(order: Order) -> None:
    owner = ApiClient(order.user)
    assert owner.call("PUT", f"/orders/{order.pk}/status", {"status": "processing"}).status == 403
    assert Order.objects.get(pk=order.pk).status == OrderStatus.PENDING
    assert owner.post(f"/orders/{order.pk}/cancel", {"reason": "changed my mind"}).data["status"] == "cancelled"
    assert owner.call("DELETE", f"/orders/{order.pk}").status == 409


def test_deleting_an_order_cancels_it(order: Order) -> None:
    reply = ApiClient(order.user).call("DELETE", f"/orders/{order.pk}")
    assert (reply.status, reply.data["status"]) == (200, "cancelled")
    assert Order.objects.filter(pk=order.pk).exists()


def test_tracking_gives_the_events_after_a_position(order: Order) -> None:
    move(order, OrderStatus.PROCESSED)
    owner = ApiClient(order.user)
    track = owner.get(f"/orders/{order.pk}/track").data
    assert [event["seq"] for event in track["events"]] == [1, 2, 3]
    assert (track["status"], track["seq"]) == ("processed", 3)
    later = owner.get(f"/orders/{order.pk}/track?after=2").data
    assert [event["name"] for event in later["events"]] == ["order.processed"]
    assert owner.get(f"/orders/{order.pk}/track?after=9").data["seq"] == 3


def test_an_impossible_position_is_refused(order: Order) -> None:
    client = ApiClient(order.user)
    for after in ("-1", "x", "1.5", "99999999999", ""):
        reply = client.get(f"/orders/{order.pk}/track?after={after}")
        assert (after, reply.status, reply.faults) == (after, 422, {"after": "out_of_range"})


def test_the_list_costs_the_same_for_one_order_and_for_three() -> None:
    user = make_user()
    client = ApiClient(user)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/orders").status == 200
        return len(captured)

    make_order(user=user)
    one = queries()
    for _ in range(2):
        make_order(user=user)
    assert queries() == one
