"""Reads of orders and their history."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Max, Q, QuerySet, Sum
from django.db.models.functions import TruncDate
from django.utils import timezone

from catalog.selectors.products import list_products
from catalog.selectors.search import search_products
from fantasize.core.errors import NotFoundError
from fantasize.core.models import DomainEvent
from orders import policies
from orders.enums import OrderStatus
from orders.events import AGGREGATE
from orders.models import Order, OrderLine

MAX_NUMBER_DIGITS = 18
MAX_FOUND_PRODUCTS = 100
MAX_FOUND_LINES = 1000


def get_order(actor: Any, lookup: str) -> Order:
    """One order by id or number, with its lines.

    Raises:
        NotFoundError: it is absent, or not the actor's to read: the two look the same.
    """
    condition = by_id_or_number(lookup)
    order = policies.for_actor(actor).filter(condition).with_lines().first() if condition else None
    if order is None:
        raise NotFoundError
    return order


def by_id_or_number(lookup: str) -> Q | None:
    """The condition that finds an order by its UUID or its number; None when ``lookup`` is neither."""
    if lookup.isascii() and lookup.isdecimal() and len(lookup) <= MAX_NUMBER_DIGITS:
        return Q(number=int(lookup))
    try:
        return Q(pk=UUID(lookup))
    except ValueError:
        return None


def events_of(order_id: UUID, *, after: int = 0) -> QuerySet[DomainEvent]:
    """What happened to an order after event number ``after``, oldest first."""
    events = DomainEvent.objects.filter(aggregate=AGGREGATE, aggregate_id=str(order_id), seq__gt=after)
    return events.order_by("seq")


@dataclass(frozen=True, slots=True)
class SalesDay:
    """One day's business: the orders placed on it that were not called off, and their total in the shop's currency."""

    day: date
    orders: int
    total: Decimal


def count_by_status() -> dict[OrderStatus, int]:
    """How many orders have each status; every status is there."""
    found = dict(Order.objects.order_by().values_list("status").annotate(Count("pk")))
    return {status: found.get(status, 0) for status in OrderStatus}


def sales_by_day(*, first: date, last: date) -> list[SalesDay]:
    """Every day from ``first`` to ``last``, also those without sales.

    Cancelled, rejected and returned orders do not count.
    """
    midnight, zone = time.min, timezone.get_current_timezone()
    rows = (
        Order.objects.exclude(status__in=[OrderStatus.CANCELLED, OrderStatus.REJECTED, OrderStatus.RETURNED])
        .filter(
            currency=settings.SHOP_CURRENCY,
            placed_at__gte=datetime.combine(first, midnight, zone),
            placed_at__lt=datetime.combine(last + timedelta(days=1), midnight, zone),
        )
        .order_by()
        .values(day=TruncDate("placed_at"))
        .annotate(orders=Count("pk"), total=Sum("total"))
    )
    found = {row["day"]: SalesDay(**row) for row in rows}
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return [found.get(day) or SalesDay(day, 0, Decimal(0)) for day in days]


def latest_orders(count: int) -> list[Order]:
    """The ``count`` orders placed last, with their customers."""
    return list(Order.objects.select_related("user").order_by("-placed_at", "-number")[:count])


def matching(orders: QuerySet[Order], text: str) -> QuerySet[Order]:
    """Those that staff mean by ``text``: an order's number or imported name, the start of an e-mail address, a product.

    Every way goes through an index, however many orders there are. Of products, at most ``MAX_FOUND_PRODUCTS`` count,
    with their newest ``MAX_FOUND_LINES`` sales. One query more than the list takes.
    """
    text = text.strip()
    if (exact := by_id_or_number(text)) is not None:
        return orders.filter(exact | Q(reference=text))
    found = search_products(list_products(including_hidden=True), text).order_by("pk")
    products = list(found.values_list("pk", flat=True)[:MAX_FOUND_PRODUCTS])
    bought = OrderLine.objects.filter(product__in=products).order_by("-pk").values("order")[:MAX_FOUND_LINES]
    named = Order.objects.filter(Q(email__startswith=text.lower()) | Q(reference=text)).order_by().values("pk")
    return orders.filter(pk__in=named.union(bought))


def last_seq(order_id: UUID) -> int:
    """The number of an order's last event; 0 when there is none."""
    events = DomainEvent.objects.filter(aggregate=AGGREGATE, aggregate_id=str(order_id))
    last: int | None = events.aggregate(last=Max("seq"))["last"]
    return last or 0
