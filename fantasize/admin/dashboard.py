"""The dashboard: how the shop is doing, in a fixed number of queries."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Count, F, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from catalog.models import Product
from fantasize.core import clock
from fantasize.core.admin.display import amount
from orders import policies
from orders.admin.page import customer_name
from orders.enums import OrderStatus
from orders.models import Order
from orders.selectors import SalesDay, count_by_status, latest_orders, sales_by_day

DAYS = 30
LATEST = 8
_MOST_PERCENT = 1000  # from here on a percentage says nothing to anybody
_CHART_OPTIONS = {
    "maintainAspectRatio": False,
    "animation": False,
    "interaction": {"mode": "index", "intersect": False},
    "plugins": {"legend": {"display": False}},
    "scales": {
        "x": {
            "grid": {"display": False},
            "border": {"display": False},
            "ticks": {"color": "#9ca3af", "maxRotation": 0, "autoSkipPadding": 18},
        },
        "y": {
            "beginAtZero": True,
            "border": {"display": False},
            "ticks": {"color": "#9ca3af", "maxTicksLimit": 6},
            "grid": {"drawTicks": False},
        },
    },
}


@dataclass(frozen=True, slots=True)
class Card:
    """One figure at the top; ``note`` puts it in proportion, ``tone`` colours the note (plain, good, warning)."""

    key: str
    label: str
    value: str
    unit: str
    note: str
    icon: str
    link: str
    tone: str = "plain"


@dataclass(frozen=True, slots=True)
class Bar:
    """How many orders have one status; ``share`` is the bar's length in percent of the longest one."""

    status: OrderStatus
    count: int
    share: float
    link: str


@dataclass(frozen=True, slots=True)
class Row:
    """One of the latest orders."""

    order: Order
    customer: str
    total: str


def dashboard_context(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Everything the page shows; staff who may not see orders get no figures."""
    if not policies.can_see_all(request.user):
        return context
    today = timezone.localdate(clock.now())
    days = sales_by_day(first=today - timedelta(days=2 * DAYS - 1), last=today)
    counts = count_by_status()
    return context | {
        "cards": [_today_card(days), _sales_card(days), _waiting_card(counts), _stock_card()],
        "bars": _bars(counts),
        "sales": days[-DAYS:],
        "chart": json.dumps(_chart(days[-DAYS:])),
        "chart_options": json.dumps(_CHART_OPTIONS),
        "latest": [
            Row(order, customer_name(order), amount(order.total, order.currency)) for order in latest_orders(LATEST)
        ],
        "orders_link": _orders(),
        "currency": settings.SHOP_CURRENCY,
    }


def _today_card(days: Sequence[SalesDay]) -> Card:
    return Card(
        "today", "Orders today", f"{days[-1].orders:,}", "", f"{days[-2].orders:,} yesterday", "shopping_bag", _orders()
    )


def _sales_card(days: Sequence[SalesDay]) -> Card:
    before, recent = _total(days[:-DAYS]), _total(days[-DAYS:])
    value, _, unit = amount(recent, settings.SHOP_CURRENCY).partition(" ")
    change = round((recent - before) / before * 100) if before else _MOST_PERCENT
    if change < _MOST_PERCENT:
        note, tone = f"{change:+} % on the {DAYS} days before", "good" if change >= 0 else "warning"
    else:
        note, tone = f"{amount(before, settings.SHOP_CURRENCY)} in the {DAYS} days before", "plain"
    return Card("sales", f"Sales, last {DAYS} days", value, unit, note, "payments", _orders(), tone)


def _waiting_card(counts: Mapping[OrderStatus, int]) -> Card:
    pending, review = counts[OrderStatus.PENDING], counts[OrderStatus.UNDER_REVIEW]
    tone = "warning" if review else "plain"
    return Card(
        "waiting",
        "Waiting",
        f"{pending + review:,}",
        "",
        f"{review:,} to review",
        "hourglass_top",
        _orders("pending"),
        tone,
    )


def _stock_card() -> Card:
    free = F("stock__on_hand") - F("stock__held")
    found = (
        Product.objects.active()
        .alias(free=free)
        .aggregate(
            out=Count("pk", filter=Q(free__lte=0)),
            low=Count("pk", filter=Q(free__lte=F("stock__low_stock_at"))),
        )
    )
    link = f"{reverse('admin:catalog_stockitem_changelist')}?status=scarce"
    tone = "warning" if found["out"] else "plain"
    return Card("low", "Running low", f"{found['low']:,}", "", f"{found['out']:,} sold out", "inventory_2", link, tone)


def _bars(counts: Mapping[OrderStatus, int]) -> list[Bar]:
    longest = max(*counts.values(), 1)
    return [Bar(status, count, round(count / longest * 100, 1), _orders(status)) for status, count in counts.items()]


def _chart(days: Iterable[SalesDay]) -> dict[str, Any]:
    """The chart's data, as Chart.js wants it."""
    days = list(days)
    return {
        "labels": [f"{day.day:%-d %b}" for day in days],
        "datasets": [
            {
                "label": f"Sales ({settings.SHOP_CURRENCY})",
                "data": [str(day.total) for day in days],
                "backgroundColor": "var(--color-primary-500)",
                "borderRadius": 5,
                "maxBarThickness": 22,
            },
        ],
    }


def _total(days: Iterable[SalesDay]) -> Decimal:
    return sum((day.total for day in days), start=Decimal(0))


def _orders(status: str = "") -> str:
    link = reverse("admin:orders_order_changelist")
    return f"{link}?status__exact={status}" if status else link
