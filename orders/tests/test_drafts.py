"""Orders that staff prepare: saved with what they cost, placed once, and sent to be paid."""

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from pytest_django import Settings

from accounts.models import User
from accounts.tests.factories import make_address, make_user
from catalog.models import Product, StockItem
from catalog.tests.factories import make_product
from customizations.models import Proof
from fantasize.core import clock
from fantasize.core.errors import NotFoundError
from fantasize.core.models import DomainEvent
from fantasize.tests.client import ApiClient, Reply
from orders.enums import LinkScope, OrderSource, OrderStatus
from orders.errors import NotPayableError
from orders.models import DraftOrder, Order, OrderLink
from orders.policies import LinkHolder
from orders.services import drafts, expiry, links, privacy
from orders.tests.customized import make_customizable
from orders.tests.factories import ADDRESS, make_order, move, put_under_review
from orders.tests.payment_shop import make_unpaid
from orders.tests.special import make_special

pytestmark = pytest.mark.django_db


def body(*products: Product, customer: User | None = None, **more: Any) -> dict[str, Any]:
    """A draft of one of each product; for a guest unless told."""
    guest = {} if customer else {"email": "Guest@Example.com"}
    lines = [{"product": product.pk, "quantity": 1} for product in products]
    order = {"lines": lines, "shipping_address": ADDRESS, **guest, **more}
    return {"customer": str(customer.pk) if customer else None, "note": "Called us", "order": order}


def save(client: ApiClient, sent: dict[str, Any]) -> Reply:
    reply = client.post("/orders/drafts", sent)
    assert reply.status == 201, reply.body
    return reply


def test_nothing_is_placed_for_an_account_that_was_closed() -> None:
    client, customer = ApiClient(make_user(role="manager")), make_user()
    draft = save(client, body(make_product(stock=1), customer=customer)).data
    User.objects.filter(pk=customer.pk).update(is_active=False)
    reply = client.post(f"/orders/drafts/{draft['id']}/place", {}, If_Match='"1"')
    assert (reply.status, reply.faults) == (422, {"/customer": "does_not_exist"}), "staff are signed in as they were"
    assert not Order.objects.exists()


def test_a_draft_says_what_it_costs_and_holds_nothing() -> None:
    client, product = ApiClient(make_user(role="manager")), make_product(price="10.00", stock=1)
    reply = save(client, body(product))
    draft = reply.data
    assert (draft["total"], draft["currency"], draft["email"], draft["note"]) == (
        "10.00",
        "USD",
        "guest@example.com",
        "Called us",
    )
    assert draft["order"]["lines"] == [{"product": product.pk, "quantity": 1, "answers": {}, "parts": {}}]
    assert StockItem.objects.get(pk=product.stock_id).held == 0
    assert reply.headers["ETag"] == '"1"'
    path = f"/orders/drafts/{draft['id']}"
    changed = body(product)
    changed["order"]["lines"][0]["quantity"] = 3
    assert client.call("PUT", path, changed).status == 428
    assert client.call("PUT", path, changed, If_Match='"9"').status == 412
    reply = client.call("PUT", path, changed, If_Match='"1"')
    assert (reply.status, reply.data["total"], reply.data["version"]) == (200, "30.00", 2)
    assert [each["id"] for each in client.get("/orders/drafts").data] == [draft["id"]]
    assert client.get(path).data["total"] == "30.00"
    assert client.call("DELETE", path, If_Match='"2"').status == 204
    assert not DraftOrder.objects.exists()


def test_a_draft_is_placed_once_for_its_customer() -> None:
    manager, customer = make_user(role="manager"), make_user()
    make_address(customer, is_default_shipping=True, city="Bath")
    mug = make_customizable(price="10.00", stock=5)
    sent = body(customer=customer, payment_method="cash_on_delivery")
    sent["order"] = {
        "lines": [{"product": mug.pk, "quantity": 2, "answers": {"colour": "red", "name": "Ada"}}],
        "is_gift": True,
        "gift_message": "Hello",
    }
    client = ApiClient(manager)
    draft = save(client, sent).data
    path = f"/orders/drafts/{draft['id']}"
    assert not Proof.objects.exists()
    refusal = client.post(f"{path}/place", {"expected_total": "1.00"}, If_Match='"1"')
    assert (refusal.status, refusal.body["code"]) == (409, "price_changed")
    assert not Order.objects.exists()
    reply = client.post(f"{path}/place", {"expected_total": draft["total"]}, If_Match='"1"')
    assert reply.status == 201
    order = Order.objects.get()
    assert (order.user, order.source, order.status, order.is_gift) == (customer, OrderSource.STAFF, "pending", True)
    assert order.shipping_address["city"] == "Bath"
    assert (reply.data["id"], str(order.total)) == (str(order.pk), draft["total"])
    assert DomainEvent.objects.get(name="order.placed").actor == manager.actor
    assert client.get(path).data["placed"] == str(order.pk)
    for method, where in (("POST", f"{path}/place"), ("DELETE", path)):
        reply = client.call(method, where, {} if method == "POST" else None, If_Match='"2"')
        assert (reply.status, reply.body["code"]) == (409, "draft_placed")
    assert Order.objects.count() == 1


def test_placed_in_parts_it_names_the_other_order() -> None:
    plain, special, client = make_product(stock=5), make_special(), ApiClient(make_user(role="manager"))
    lines = [
        {"product": plain.pk, "quantity": 1},
        {"product": special.pk, "quantity": 1, "answers": {"special": "A dragon"}},
    ]
    sent = body(plain)
    draft = save(client, {**sent, "order": {**sent["order"], "lines": lines, "ship_in_parts": True}}).data
    placed = client.post(f"/orders/drafts/{draft['id']}/place", {}, If_Match='"1"').data
    other = Order.objects.get(status="under_review")
    assert placed["siblings"] == [{"id": str(other.pk), "number": other.number, "status": "under_review"}]


