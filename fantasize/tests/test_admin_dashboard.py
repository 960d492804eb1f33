"""The dashboard: right figures, a fixed number of queries, nothing for those who may not see orders."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.tests.factories import make_user
from catalog.services import stock
from catalog.tests.factories import make_product
from fantasize.core import clock
from fantasize.tests.staff import make_viewer, signed_in
from orders.enums import OrderStatus
from orders.tests.factories import make_order, move

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def dashboard() -> Any:
    client = signed_in()
    with clock.frozen_at(NOW):
        return client.get("/admin/")


def cards() -> dict[str, tuple[str, str]]:
    return {card.key: (card.value, card.note) for card in dashboard().context["cards"]}


def order_at(moment: datetime, *, price: str = "10.00", quantity: int = 1) -> Any:
    with clock.frozen_at(moment):
        return make_order(product=make_product(price=price, stock=50), quantity=quantity)


def test_an_empty_shop_has_a_dashboard() -> None:
    assert cards() == {
        "today": ("0", "0 yesterday"),
        "sales": ("0.00", "0.00 USD in the 30 days before"),
        "waiting": ("0", "0 to review"),
        "low": ("0", "0 sold out"),
    }


def test_the_cards_say_what_was_sold_and_what_waits() -> None:
    order_at(NOW, price="100.00", quantity=2)
    order_at(NOW - timedelta(days=1), price="50.00")
    order_at(NOW - timedelta(days=40), price="125.00")
    cancelled = order_at(NOW, price="999.00")
    move(cancelled, OrderStatus.CANCELLED)
    found = cards()
    assert found["today"] == ("1", "1 yesterday")
    assert found["sales"] == ("250.00", "+100 % on the 30 days before")
    assert found["waiting"][0] == "3"


@pytest.mark.parametrize(
    ("before", "recent", "note", "tone"),
    [
        ("100.00", "50.00", "-50 % on the 30 days before", "warning"),
        ("100.00", "100.00", "+0 % on the 30 days before", "good"),
        ("1.00", "500.00", "1.00 USD in the 30 days before", "plain"),
    ],
)
def test_sales_are_compared_with_the_days_before(before: str, recent: str, note: str, tone: str) -> None:
    order_at(NOW - timedelta(days=40), price=before)
    order_at(NOW, price=recent)
    card = next(card for card in dashboard().context["cards"] if card.key == "sales")
    assert (card.note, card.tone) == (note, tone)


def test_a_day_belongs_to_the_shops_midnight() -> None:
    order_at(NOW.replace(hour=0))
    order_at(NOW.replace(hour=0) - timedelta(microseconds=1))
    order_at(NOW.replace(hour=0) - timedelta(days=29))
    order_at(NOW.replace(hour=0) - timedelta(days=29, microseconds=1))
    found = cards()
    assert found["today"] == ("1", "1 yesterday")
    assert found["sales"] == ("30.00", "+200 % on the 30 days before")


def test_the_stock_card_counts_what_runs_low_and_what_is_gone() -> None:
    make_product(stock=5)
    make_product(stock=6)
    make_product(stock=0)
    make_product(stock=0, is_active=False)
    held = make_product(stock=8)
    stock.hold({held.stock_id: 3})
    assert cards()["low"] == ("3", "1 sold out")


def test_the_bars_count_every_status_and_lead_to_its_orders() -> None:
    order_at(NOW)
    order_at(NOW)
    move(order_at(NOW), OrderStatus.PROCESSING)
    bars = {bar.status: bar for bar in dashboard().context["bars"]}
    assert [status.value for status in bars] == OrderStatus.values
    assert (bars[OrderStatus.PENDING].count, bars[OrderStatus.PENDING].share) == (2, 100)
    assert (bars[OrderStatus.PROCESSING].count, bars[OrderStatus.PROCESSING].share) == (1, 50)
    linked = signed_in().get(bars[OrderStatus.PROCESSING].link).context["cl"].result_list
    assert [order.status for order in linked] == [OrderStatus.PROCESSING]


def test_the_chart_shows_thirty_days_and_the_table_below_it_says_the_same() -> None:
    order_at(NOW - timedelta(days=2), price="12.50", quantity=2)
    answer = dashboard()
    chart = json.loads(answer.context["chart"])
    assert len(chart["labels"]) == 30
    assert chart["labels"][-3:] == ["18 Nov", "19 Nov", "20 Nov"]
    assert [float(amount) for amount in chart["datasets"][0]["data"]][-3:] == [25.0, 0.0, 0.0]
    assert b"<th>2026-11-18</th><td>1</td><td>25.00</td>" in answer.content


def test_the_latest_orders_come_newest_first() -> None:
    orders = [order_at(NOW - timedelta(hours=hours)) for hours in range(10)]
    latest = dashboard().context["latest"]
    assert [row.order.pk for row in latest] == [order.pk for order in orders[:8]]


def test_names_are_shown_as_text() -> None:
    make_order(user=make_user(first_name="<script>alert(1)</script>"))
    page = dashboard().content
    assert b"<script>alert(1)" not in page
    assert b"&lt;script&gt;alert(1)" in page


def test_it_takes_as_many_queries_for_an_empty_shop_as_for_a_busy_one() -> None:
    client = signed_in()
    counts = []
    for orders in (0, 1, 9):
        for number in range(orders):
            order_at(NOW - timedelta(days=number))
        with clock.frozen_at(NOW), CaptureQueriesContext(connection) as queries:
            assert client.get("/admin/").status_code == 200
        counts.append(len(queries))
    assert len(set(counts)) == 1
    assert counts[0] <= 9  # session, user, two of rights, five of the dashboard


def test_staff_who_may_not_see_orders_get_no_figures() -> None:
    order_at(NOW)
    answer = signed_in(make_viewer("catalog.view_brand")).get("/admin/")
    assert answer.status_code == 200
    assert "cards" not in answer.context
    assert b"Brands" in answer.content
