"""Payments and providers' messages as staff see them."""

from datetime import timedelta

import pytest

from fantasize.core import clock
from fantasize.tests.staff import make_viewer, signed_in
from orders.models import Payment
from orders.tests.payment_shop import make_unpaid, open_page, paid_event, press, tell

pytestmark = pytest.mark.django_db


def test_staff_see_where_payments_are_and_which_came_in() -> None:
    paid, waiting = make_unpaid(), make_unpaid()
    press(open_page(paid), "pay")
    open_page(waiting)
    browser = signed_in(make_viewer("orders.view_payment", "orders.view_order"))
    page = browser.get("/admin/orders/payment/").content.decode()
    assert 'data-payment="paid"' in page
    assert 'data-payment="pending"' in page
    order = browser.get(f"/admin/orders/order/{waiting.pk}/change/").content.decode()
    assert "Nothing was paid yet." in order


def test_the_orders_page_says_when_money_came_not_when_somebody_began_to_pay() -> None:
    order = make_unpaid()
    session = open_page(order)
    with clock.frozen_at(clock.now() + timedelta(minutes=20)):
        press(session, "pay")
    came = Payment.objects.get(order=order).captured_at
    page = signed_in(make_viewer("orders.view_order")).get(f"/admin/orders/order/{order.pk}/change/").content.decode()
    assert f"<dt>Received</dt><dd>{came:%-d %b %Y, %H:%M}</dd>" in page


def test_messages_that_fit_nothing_stand_out() -> None:
    order = make_unpaid()
    session = open_page(order)
    tell({**paid_event(session, amount_total=1), "id": "evt_1"})
    tell({"id": "evt_2", "type": "checkout.session.expired", "data": {"object": _NOBODYS}})
    page = signed_in(make_viewer("orders.view_webhookevent")).get("/admin/orders/webhookevent/").content.decode()
    assert page.count('data-webhook="flagged"') == 2
    for text in ("amount", "unknown", str(order.number)):
        assert text in page


_NOBODYS = {"id": "cs_1", "currency": "usd", "amount_total": 1, "status": "expired", "payment_status": "unpaid"}
