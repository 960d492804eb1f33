"""Orders over HTTP: placed once as they were asked for, narrowed by staff; and everything that is refused."""

import uuid
from typing import Any

import pytest

from accounts.tests.factories import make_address, make_user
from catalog.models import StockItem
from catalog.tests.factories import make_product
from fantasize.core.models import IdempotencyRecord
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


def test_impossible_quantities_are_refused() -> None:
    client, product = ApiClient(make_user()), make_product()
    for quantity in (0, -1, 1.5, 10**9, "2", None, True):
        reply = place(client, basket(product.pk, quantity=quantity))
        assert (quantity, reply.status, list(reply.faults)) == (quantity, 422, ["/lines/0/quantity"])
        assert nothing_happened()


def test_what_the_shop_says_cannot_be_said_by_the_shopper() -> None:
    client, product = ApiClient(make_user()), make_product()
    for field in ("price", "total", "status", "user", "number", "discount", "is_staff"):
        reply = place(client, basket(product.pk, **{field: "1.00"}))
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
    line = make_address(user, is_default_shipping=True, line1="1 High Street, York", city="", country="")
    assert place(ApiClient(user), body).faults == {"/shipping_address": "required"}
    assert nothing_happened()
    line.delete()
    make_address(user, is_default_shipping=True, city="Bath")
    assert place(ApiClient(user), body).data["shipping_address"]["city"] == "Bath"


def test_a_changed_price_is_said_before_anything_is_bought() -> None:
    product = make_product(price="10.00")
    reply = place(ApiClient(make_user()), basket(product.pk, expected_total="9.00"))
    assert (reply.status, reply.body["code"], reply.body["total"]) == (409, "price_changed", "10.00")
    assert nothing_happened()


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


def test_staff_narrow_the_list() -> None:
    make_order(product=make_product(name="Oak lantern"))
    move(make_order(), OrderStatus.PROCESSING)
    staff = ApiClient(make_user(role="manager"))
    counts = {
        "": 2,
        "?status=processing": 1,
        "?payment_status=paid": 0,
        "?placed_after=2999-01-01T00:00:00Z": 0,
        "?q=oak": 1,
    }
    assert {query: len(staff.get(f"/orders{query}").data) for query in counts} == counts