def test_what_cannot_be_ordered_is_not_noted() -> None:
    client, product = ApiClient(make_user(role="manager")), make_product()
    wrong: list[tuple[dict[str, Any], str, str]] = [
        (body(product, from_cart=True), "/order/from_cart", "exclusive"),
        (body(product, expected_total="1.00"), "/order/expected_total", "unknown_field"),
        (body(), "/order/lines", "min_length"),
        ({**body(product), "customer": str(uuid.uuid4())}, "/customer", "does_not_exist"),
        ({"order": {"lines": [{"product": product.pk, "quantity": 1}]}}, "/order/email", "required"),
        (body(product, shipping_method="rocket"), "/order/shipping_method", "not_available"),
    ]
    for sent, pointer, code in wrong:
        reply = client.post("/orders/drafts", sent)
        assert (reply.status, reply.faults.get(pointer)) == (422, code)
    assert not DraftOrder.objects.exists()


def test_what_is_not_sold_any_more_is_not_placed() -> None:
    client, product = ApiClient(make_user(role="manager")), make_product()
    draft = save(client, body(product)).data
    Product.objects.update(is_active=False)
    reply = client.post(f"/orders/drafts/{draft['id']}/place", {}, If_Match='"1"')
    assert (reply.status, reply.faults) == (422, {"/lines/0/product": "does_not_exist"})
    assert not Order.objects.exists()
    assert client.post(f"/orders/drafts/{uuid.uuid4()}/place", {}, If_Match='"1"').status == 404


def test_customers_see_no_drafts() -> None:
    draft = save(ApiClient(make_user(role="manager")), body(make_product())).data
    customer = ApiClient(make_user())
    for method, where in (("GET", ""), ("POST", ""), ("GET", f"/{draft['id']}"), ("POST", f"/{draft['id']}/place")):
        assert customer.call(method, f"/orders/drafts{where}", {} if method == "POST" else None).status == 403
    assert DraftOrder.objects.get().order_id is None


def test_a_payment_link_is_mailed_and_opens_the_order() -> None:
    order = make_unpaid()
    drafts.send_payment_link(order_id=order.pk, actor="user:staff")
    note = DomainEvent.objects.get(name="order_staff.note_added")
    assert note.data["note"] == f"Payment link sent to {order.email}."
    order.refresh_from_db()
    drafts.deliver_payment_link(order_id=order.pk, actor="user:staff")
    [message] = mail.outbox
    assert message.to == [order.email]
    assert str(order.number) in message.subject
    found = re.search(r"/track/(\S+)", str(message.body))
    assert found
    holder = links.get_holder(found[1])
    assert (holder.order_id, holder.scope) == (order.pk, LinkScope.OWNER)
    assert isinstance(holder, LinkHolder)
    assert f"We keep it for you until {order.hold_expires_at:%-d %B %Y, %H:%M} UTC" in str(message.body)
    put_under_review(order)
    drafts.deliver_payment_link(order_id=order.pk, actor="user:staff")
    assert "special request" in str(mail.outbox[-1].body)
    assert "We keep it" not in str(mail.outbox[-1].body)
    known = (len(mail.outbox), OrderLink.objects.count())
    move(order, OrderStatus.CANCELLED)
    drafts.deliver_payment_link(order_id=order.pk, actor="user:staff")
    assert (len(mail.outbox), OrderLink.objects.count()) == known


def test_there_is_time_to_read_the_mail_of_a_payment_link(settings: Settings) -> None:
    settings.HOLD_MINUTES, settings.PAYMENT_LINK_HOURS = 45, 72
    order = make_unpaid()
    drafts.send_payment_link(order_id=order.pk, actor="user:staff")
    with clock.frozen_at(clock.now() + timedelta(hours=71)):
        assert expiry.cancel_expired_orders() == 0
        # Goods that are kept for longer stay so.
        settings.PAYMENT_LINK_HOURS = 0
        drafts.send_payment_link(order_id=order.pk, actor="user:staff")
        assert expiry.cancel_expired_orders() == 0
    with clock.frozen_at(clock.now() + timedelta(hours=73)):
        assert expiry.cancel_expired_orders() == 1


def test_nobody_is_asked_to_pay_what_is_not_to_be_paid() -> None:
    cash, gone = make_order(), move(make_unpaid(), OrderStatus.CANCELLED)
    for order in (cash, gone):
        with pytest.raises(NotPayableError):
            drafts.send_payment_link(order_id=order.pk, actor="user:staff")
    with pytest.raises(NotFoundError):
        drafts.send_payment_link(order_id=uuid.uuid4(), actor="user:staff")
    with pytest.raises(NotFoundError):
        drafts.remove(draft_id=uuid.uuid4())
    assert not DomainEvent.objects.filter(name="order_staff.note_added").exists()


def test_who_is_forgotten_has_no_drafts() -> None:
    client, customer = ApiClient(make_user(role="manager")), make_user(email="guest@example.com")
    save(client, body(make_product(), customer=customer))
    save(client, body(make_product()))
    [exported] = [part for part in privacy.parts_of(customer.pk) if getattr(part, "name", "") == "drafts"]
    assert len(list(exported.data)) == DraftOrder.objects.count() == 2  # type: ignore[union-attr]  # a document
    privacy.forget(customer.pk)
    assert not DraftOrder.objects.exists()
