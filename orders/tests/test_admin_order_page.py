"""The order page: everything about one order, readable, with people's text as text and a fixed number of queries."""

import uuid
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.tests.factories import make_user
from catalog.tests.factories import make_product
from fantasize.core import outbox
from fantasize.core.events import Event
from fantasize.tests.staff import make_viewer, signed_in
from orders.admin.page import address_lines
from orders.enums import Decision, OrderStatus, PaymentMethod
from orders.models import Order
from orders.services import customers
from orders.services.baskets import LineRequest
from orders.services.checkout import place_order
from orders.tests.factories import ADDRESS, make_order, move, put_under_review
from orders.tests.special import decide, order_special

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(pending: Order) -> Order:
    return pending


S = OrderStatus
SCRIPT = "<script>alert('x')</script>"


def link(order: Order) -> str:
    return f"/admin/orders/order/{order.pk}/change/"


def context_of(order: Order, user: User | None = None) -> Any:
    return signed_in(user).get(link(order)).context


def page_of(order: Order, user: User | None = None) -> str:
    return signed_in(user).get(link(order)).content.decode()


def test_it_shows_what_was_bought_by_whom_and_where_it_goes() -> None:
    ada = make_user(email="ada@example.com", first_name="Ada", last_name="Lovelace")
    order = make_order(user=ada, product=make_product(name="Oak Board", price="12.50", sku="OAK-1"), quantity=3)
    page = page_of(order)
    for text in (
        "Order 1",
        "Ada Lovelace",
        "ada@example.com",
        "Oak Board",
        "OAK-1",
        "12.50",
        "37.50 USD",
        "SW1Y 4JH London",
    ):
        assert text in page
    assert f'data-version="{order.version}"' in page
    assert 'data-status="pending"' in page


def test_the_way_so_far_is_marked() -> None:
    steps = {step.status: step.state for step in context_of(move(make_order(), S.PROCESSED))["steps"]}
    assert steps == {
        S.PENDING: "done",
        S.PROCESSING: "done",
        S.PROCESSED: "current",
        S.SHIPPED: "ahead",
        S.DELIVERED: "ahead",
    }


def test_an_order_that_left_the_way_ends_there() -> None:
    steps = [(step.status, step.state) for step in context_of(move(make_order(), S.CANCELLED))["steps"]]
    assert steps == [(S.PENDING, "done"), (S.CANCELLED, "out")]


def test_an_order_under_review_starts_there() -> None:
    order = put_under_review(make_order())
    Order.objects.filter(pk=order.pk).update(under_review_at=order.placed_at, pending_at=None)
    steps = [(step.status, step.state) for step in context_of(order)["steps"]][:2]
    assert steps == [(S.UNDER_REVIEW, "current"), (S.PENDING, "ahead")]


def test_money_given_back_and_goods_held_are_shown() -> None:
    returned = move(move(make_order(), S.DELIVERED), S.RETURNED, restock=True)
    page = page_of(returned)
    assert page.count("Given back") == 2  # in the payment and in the history
    assert 'data-hold="consumed"' in page
    assert 'data-hold="open"' in page_of(make_order())
    assert "Nothing was paid yet." in page_of(make_order())


