"""Links over HTTP: made, listed, taken back, and what an order's token opens."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import transaction

from accounts.models import User
from accounts.tests.factories import make_user
from catalog.models import StockItem
from fantasize.core import clock
from fantasize.tests.client import ApiClient, Reply
from orders import selectors
from orders.enums import LinkScope, OrderStatus
from orders.models import Order, OrderLink, Payment
from orders.services import links
from orders.tests.factories import make_order, move
from orders.tests.payment_shop import make_unpaid

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(unpaid: Order) -> Order:
    return unpaid


@pytest.fixture
def owner(order: Order) -> User:
    assert order.user
    return order.user


def holder_of(order: Order, scope: LinkScope = LinkScope.OWNER, *, prefix: str = "/api/v2") -> ApiClient:
    """Somebody without an account who has a link to the order."""
    client = ApiClient(prefix=prefix)
    client.headers = {"X-Order-Token": links.issue(order, scope=scope, actor="system")}
    return client


def told(reply: Reply) -> dict[str, Any]:
    """A refusal without what differs from call to call."""
    return {name: reply.body[name] for name in reply.body if name not in ("request_id", "instance")}


def test_an_owner_makes_a_link_for_who_gets_it(owner: User, order: Order) -> None:
    reply = ApiClient(owner).post(f"/orders/{order.pk}/links", {"scope": "recipient"})
    assert reply.status == 201
    assert reply.data["url"].endswith(f"/track/{reply.data['token']}")
    assert links.get_holder(reply.data["token"]).scope is LinkScope.RECIPIENT
    link = OrderLink.objects.get()
    assert (str(link.pk), link.created_by) == (reply.data["id"], owner.actor)


def test_a_guest_makes_one_by_their_own(order: Order) -> None:
    reply = holder_of(order).post(f"/orders/{order.number}/links", {"scope": "recipient"})
    assert reply.status == 201
    assert OrderLink.objects.get(scope="recipient").created_by.startswith("link:")


def test_only_staff_make_links_for_the_owner(owner: User, order: Order) -> None:
    reply = ApiClient(owner).post(f"/orders/{order.pk}/links", {"scope": "owner"})
    assert (reply.status, reply.body["code"]) == (403, "permission_denied")
    assert not OrderLink.objects.exists()
    assert ApiClient(make_user(role="manager")).post(f"/orders/{order.pk}/links", {"scope": "owner"}).status == 201


def test_strangers_and_recipients_make_none(order: Order) -> None:
    path = f"/orders/{order.pk}/links"
    recipient = holder_of(order, LinkScope.RECIPIENT)
    for client, status in ((ApiClient(), 401), (ApiClient(make_user()), 404), (recipient, 404)):
        assert client.post(path, {"scope": "recipient"}).status == status
        assert client.get(path).status == status
        assert client.call("DELETE", f"{path}/{OrderLink.objects.get().pk}").status == status
    assert OrderLink.objects.get().is_live


@pytest.mark.parametrize("body", [{}, {"scope": "everything"}, {"scope": "recipient", "token": "mine"}])
def test_what_is_no_link_is_refused(owner: User, order: Order, body: dict[str, str]) -> None:
    assert ApiClient(owner).post(f"/orders/{order.pk}/links", body).status == 422
    assert not OrderLink.objects.exists()


def test_the_list_tells_no_token(owner: User, order: Order) -> None:
    client = ApiClient(owner)
    token = client.post(f"/orders/{order.pk}/links", {"scope": "recipient"}).data["token"]
    reply = client.get(f"/orders/{order.pk}/links")
    assert [row.keys() for row in reply.data] == [{"id", "scope", "created_at", "expires_at", "revoked_at"}]
    assert token not in reply.content.decode()


def test_a_link_that_was_taken_back_opens_nothing(owner: User, order: Order) -> None:
    holder = holder_of(order)
    assert holder.get(f"/orders/{order.pk}").status == 200
    client = ApiClient(owner)
    for _ in range(2):
        assert client.call("DELETE", f"/orders/{order.pk}/links/{OrderLink.objects.get().pk}").status == 204
    for path in ("", "/track"):
        reply = holder.get(f"/orders/{order.pk}{path}")
        assert (reply.status, reply.body["code"]) == (410, "link_revoked")


def test_a_link_of_another_order_is_not_there(owner: User, order: Order) -> None:
    other = make_order()
    links.issue(other, scope=LinkScope.OWNER, actor="system")
    for name in (OrderLink.objects.get().pk, uuid4(), "nonsense"):
        assert ApiClient(owner).call("DELETE", f"/orders/{order.pk}/links/{name}").status == 404
    assert OrderLink.objects.get().is_live


def test_the_owners_token_reads_and_cancels(order: Order) -> None:
    holder = holder_of(order)
    assert holder.get(f"/orders/{order.number}").data["totals"]["total"] == str(order.total)
    assert holder.post(f"/orders/{order.pk}/cancel", {"reason": "wrong colour"}).status == 200
    order.refresh_from_db()
    assert order.status == OrderStatus.CANCELLED
    assert StockItem.objects.get().held == 0


def test_the_owners_token_opens_the_page_to_pay_on(order: Order) -> None:
    reply = holder_of(order).post(f"/orders/{order.pk}/checkout", {}, Idempotency_Key="a")
    assert (reply.status, Payment.objects.get().order) == (200, order)
    assert reply.data["redirect_url"]


def test_the_recipients_token_neither_reads_nor_acts(order: Order) -> None:
    holder = holder_of(order, LinkScope.RECIPIENT)
    absent = told(ApiClient(make_user()).get(f"/orders/{uuid4()}"))
    calls = (("GET", ""), ("DELETE", ""), ("POST", "/cancel"), ("POST", "/checkout"), ("GET", "/links"))
    for method, path in calls:
        body: dict[str, str] | None = None if method == "GET" else {}
        assert told(holder.call(method, f"/orders/{order.pk}{path}", body, Idempotency_Key="a")) == absent
    order.refresh_from_db()
    assert (order.status, order.payments.count()) == (OrderStatus.PENDING, 0)


@pytest.mark.parametrize("scope", LinkScope)
def test_a_token_opens_its_own_order_alone(order: Order, scope: LinkScope) -> None:
    other, holder = make_order(), holder_of(order, scope)
    absent = told(holder.get(f"/orders/{uuid4()}"))
    for path in (f"/orders/{other.pk}", f"/orders/{other.number}", f"/orders/{other.pk}/track"):
        assert told(holder.get(path)) == absent
    assert holder.get("/orders").status == 401
    assert holder.get(f"/payments/{uuid4()}").status == 401


def test_wrong_and_expired_tokens_look_like_absent_orders(order: Order) -> None:
    holder, stranger = holder_of(order), ApiClient()
    stranger.headers = {"X-Order-Token": "a" * 43}
    absent = told(ApiClient(make_user()).get(f"/orders/{uuid4()}/track"))
    assert told(stranger.get(f"/orders/{order.pk}/track")) == absent
    with clock.frozen_at(OrderLink.objects.get().expires_at + timedelta(seconds=1)):
        assert told(holder.get(f"/orders/{order.pk}/track")) == absent


def test_the_token_counts_in_the_query_of_track_alone(order: Order) -> None:
    token = links.issue(order, scope=LinkScope.OWNER, actor="system")
    assert ApiClient().get(f"/orders/{order.pk}/track?token={token}").status == 200
    assert ApiClient().get(f"/orders/{order.pk}/track?token=guess").status == 404
    assert ApiClient().get(f"/orders/{order.pk}/track").status == 401
    assert ApiClient().get(f"/orders/{order.pk}?token={token}").status == 401


def test_one_key_under_two_tokens_is_two_calls() -> None:
    first, second = make_unpaid(), make_unpaid()
    path = f"/orders/{first.pk}/checkout"
    assert holder_of(first).post(path, {}, Idempotency_Key="1").status == 200
    assert holder_of(second).post(path, {}, Idempotency_Key="1").status == 404


@pytest.mark.parametrize("scope", LinkScope)
@pytest.mark.parametrize("prefix", ["/api/v0", "/api/v1", "/api/v2", "/api", ""])
def test_tracking_counts_every_event_for_everybody(order: Order, scope: LinkScope, prefix: str) -> None:
    move(order, OrderStatus.CANCELLED)
    reply = holder_of(order, scope, prefix=prefix).get(f"/orders/{order.pk}/track")
    data = reply.body.get("data", reply.body)
    assert [event["seq"] for event in data["events"]] == [1, 2]
    assert (data["status"], data["seq"]) == ("cancelled", 2)


def test_what_happens_while_it_is_read_is_told_now_or_next_time(order: Order, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the order and its events, and between these and the number of the last."""
    holder, find, count = holder_of(order), selectors.get_trackable, selectors.last_seq

    def find_before_it_moves(*args: Any) -> Order:
        found = find(*args)
        move(order, OrderStatus.CANCELLED)
        return found

    def count_after_it_moved(order_id: UUID) -> int:
        move(order, OrderStatus.CANCELLED)
        return count(order_id)

    with monkeypatch.context() as patch, transaction.atomic():
        patch.setattr(selectors, "last_seq", count_after_it_moved)
        reply = holder.get(f"/orders/{order.pk}/track?after=1")
        assert (reply.data["events"], reply.data["seq"]) == ([], 1)
        transaction.set_rollback(True)
    with monkeypatch.context() as patch:
        patch.setattr(selectors, "get_trackable", find_before_it_moves)
        reply = holder.get(f"/orders/{order.pk}/track?after=1")
        assert (len(reply.data["events"]), reply.data["seq"], reply.data["status"]) == (1, 2, "cancelled")
