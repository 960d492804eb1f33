"""Orders over HTTP: placing, reading, moving, tracking; and everything that is refused."""

import threading
import uuid
from collections import Counter
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.tests.factories import make_address, make_user
from catalog.errors import OutOfStockError
from catalog.models import StockItem
from catalog.services import stock
from catalog.tests.factories import make_product
from fantasize.core.models import DomainEvent, IdempotencyRecord
from fantasize.tests.client import ApiClient, Reply
from orders.enums import OrderStatus, PaymentMethod
from orders.models import Order
from orders.tests.factories import ADDRESS, make_order, move

pytestmark = pytest.mark.django_db


def basket(*products: int, quantity: Any = 1, **more: Any) -> dict[str, Any]:
    lines = [{"product": product, "quantity": quantity} for product in products]
    return {"lines": lines, "payment_method": "cash_on_delivery", "shipping_address": ADDRESS, **more}


def place(client: ApiClient, body: dict[str, Any], key: str = "") -> Reply:
    return client.post("/orders", body, Idempotency_Key=key or str(uuid.uuid4()))


def nothing_happened() -> bool:
    return not Order.objects.exists() and not StockItem.objects.filter(held__gt=0).exists()


def test_an_order_is_answered_as_it_was_placed() -> None:
    product = make_product(name="Oak lantern", price="12.50", stock=5)
    reply = place(ApiClient(make_user()), basket(product.pk, quantity=2))
    assert reply.status == 201
    order = reply.data
    assert order["status"] == "pending"
    assert order["totals"] == {
        "items": "25.00",
        "discounts": "0.00",
        "shipping": "0.00",
        "tax": "0.00",
        "total": "25.00",
    }
    assert order["currency"] == "USD"
    assert order["lines"][0]["stages"] == [{"stage": "list_price", "rule": "list price", "amount": "12.50"}]
    assert reply.headers["ETag"] == '"1"'
    assert reply.headers["Cache-Control"] == "private, no-store"
    assert "allowed_transitions" not in order


def test_the_same_key_gives_the_same_order() -> None:
    client, product = ApiClient(make_user()), make_product(stock=5)
    first, second = (place(client, basket(product.pk), "same") for _ in range(2))
    assert (first.status, second.status) == (201, 201)
    assert first.content == second.content
    assert second.headers["Idempotency-Replayed"] == "true"
    assert first.headers["X-Request-ID"] != second.headers["X-Request-ID"]
    assert Order.objects.count() == 1


def test_the_same_key_for_another_basket_is_refused() -> None:
    client, product = ApiClient(make_user()), make_product(stock=5)
    place(client, basket(product.pk), "same")
    reply = place(client, basket(product.pk, quantity=2), "same")
    assert (reply.status, reply.body["code"]) == (422, "idempotency_key_reused")
    assert Order.objects.count() == 1


def test_a_refusal_frees_the_key() -> None:
    client, product = ApiClient(make_user()), make_product(stock=1)
    assert place(client, basket(product.pk, quantity=2), "same").status == 409
    assert not IdempotencyRecord.objects.exists()
    assert place(client, basket(product.pk), "same").status == 201


def test_v2_asks_for_a_key_and_older_versions_do_not() -> None:
    user, product = make_user(), make_product(stock=5)
    reply = ApiClient(user).post("/orders", basket(product.pk))
    assert (reply.status, reply.body["code"]) == (400, "idempotency_key_missing")
    assert nothing_happened()
    for prefix in ("/api/v1", "/api/v0", "/api", ""):
        assert ApiClient(user, prefix=prefix).post("/orders", basket(product.pk)).status == 201


@pytest.mark.parametrize("quantity", [0, -1, 1.5, 10**9, "2", None, True])
def test_impossible_quantities_are_refused(quantity: Any) -> None:
    reply = place(ApiClient(make_user()), basket(make_product().pk, quantity=quantity))
    assert reply.status == 422
    assert list(reply.faults) == ["/lines/0/quantity"]
    assert nothing_happened()


