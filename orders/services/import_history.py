"""Invoices of the past become orders with their whole history: lines, stock, payment, events.

An imported order was delivered and paid in cash long ago and belongs to nobody. It is inserted as pending and walked
along the legal edges like every other, only many at a time. The file knows one moment per invoice, so every step has
that moment; nothing is made up. Its events are stored as dispatched: nobody is told.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import islice
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F

from catalog.enums import MovementReason
from catalog.models import Product
from catalog.pricing import CurrentPrice
from catalog.services import sales, stock_history
from catalog.services.import_catalogue import ACTOR
from catalog.services.retail_file import Refuse
from catalog.services.stock_history import Entry
from catalog.validators import RefusedLine, RetailLine
from fantasize.core import outbox
from fantasize.core.bulk import copy_rows
from fantasize.core.events import Event
from orders import events, states
from orders.enums import HoldOutcome, OrderSource, OrderStatus, PaymentMethod, PaymentState, PaymentStatus, Role
from orders.models import Hold, Order, OrderLine, Payment
from orders.pricing import Item, Quote, QuotedLine, quote
from orders.services.checkout import next_numbers

INVOICES_PER_TRANSACTION = 250
TOO_LARGE_REASON = "invoice larger than an order can be"
MAX_PIECES = 1_000_000
MAX_TOTAL = Decimal(10_000_000_000)

_WALK = [edge.target for edge in states.path(OrderStatus.PENDING, OrderStatus.DELIVERED, Role.STAFF, is_cash=True)]
_LINE_COLUMNS = (
    *("order_id", "position", "product_id", "name", "sku", "quantity", "unit_price", "line_total"),
    *("stages", "surcharges", "once", "parts", "customizations"),
)


@dataclass(slots=True)
class Invoice:
    """One invoice as the file tells it.

    Attributes:
        name: its number in the file, the imported order's ``reference``.
        at: when it was made; the earliest moment when its lines disagree.
        first_line: where it begins in the file.
        pieces: how many of each stock code at each unit price, in the order of the file.
    """

    name: str
    at: datetime
    first_line: int
    pieces: dict[tuple[str, Decimal], int] = field(default_factory=dict)


@dataclass(slots=True)
class HistoryResult:
    """How many orders an import made, and how many invoices were orders already."""

    orders_new: int = 0
    orders_known: int = 0


@dataclass(frozen=True, slots=True)
class _Placed:
    """A new order with what it was made from."""

    order: Order
    invoice: Invoice
    price: Quote


def group_invoices(lines: Iterable[RetailLine], line_counts: Mapping[str, int]) -> Iterator[Invoice]:
    """Each invoice as soon as its last line was read, so that only unfinished ones are kept; returns are passed over.

    Args:
        lines: a file's lines, in any order.
        line_counts: how many lines each invoice has, from a first reading of the file.
    """
    missing = dict(line_counts)
    open_invoices: dict[str, Invoice] = {}
    for line in lines:
        if line.is_return:
            continue
        invoice = open_invoices.setdefault(line.invoice, Invoice(line.invoice, line.at, line.number))
        invoice.at = min(invoice.at, line.at)
        key = (line.code, line.unit_price)
        invoice.pieces[key] = invoice.pieces.get(key, 0) + line.quantity
        missing[line.invoice] -= 1
        if not missing[line.invoice]:
            yield open_invoices.pop(line.invoice)


def import_orders(invoices: Iterable[Invoice], *, refuse: Refuse) -> HistoryResult:
    """Make an order of every invoice that is none yet; ``refuse`` hears of those that are too large for one.

    Every ``INVOICES_PER_TRANSACTION`` invoices are one transaction, so an order exists with all that belongs to it or
    not at all. The articles must be products already.
    """
    result = HistoryResult()
    remaining = iter(invoices)
    while batch := list(islice(remaining, INVOICES_PER_TRANSACTION)):
        fitting = [invoice for invoice in batch if _fits(invoice, refuse)]
        created = _import_batch(fitting)
        result.orders_new += created
        result.orders_known += len(fitting) - created
    return result


def _fits(invoice: Invoice, refuse: Refuse) -> bool:
    total = sum(price * quantity for (_, price), quantity in invoice.pieces.items())
    fits = total <= MAX_TOTAL and sum(invoice.pieces.values()) <= MAX_PIECES
    if not fits:
        refuse(RefusedLine(invoice.first_line, TOO_LARGE_REASON, (invoice.name,)))
    return fits


@transaction.atomic
def _import_batch(invoices: Sequence[Invoice]) -> int:
    """Make orders of the new ones; returns how many that were."""
    names = [invoice.name for invoice in invoices]
    known = set(Order.objects.filter(reference__in=names).values_list("reference", flat=True))
    new = [invoice for invoice in invoices if invoice.name not in known]
    if not new:
        return 0
    codes = {code for invoice in new for code, _ in invoice.pieces}
    products = Product.objects.in_bulk(codes, field_name="sku")
    placed = _insert_orders(new)
    _insert_lines(placed, products)
    _settle_stock(placed, products)
    _count_sales(placed, products)
    _settle_payments(placed)
    _walk([each.order for each in placed])
    return len(new)


def _insert_orders(invoices: Sequence[Invoice]) -> list[_Placed]:
    number = next_numbers(len(invoices))
    placed = [_draft_order(invoice, number + index) for index, invoice in enumerate(invoices)]
    Order.objects.bulk_create([each.order for each in placed])
    return placed


def _draft_order(invoice: Invoice, number: int) -> _Placed:
    price = quote(
        [Item(code, CurrentPrice(price, price), quantity) for (code, price), quantity in invoice.pieces.items()],
        currency=settings.SHOP_CURRENCY,
    )
    order = Order(
        number=number,
        reference=invoice.name,
        source=OrderSource.IMPORT,
        status=OrderStatus.PENDING,
        payment_method=PaymentMethod.CASH_ON_DELIVERY,
        currency=price.currency,
        items_total=price.items,
        discount_total=price.discounts,
        shipping_total=price.shipping,
        tax_total=price.tax,
        total=price.total,
        placed_at=invoice.at,
        pending_at=invoice.at,
    )
    return _Placed(order, invoice, price)


def _insert_lines(placed: Sequence[_Placed], products: Mapping[str, Product]) -> None:
    rows = (
        _line_row(each.order, position, products[code], line)
        for each in placed
        for position, ((code, _), line) in enumerate(zip(each.invoice.pieces, each.price.lines, strict=True), start=1)
    )
    copy_rows(OrderLine, _LINE_COLUMNS, rows)


def _line_row(order: Order, position: int, product: Product, line: QuotedLine) -> tuple[Any, ...]:
    stages = json.dumps([{**asdict(stage), "amount": str(stage.amount)} for stage in line.stages])
    sold = (product.pk, product.name, product.sku, line.quantity, line.unit_price, line.total)
    return (order.pk, position, *sold, stages, "[]", line.once, "[]", "[]")


def _settle_stock(placed: Sequence[_Placed], products: Mapping[str, Product]) -> None:
    """Book the pieces as there before they were sold, and their holds as consumed; what is on hand stays the same."""
    demands = [(each.order, _sum_demand(each.invoice, products)) for each in placed]
    openings: Counter[int] = Counter()
    first_at: dict[int, datetime] = {}
    for order, demand in demands:
        openings += demand
        first_at |= {item: min(first_at.get(item, order.placed_at), order.placed_at) for item in demand}
    opened = [stock_history.opening_entry(item, pieces, first_at[item]) for item, pieces in sorted(openings.items())]
    sold = [
        Entry(item, -quantity, MovementReason.SALE, str(order.number), order.placed_at)
        for order, demand in demands
        for item, quantity in demand.items()
    ]
    stock_history.book([*opened, *sold], actor=ACTOR)
    _insert_consumed_holds(demands)


def _sum_demand(invoice: Invoice, products: Mapping[str, Product]) -> Counter[int]:
    demand: Counter[int] = Counter()
    for (code, _), quantity in invoice.pieces.items():
        demand[products[code].stock_id] += quantity
    return demand


def _count_sales(placed: Sequence[_Placed], products: Mapping[str, Product]) -> None:
    pieces: Counter[int] = Counter()
    for each in placed:
        for (code, _), quantity in each.invoice.pieces.items():
            pieces[products[code].pk] += quantity
    sales.record(pieces)


def _insert_consumed_holds(demands: Sequence[tuple[Order, Counter[int]]]) -> None:
    copy_rows(
        Hold,
        ("order_id", "stock_item_id", "quantity", "created_at", "ended_at", "outcome"),
        (
            (order.pk, item, quantity, order.placed_at, order.placed_at, HoldOutcome.CONSUMED.value)
            for order, demand in demands
            for item, quantity in demand.items()
        ),
    )


def _settle_payments(placed: Sequence[_Placed]) -> None:
    Payment.objects.bulk_create(
        Payment(
            order=each.order,
            method=PaymentMethod.CASH_ON_DELIVERY,
            gateway=PaymentMethod.CASH_ON_DELIVERY,
            amount=each.order.total,
            currency=each.order.currency,
            state=PaymentState.PAID,
            created_at=each.order.placed_at,
            captured_at=each.order.placed_at,
        )
        for each in placed
    )


def _walk(orders: Sequence[Order]) -> None:
    """Take all of them through every status up to delivered, and write down each step."""
    rows = Order.objects.filter(pk__in=[order.pk for order in orders])
    history = [_event(order, "placed", OrderStatus.PENDING, None) for order in orders]
    previous = OrderStatus.PENDING
    for status in _WALK:
        rows.update(**{"status": status, f"{status.value}_at": F("placed_at"), "version": F("version") + 1})
        history += [_event(order, status.value, status, previous) for order in orders]
        previous = status
    rows.update(payment_status=PaymentStatus.PAID)
    outbox.record_silently(history)


def _event(order: Order, name: str, status: OrderStatus, previous: OrderStatus | None) -> Event:
    return events.status_changed(
        order.pk, name=name, status=status, previous=previous, actor=ACTOR, occurred_at=order.placed_at
    )