class TestHistory:
    """Both kinds of events, newest first, with names for events and people."""

    def test_it_names_what_happened_and_who_did_it(self) -> None:
        maya = make_user(role="manager", first_name="Maya", last_name="Okafor", email="maya@example.com")
        order = make_order(user=make_user(email="ada@example.com"))
        client = signed_in(maya)
        client.post(f"/admin/orders/order/{order.pk}/move/", {"status": "processing", "version": 1, "note": "Careful"})
        entries = context_of(order)["timeline"]
        assert [(entry.title, entry.actor) for entry in entries] == [
            ("Note", "Maya Okafor (maya@example.com)"),
            ("Processing started", "Maya Okafor (maya@example.com)"),
            ("Order placed", "ada@example.com"),
        ]
        assert [entry.is_private for entry in entries] == [True, False, False]
        assert entries[0].note == "Careful"

    def test_details_are_labelled(self) -> None:
        order = move(move(make_order(), S.PROCESSED), S.SHIPPED, carrier="Royal Mail", tracking_number="RM1GB")
        entry = context_of(order)["timeline"][0]
        assert entry.facts == (("Carrier", "Royal Mail"), ("Tracking number", "RM1GB"))

    def test_lines_decisions_and_amounts_are_told_in_words(self) -> None:
        order = order_special(lines=2)
        first, second = order.lines.order_by("position")
        decide(first, Decision.REQUEST_CHANGE, reason="Shorter")
        decide(second, extra_charge="2.5")
        facts = [dict(entry.facts) for entry in context_of(order)["timeline"]]
        assert facts[0] == {"Item": second.name, "Decision": "Approve", "Extra charge": "2.50 USD"}
        assert facts[1] == {"Item": first.name, "Reason": "Shorter"}
        assert "+ 2.50 special request" in page_of(order)
        assert facts[2] == {"Item": first.name, "Decision": "Ask for a change"}

    def test_what_was_taken_out_since_is_still_called_something(self, order: Order) -> None:
        gone = {"line": 0, "name": "Oak mug"}, {"lines": [0]}, {"total": "much"}
        with transaction.atomic():
            for number, details in enumerate(gone):
                outbox.publish(Event("order", str(order.pk), f"order.told_{number}", {"details": details}, "system"))
        said = [entry.facts for entry in context_of(order)["timeline"]][:3]
        assert said == [
            (("Total", "much"),),
            (("Items", "something that was taken out"),),
            (("Item", "Oak mug"),),
        ]

    def test_an_event_that_nobody_named_is_still_shown(self, order: Order) -> None:
        with transaction.atomic():
            outbox.publish(
                Event("order", str(order.pk), "order.gift_wrapped", {"details": {"paper": "red"}}, "key:factory")
            )
        entry = context_of(order)["timeline"][0]
        assert (entry.title, entry.actor, entry.facts) == ("Gift wrapped", "factory (API key)", (("paper", "red"),))

    def test_events_of_other_orders_are_not_mixed_in(self) -> None:
        order, _ = make_order(), move(make_order(), S.CANCELLED)
        assert [entry.title for entry in context_of(order)["timeline"]] == ["Order placed"]


def test_text_from_people_is_shown_as_text() -> None:
    person = make_user(first_name=SCRIPT, last_name=SCRIPT)
    order = make_order(user=person, product=make_product(name=SCRIPT, sku="<b>"))
    address = dict.fromkeys(ADDRESS, SCRIPT)
    Order.objects.filter(pk=order.pk).update(
        shipping_address=address, gift_message=SCRIPT, email=f"{SCRIPT}@example.com"
    )
    order = move(order, S.PROCESSED, note=SCRIPT)
    move(order, S.SHIPPED, carrier=SCRIPT, tracking_number=SCRIPT)
    administrator = make_user(role="administrator")
    page = page_of(order, administrator)
    assert "<script>alert" not in page
    assert page.count("&lt;script&gt;alert") >= 15
    for path in ("/admin/orders/order/", "/admin/", "/admin/catalog/product/", "/admin/catalog/stockmovement/"):
        assert "<script>alert" not in signed_in(administrator).get(path).content.decode()


def test_an_address_is_written_as_on_a_parcel() -> None:
    assert address_lines(ADDRESS) == ["Ada Lovelace", "12 St James's Square", "SW1Y 4JH London", "GB"]
    assert address_lines({}) == []


def test_only_those_who_manage_users_are_led_to_the_customer(order: Order) -> None:
    address = f"/admin/accounts/user/{order.user_id}/change/"
    assert address in page_of(order, make_user(role="administrator"))
    assert address not in page_of(order)


def test_a_guests_order_is_shown_too(order: Order) -> None:
    Order.objects.filter(pk=order.pk).update(user=None, email="guest@example.com", hold_expires_at=order.placed_at)
    page = page_of(order, make_user(role="administrator"))
    assert "guest@example.com" in page
    assert "held until" in page


def test_it_takes_as_many_queries_for_ten_lines_as_for_one() -> None:
    client = signed_in()  # its session is kept in the cache from the first page on
    counts = []
    for lines in (1, 10):
        wanted = [LineRequest(make_product().pk, 1) for _ in range(lines)]
        order = place_order(
            customer=customers.of(make_user()),
            lines=wanted,
            payment_method=PaymentMethod.CASH_ON_DELIVERY,
            shipping_address=ADDRESS,
        )
        with CaptureQueriesContext(connection) as queries:
            assert client.get(link(order)).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]
    # Session, user, two of rights, order, lines, events, actors, holds, payments, credit notes, links.
    assert counts[0] <= 12


@pytest.mark.parametrize("key", [str(uuid.UUID(int=1)), "nonsense", "1001"])
def test_an_order_that_is_not_there_leads_back(key: str, manager: Client) -> None:
    answer = manager.get(f"/admin/orders/order/{key}/change/")
    assert (answer.status_code, answer["Location"]) == (302, "/admin/")


def test_it_is_for_those_who_may_see_orders(order: Order) -> None:
    assert signed_in(make_viewer("orders.view_order")).get(link(order)).status_code == 200
    assert signed_in(make_viewer("catalog.view_brand")).get(link(order)).status_code == 403
