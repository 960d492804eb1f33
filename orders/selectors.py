"""Reads of orders and their history."""

from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import Count, Max, Prefetch, Q, QuerySet, Sum
from django.db.models.functions import TruncDate
from django.utils import timezone

from catalog.selectors.products import list_products
from catalog.selectors.search import search_products
from customizations.models import Proof
from fantasize.core.errors import NotFoundError
from fantasize.core.models import DomainEvent
from orders import policies
from orders.enums import OrderStatus
from orders.events import AGGREGATE, for_recipient
from orders.models import CreditNote, CreditNoteLine, Order, OrderLine
from orders.models.line import OrderLineQuerySet

MAX_NUMBER_DIGITS = 18
MAX_FOUND_PRODUCTS = 100
MAX_FOUND_LINES = 1000

_SHOWN_PROOFS = """
    SELECT sha256 FROM unnest(%s::text[]) AS wanted (sha256)
     WHERE EXISTS (SELECT 1 FROM orders_orderline
                    WHERE customizations @> jsonb_build_array(jsonb_build_object('proof', sha256)))
"""

_SHOWN_UPLOADS = """
    SELECT wanted.id FROM unnest(%s::text[]) AS wanted (id)
     WHERE EXISTS (SELECT 1 FROM orders_orderline
                    WHERE customizations @> jsonb_build_array(jsonb_build_object(
                              'uploads', jsonb_build_array(jsonb_build_object('id', wanted.id)))))
"""


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


def get_trackable(actor: Any, lookup: str) -> Order:
    """One order by id or number, for somebody who follows its way.

    Raises:
        NotFoundError: it is absent, or not the actor's to follow: the two look the same.
    """
    condition = by_id_or_number(lookup)
    order = policies.trackable_by(actor).filter(condition).first() if condition else None
    if order is None:
        raise NotFoundError
    return order


def get_followed(actors: Iterable[Any], lookup: str) -> Order:
    """One order by id or number that one of the actors may follow.

    Raises:
        NotFoundError: it is absent, or none of theirs to follow: the two look the same.
    """
    for actor in actors:
        with suppress(NotFoundError):
            return get_trackable(actor, lookup)
    raise NotFoundError


def get_proof(actor: Any, sha256: str) -> Proof:
    """A print file of something in an order that the actor may read.

    Raises:
        NotFoundError: there is none, it was forgotten, or all orders with it are others': they look the same.
    """
    proof = Proof.objects.filter(pk=sha256).first()
    if proof is None:
        raise NotFoundError
    lines = OrderLine.objects.with_proof(sha256).filter(order__in=policies.for_actor(actor).order_by())
    if not lines.exists():
        raise NotFoundError
    return proof


def attach_siblings(orders: Sequence[Order]) -> None:
    """Give orders that were placed at once each other. One query, if there are some that do not know theirs."""
    alone = [order for order in orders if order.group and not order.siblings]
    if not alone:
        return
    found = list(Order.objects.filter(group__in={order.group for order in alone}).order_by("number"))
    for order in alone:
        order.siblings = [other for other in found if other.group == order.group and other.pk != order.pk]


def shown_proofs(hashes: Collection[str]) -> set[str]:
    """Those of the proofs that lines of orders show. One query, on the index."""
    return _found(_SHOWN_PROOFS, hashes)


def shown_uploads(ids: Collection[str]) -> set[str]:
    """Those of the pictures that lines of orders were made with. One query, on the index."""
    return _found(_SHOWN_UPLOADS, ids)


def _found(statement: str, names: Collection[str]) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(statement, [list(names)])
        return {name for (name,) in cursor.fetchall()}


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
class Told:
    """Something that happened to an order, as somebody is told of it; ``seq`` counts 1..n for everybody."""

    seq: int
    name: str
    occurred_at: datetime
    data: dict[str, Any]


def told_to(actor: Any, order_id: UUID, *, after: int = 0) -> list[Told]:
    """What happened to an order after event number ``after``, oldest first, as somebody may hear it who follows it."""
    return [_tell(actor, event) for event in events_of(order_id, after=after)]


def _tell(actor: Any, event: DomainEvent) -> Told:
    name, data = event.name, event.data
    if not policies.sees_prices(actor):
        name, data = for_recipient(name, data)
    return Told(event.seq, name, event.occurred_at, data)


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


def with_lines_of(orders: QuerySet[Order], lines: OrderLineQuerySet) -> QuerySet[Order]:
    """Those with one of the lines at least; by the index of the lines' answers, if that is what they are chosen by."""
    return orders.filter(pk__in=lines.order_by().values("order"))


def last_seq(order_id: UUID) -> int:
    """The number of an order's last event; 0 when there is none."""
    events = DomainEvent.objects.filter(aggregate=AGGREGATE, aggregate_id=str(order_id))
    last: int | None = events.aggregate(last=Max("seq"))["last"]
    return last or 0


def credit_notes_of(order: Order) -> QuerySet[CreditNote]:
    """What was given back of an order, oldest first. Two queries."""
    notes = CreditNote.objects.filter(order=order).select_related("order").order_by("created_at", "pk")
    return notes.prefetch_related(Prefetch("lines", CreditNoteLine.objects.order_by("pk")))
