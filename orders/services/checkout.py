"""Placing an order: one transaction from the price to the event."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from accounts.models import User
from catalog.models import Product
from catalog.selectors import prices
from catalog.services import stock
from fantasize.core import clock, outbox
from fantasize.core.errors import FieldError, InvalidError, UnauthenticatedError
from orders import events
from orders.enums import OrderStatus, PaymentMethod
from orders.errors import PriceChangedError
from orders.models import Order, OrderLine
from orders.pricing import Item, Quote, QuotedLine, quote
from orders.services import holds

FIRST_NUMBER = 1001

_TAKE_NUMBERS = """
    INSERT INTO orders_ordercounter AS counter (id, last_number) VALUES (1, %s)
    ON CONFLICT (id) DO UPDATE SET last_number = counter.last_number + %s
    RETURNING last_number
"""


# Others may keep it open too; only who erases it has to wait, or is waited for.
_KEEP_ACCOUNT = "SELECT 1 FROM accounts_user WHERE id = %s AND is_active FOR KEY SHARE"


@dataclass(frozen=True, slots=True)
class LineRequest:
    """What somebody wants: a product and how many of it (at least 1)."""

    product_id: int
    quantity: int


@transaction.atomic
def place_order(
    *,
    user: User,
    lines: Sequence[LineRequest],
    payment_method: PaymentMethod,
    shipping_address: Mapping[str, Any],
    expected_total: Decimal | None = None,
) -> Order:
    """Place an order and reserve its stock, at the prices of this moment; writes ``order.placed``.

    Takes as many queries for fifty lines as for one. Shares a lock on the customer's row; locks the stock items in
    primary-key order, the counter last.

    Raises:
        UnauthenticatedError: the account was closed meanwhile.
        InvalidError: a line names a product that is not sold.
        PriceChangedError: the total is not ``expected_total``.
        OutOfStockError: something is short; nothing is reserved.
    """
    _require_customer(user)
    products, now = _find_products(lines), clock.now()
    price = _price_lines(lines, products, now)
    if expected_total is not None and expected_total != price.total:
        raise PriceChangedError(f"The total is now {price.total} {price.currency}.", extra={"total": str(price.total)})
    demand = _sum_demand(lines, products)
    stock.hold(demand)
    order = _insert_order(user, price, payment_method, shipping_address, now)
    OrderLine.objects.bulk_create(
        _snapshot_line(order, position, products[line.product_id], priced)
        for position, (line, priced) in enumerate(zip(lines, price.lines, strict=True), start=1)
    )
    holds.record_holds(order, demand)
    placed = events.status_changed(order.pk, name="placed", status=order.status, previous=None, actor=user.actor)
    outbox.publish(placed)
    return order


def _require_customer(user: User) -> None:
    """Hold the account open until the commit: nobody who is being forgotten gets an order that knows them."""
    with connection.cursor() as cursor:
        cursor.execute(_KEEP_ACCOUNT, [user.pk])
        is_open = cursor.fetchone() is not None
    if not is_open:
        raise UnauthenticatedError("The account is closed.")


def _find_products(lines: Sequence[LineRequest]) -> dict[int, Product]:
    found = Product.objects.active().in_bulk({line.product_id for line in lines})
    errors = [
        FieldError(f"/lines/{index}/product", "does_not_exist", "There is no such product.")
        for index, line in enumerate(lines)
        if line.product_id not in found
    ]
    if errors:
        raise InvalidError("Some products are not sold here.", errors=errors)
    return found


def _price_lines(lines: Sequence[LineRequest], products: Mapping[int, Product], at: datetime) -> Quote:
    """What it all costs at a moment, with the offers and price breaks as they are committed by now. Two queries."""
    prices.attach(list(products.values()), at=at)
    items = [Item(line.product_id, products[line.product_id].current_price, line.quantity) for line in lines]
    return quote(items, currency=settings.SHOP_CURRENCY)


def _sum_demand(lines: Sequence[LineRequest], products: Mapping[int, Product]) -> dict[int, int]:
    """Pieces per stock item over all lines, in primary-key order."""
    wanted: Counter[int] = Counter()
    for line in lines:
        wanted[products[line.product_id].stock_id] += line.quantity
    return dict(sorted(wanted.items()))


def _insert_order(user: User, price: Quote, method: PaymentMethod, address: Mapping[str, Any], now: datetime) -> Order:
    order = Order(
        user=user,
        email=user.email,
        status=OrderStatus.PENDING,
        payment_method=method,
        currency=price.currency,
        items_total=price.items,
        discount_total=price.discounts,
        shipping_total=price.shipping,
        tax_total=price.tax,
        total=price.total,
        shipping_address=dict(address),
        placed_at=now,
        pending_at=now,
    )
    order.hold_expires_at = holds.expiry_for(order)
    order.number = next_numbers(1)
    order.save(force_insert=True)
    return order


def next_numbers(count: int) -> int:
    """Reserve ``count`` order numbers and return the first. Locks the counter until the commit, so call it last."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_NUMBERS, [FIRST_NUMBER - 1 + count, count])
        last: int = cursor.fetchone()[0]
    return last - count + 1


def _snapshot_line(order: Order, position: int, product: Product, priced: QuotedLine) -> OrderLine:
    return OrderLine(
        order=order,
        position=position,
        product=product,
        name=product.name,
        sku=product.sku,
        quantity=priced.quantity,
        unit_price=priced.unit_price,
        stages=[{**asdict(stage), "amount": str(stage.amount)} for stage in priced.stages],
        line_total=priced.total,
    )
