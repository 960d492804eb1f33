"""The page that a link leads to: what it shows to whom, and what its owner does there."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from catalog.models import StockItem
from fantasize.core import clock
from orders.enums import Decision, LinkScope, OrderStatus
from orders.models import Order, OrderLink, Payment, PaymentSession
from orders.services import links
from orders.tests import payment_shop
from orders.tests.factories import make_order, move, put_under_review
from orders.tests.payment_shop import make_unpaid
from orders.tests.special import decide, lines_of, order_special

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(unpaid: Order) -> Order:
    return unpaid


def page_of(order: Order, scope: LinkScope = LinkScope.OWNER) -> str:
    return "/track/" + links.issue(order, scope=scope, actor="system")


def read(path: str) -> str:
    response = Client().get(path)
    assert response.status_code == 200
    return str(response.content.decode())


def press(path: str, action: str, **form: str) -> Any:
    return Client().post(path, {"action": action, **form})


def test_the_address_stays_with_who_has_it() -> None:
    response = Client().get(page_of(make_order()))
    assert "no-store" in response["Cache-Control"]
    assert response["X-Robots-Tag"] == "noindex"
    assert response["Referrer-Policy"] == "same-origin"
    assert "'unsafe-inline'" not in response["Content-Security-Policy"]
    assert response["X-Frame-Options"] == "DENY"


def test_the_owner_sees_what_they_bought_and_pay_for() -> None:
    order = make_unpaid(quantity=2)
    page = read(page_of(order))
    for text in (f"Order {order.number}", "Pending", f"Pay {order.total} {order.currency} now", "Cancel this order"):
        assert text in page
    assert order.lines.get().name in page
    assert order.shipping_address["city"] in page


def test_who_gets_it_sees_where_it_is_and_their_message() -> None:
    order = make_order(quantity=2)
    Order.objects.filter(pk=order.pk).update(is_gift=True, gift_message="Happy <birthday>!", recipient_name="Bo")
    for status in (OrderStatus.PROCESSING, OrderStatus.PROCESSED):
        move(order, status)
    move(order, OrderStatus.SHIPPED, carrier="UPS", tracking_number="1Z 9")
    page = read(page_of(order, LinkScope.RECIPIENT))
    for text in ("A gift for Bo", "Shipped", "Happy &lt;birthday&gt;!", "https://www.ups.com/track?tracknum=1Z%209"):
        assert text in page
    assert order.lines.get().name in page
    for secret in (str(order.total), order.shipping_address["city"], "<form", "csrfmiddlewaretoken"):
        assert secret not in page


def test_an_unknown_carrier_has_no_page_and_a_known_one_needs_a_number() -> None:
    order = make_order()
    for carrier, number in (("Pigeon", "7"), ("UPS", "")):
        Order.objects.filter(pk=order.pk).update(carrier=carrier, tracking_number=number)
        page = read(page_of(order))
        assert carrier in page
        assert "Follow it at" not in page


@pytest.mark.parametrize("scope", LinkScope)
def test_every_status_has_its_words(scope: LinkScope) -> None:
    order = make_order()
    path = page_of(order, scope)
    assert 'aria-current="step"' in read(path)
    for status in (OrderStatus.PROCESSING, OrderStatus.PROCESSED, OrderStatus.SHIPPED, OrderStatus.DELIVERED):
        move(order, status)
        assert f"<h1>{status.label}</h1>" in read(path)
    move(order, OrderStatus.RETURNED)
    assert "Came back" in read(path)


def test_an_order_that_waits_for_staff_is_neither_paid_nor_closed() -> None:
    page = read(page_of(put_under_review(make_unpaid())))
    assert "Under review" in page
    assert 'value="pay"' not in page
    assert 'value="cancel"' in page


def test_one_who_pays_in_cash_pays_nothing_here() -> None:
    assert 'value="pay"' not in read(page_of(make_order()))


def test_paying_opens_the_page_of_the_provider(order: Order) -> None:
    path = page_of(order)
    for _ in range(2):
        response = press(path, "pay")
        assert response.status_code == 303
        assert response["Location"] == PaymentSession.objects.get().redirect_url
    assert Payment.objects.get().order == order


def test_nobody_is_asked_for_money_that_a_bank_is_sending(order: Order) -> None:
    payment_shop.press(payment_shop.open_page(order), "pay_late")
    page = read(page_of(order))
    assert "Your payment is on its way to us" in page
    assert 'value="pay"' not in page
    assert press(page_of(order), "pay").status_code == 409


@pytest.mark.parametrize("decision", [Decision.REQUEST_CHANGE, Decision.REJECT])
def test_the_owner_reads_what_staff_want_changed_or_do_not_make(decision: Decision) -> None:
    order = order_special(plain=1)
    path, gift = page_of(order), page_of(order, LinkScope.RECIPIENT)
    assert "Read below" not in read(path)
    decide(lines_of(order)[0], decision, reason="Not in <gold>.")
    page = read(path)
    assert page.count("Not in &lt;gold&gt;.") == 1
    assert ("Read below what we ask you to change" in page) == (decision == Decision.REQUEST_CHANGE)
    assert "gold" not in read(gift)


def test_nobody_is_asked_to_change_what_was_called_off() -> None:
    order = order_special()
    decide(lines_of(order)[0], Decision.REQUEST_CHANGE, reason="Not in gold.")
    path = page_of(order)
    assert press(path, "cancel").status_code == 303
    assert "Not in gold." not in read(path)


def test_the_owner_reads_how_much_more_a_wish_costs() -> None:
    order = order_special()
    path = page_of(order)
    assert "For what is special" not in read(path)
    decide(lines_of(order)[0], extra_charge="4.50")
    assert "For what is special about it: 4.50" in read(path)


def test_nothing_is_paid_that_is_not_due() -> None:
    order = make_order()
    response = press(page_of(order), "pay")
    assert response.status_code == 409
    assert "paid in cash" in response.content.decode()
    assert not Payment.objects.exists()


def test_an_order_that_costs_nothing_goes_ahead(order: Order) -> None:
    Order.objects.filter(pk=order.pk).update(total=0, items_total=0)
    path = page_of(order)
    response = press(path, "pay")
    assert (response.status_code, response["Location"]) == (303, path)
    order.refresh_from_db()
    assert order.status == OrderStatus.PROCESSING


def test_what_staff_ask_more_is_agreed_to_before_it_is_paid(order: Order) -> None:
    Order.objects.update(awaits_acceptance=True)
    path = page_of(order)
    page = read(path)
    assert f"Agree to {order.total}" in page
    assert 'value="pay"' not in page
    assert press(path, "accept", total="0.01").status_code == 409
    for total in ("all of it", "NaN", "sNaN", "-Infinity"):
        assert press(path, "accept", total=total).status_code == 404
    order.refresh_from_db()
    assert order.awaits_acceptance
    assert press(path, "accept", total=str(order.total)).status_code == 303
    assert 'value="pay"' in read(path)


def test_cancelling_gives_the_goods_back_once(order: Order) -> None:
    path = page_of(order)
    response = press(path, "cancel")
    assert (response.status_code, response["Location"]) == (303, path)
    assert StockItem.objects.get().held == 0
    assert "Cancelled" in read(path)
    assert press(path, "cancel").status_code == 409


@pytest.mark.parametrize("action", ["pay", "cancel"])
def test_who_gets_it_does_nothing_here(action: str, order: Order) -> None:
    assert press(page_of(order, LinkScope.RECIPIENT), action).status_code == 404
    order.refresh_from_db()
    assert (order.status, Payment.objects.count()) == (OrderStatus.PENDING, 0)


def test_what_there_is_no_button_for_is_not_there(order: Order) -> None:
    assert press(page_of(order), "give_me_all").status_code == 404
    order.refresh_from_db()
    assert order.status == OrderStatus.PENDING


def test_another_site_presses_no_button(order: Order) -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.post(page_of(order), {"action": "cancel"}).status_code == 403
    order.refresh_from_db()
    assert order.status == OrderStatus.PENDING


def test_a_link_that_was_taken_back_says_so_and_shows_nothing() -> None:
    order = make_order()
    path = page_of(order)
    links.revoke(link_id=OrderLink.objects.get().pk, actor="user:1")
    response = Client().get(path)
    assert response.status_code == 410
    assert "taken back" in response.content.decode()
    assert str(order.number) not in response.content.decode()


def test_wrong_and_expired_links_look_the_same_to_the_byte() -> None:
    path = page_of(make_order())
    wrong = Client().get("/track/" + "a" * 43)
    with clock.frozen_at(clock.now() + timedelta(days=settings.ORDER_LINK_DAYS)):
        expired = Client().get(path)
    assert (wrong.status_code, expired.status_code) == (404, 404)
    assert wrong.content == expired.content


def test_guesses_are_counted_and_good_links_are_not(settings: Any) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "general": "2/1h"}
    path = page_of(make_order())
    assert [Client().get("/track/guess").status_code for _ in range(3)] == [404, 404, 429]
    assert [Client().get(path).status_code for _ in range(3)] == [200] * 3


def test_more_lines_cost_no_more_queries(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    order = make_order()
    path = page_of(order)
    # The link, the last event, the order, its lines.
    with django_assert_num_queries(4):
        read(path)
    line = order.lines.get()
    for position in range(10, 60):
        line.pk, line.position = None, position
        line.save()
    with django_assert_num_queries(4):
        read(path)