@pytest.mark.parametrize("field", ["price", "total", "status", "user", "number", "discount", "is_staff"])
def test_what_the_shop_says_cannot_be_said_by_the_shopper(field: str) -> None:
    reply = place(ApiClient(make_user()), basket(make_product().pk, **{field: "1.00"}))
    assert (reply.status, reply.faults) == (422, {f"/{field}": "unknown_field"})
    assert nothing_happened()


def test_all_faults_are_named_at_once() -> None:
    body = {"lines": [{"product": "x", "quantity": 0}, {"quantity": 1, "price": "0.01"}], "payment_method": "barter"}
    reply = place(ApiClient(make_user()), body)
    assert set(reply.faults) == {
        "/lines/0/product",
        "/lines/0/quantity",
        "/lines/1/product",
        "/lines/1/price",
        "/payment_method",
    }


def test_what_is_short_is_said_with_how_much_there_is() -> None:
    product = make_product(stock=1)
    reply = place(ApiClient(make_user()), basket(product.pk, quantity=2))
    assert (reply.status, reply.body["code"], reply.body["available"]) == (409, "out_of_stock", {str(product.pk): 1})
    assert nothing_happened()


def test_the_accounts_default_address_is_used_and_without_one_it_is_asked_for() -> None:
    user, product = make_user(), make_product()
    body = basket(product.pk)
    del body["shipping_address"]
    reply = place(ApiClient(user), body)
    assert (reply.status, reply.faults) == (422, {"/shipping_address": "required"})
    assert nothing_happened()
    make_address(user, is_default_shipping=True, city="Bath")
    assert place(ApiClient(user), body).data["shipping_address"]["city"] == "Bath"


def test_a_changed_price_is_said_before_anything_is_bought() -> None:
    product = make_product(price="10.00")
    reply = place(ApiClient(make_user()), basket(product.pk, expected_total="9.00"))
    assert (reply.status, reply.body["code"], reply.body["total"]) == (409, "price_changed", "10.00")
    assert nothing_happened()


def test_nobody_reads_orders_without_signing_in() -> None:
    reply = ApiClient().get("/orders")
    assert reply.status == 401
    assert "Bearer" in reply.headers["WWW-Authenticate"]


def test_a_foreign_order_looks_absent() -> None:
    order, stranger = make_order(), ApiClient(make_user())
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


@pytest.mark.parametrize("lookup", ["abc", "0", "-1", "9" * 40, "%00", "1e3", "00000000-0000-0000-0000"])
def test_a_malformed_id_is_absent(lookup: str) -> None:
    assert ApiClient(make_user()).get(f"/orders/{lookup}").status == 404


def test_an_order_is_found_by_its_number_too() -> None:
    order = make_order()
    assert ApiClient(order.user).get(f"/orders/{order.number}").data["id"] == str(order.pk)


def test_staff_see_all_orders_with_what_they_may_do() -> None:
    order = make_order()
    seen = ApiClient(make_user(role="manager")).get(f"/orders/{order.pk}").data
    assert seen["allowed_transitions"] == ["processing", "cancelled"]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 2),
        ("?status=processing", 1),
        ("?payment_status=paid", 0),
        ("?placed_after=2999-01-01T00:00:00Z", 0),
        ("?q=oak", 1),
    ],
)
def test_staff_narrow_the_list(query: str, count: int) -> None:
    make_order(product=make_product(name="Oak lantern"))
    move(make_order(), OrderStatus.PROCESSING)
    assert len(ApiClient(make_user(role="manager")).get(f"/orders{query}").data) == count


def test_staff_move_an_order_with_the_version_they_saw() -> None:
    order, staff = make_order(), ApiClient(make_user(role="manager"))
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


def test_an_illegal_move_says_what_is_legal() -> None:
    order, staff = make_order(), ApiClient(make_user(role="manager"))
    reply = staff.call("PUT", f"/orders/{order.pk}/status", {"status": "rejected", "note": "no"}, If_Match='"1"')
    assert (reply.status, reply.body["code"]) == (409, "illegal_transition")
    assert reply.body["allowed_transitions"] == ["processing", "cancelled"]


def test_a_shopper_may_not_move_their_own_order_but_may_cancel_it() -> None:
    order = make_order()
    owner = ApiClient(order.user)
    assert owner.call("PUT", f"/orders/{order.pk}/status", {"status": "processing"}).status == 403
    assert Order.objects.get(pk=order.pk).status == OrderStatus.PENDING
    assert owner.post(f"/orders/{order.pk}/cancel", {"reason": "changed my mind"}).data["status"] == "cancelled"
    assert owner.call("DELETE", f"/orders/{order.pk}").status == 409


def test_deleting_an_order_cancels_it() -> None:
    order = make_order()
    reply = ApiClient(order.user).call("DELETE", f"/orders/{order.pk}")
    assert (reply.status, reply.data["status"]) == (200, "cancelled")
    assert Order.objects.filter(pk=order.pk).exists()


def test_tracking_gives_the_events_after_a_position() -> None:
    order = make_order()
    move(order, OrderStatus.PROCESSED)
    owner = ApiClient(order.user)
    track = owner.get(f"/orders/{order.pk}/track").data
    assert [event["seq"] for event in track["events"]] == [1, 2, 3]
    assert (track["status"], track["seq"]) == ("processed", 3)
    later = owner.get(f"/orders/{order.pk}/track?after=2").data
    assert [event["name"] for event in later["events"]] == ["order.processed"]
    assert owner.get(f"/orders/{order.pk}/track?after=9").data["seq"] == 3


@pytest.mark.parametrize("after", ["-1", "x", "1.5", "99999999999", ""])
def test_an_impossible_position_is_refused(after: str) -> None:
    order = make_order()
    reply = ApiClient(order.user).get(f"/orders/{order.pk}/track?after={after}")
    assert (reply.status, reply.faults) == (422, {"after": "out_of_range"})


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


def flood(product: int, buyers: int) -> Counter[int]:
    """What the buyers were answered, all asking at once."""
    user = make_user()
    clients = [ApiClient(user) for _ in range(buyers)]
    barrier, statuses = threading.Barrier(buyers), []

    def buy(client: ApiClient) -> None:
        try:
            barrier.wait()
            statuses.append(place(client, basket(product)).status)
        finally:
            connection.close()

    threads = [threading.Thread(target=buy, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Counter(statuses)


@pytest.mark.django_db(transaction=True)
def test_of_a_hundred_buyers_ten_get_the_ten_pieces() -> None:
    product = make_product(stock=10)
    assert flood(product.pk, 100) == {201: 10, 409: 90}
    item = StockItem.objects.get(pk=product.stock_id)
    assert (item.on_hand, item.held) == (10, 10)
    assert Order.objects.count() == DomainEvent.objects.filter(name="order.placed").count() == 10


@pytest.mark.django_db(transaction=True)
def test_without_the_protection_more_buyers_are_served_than_there_are_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: read, check, write, as every shop does it first."""

    def hold_unsafely(demand: dict[int, int]) -> None:
        for item_id, quantity in demand.items():
            item = StockItem.objects.get(pk=item_id)
            if item.available < quantity:
                raise OutOfStockError({})
            StockItem.objects.filter(pk=item_id).update(held=item.held + quantity)

    monkeypatch.setattr(stock, "hold", hold_unsafely)
    assert flood(make_product(stock=10).pk, 60)[201] > 10


def test_orders_to_be_paid_online_are_the_default() -> None:
    body = basket(make_product().pk)
    del body["payment_method"]
    assert place(ApiClient(make_user()), body).data["payment_method"] == PaymentMethod.HOSTED


def test_a_machine_orders_nothing(settings: Any) -> None:
    settings.API_KEYS = ["robot:a-long-enough-key-for-a-robot:orders.view_order+orders.add_order"]
    client = ApiClient()
    client.headers = {"X-API-Key": "a-long-enough-key-for-a-robot"}
    assert place(client, basket(make_product().pk)).status == 403
    assert nothing_happened()
