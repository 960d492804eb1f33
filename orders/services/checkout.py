"""Placing an order: one transaction from the price to the event."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.db import connection, transaction

from accounts.models import User
from catalog.errors import OutOfStockError
from catalog.services import stock
from customizations.models import ChoiceStock
from customizations.services import snapshots
from customizations.services.snapshots import Drawings
from fantasize.core import clock, outbox
from fantasize.core.errors import DomainError, FieldError, InvalidError, UnauthenticatedError
from orders import events
from orders.enums import OrderStatus, PaymentMethod
from orders.errors import PriceChangedError
from orders.models import Order, OrderLine
from orders.pricing import Quote, QuotedLine
from orders.services import baskets, coupon_use, holds, quote_documents, quoting
from orders.services.baskets import Basket, BasketLine, LineRequest
from orders.services.quoting import Wishes

FIRST_NUMBER = 1001
# What a column of money has room for.
MAX_TOTAL = Decimal(10) ** 11

_TAKE_NUMBERS = """
    INSERT INTO orders_ordercounter AS counter (id, last_number) VALUES (1, %s)
    ON CONFLICT (id) DO UPDATE SET last_number = counter.last_number + %s
    RETURNING last_number
"""

# Others may keep it open too; only who erases it has to wait, or is waited for.
_KEEP_ACCOUNT = "SELECT 1 FROM accounts_user WHERE id = %s AND is_active FOR KEY SHARE"


def draw_proofs(*, user: User, lines: Sequence[LineRequest]) -> Drawings:
    """Draw what the lines ask for. Takes its time: before a transaction, not in it. Judges nothing but that it can be.

    Raises:
        InvalidError: a text or a picture cannot be printed as it is.
        UnavailableError: too much is being drawn just now.
    """
    drawings = snapshots.draw(baskets.evaluate(lines, principal=user.actor))
    errors = [replace(error, location=f"/lines{error.location}") for error in drawings.errors]
    if errors:
        raise InvalidError("Some answers cannot be printed.", errors=errors)
    return drawings


def place_order(
    *,
    user: User,
    lines: Sequence[LineRequest],
    payment_method: PaymentMethod,
    shipping_address: Mapping[str, Any],
    expected_total: Decimal | None = None,
    drawings: Drawings | None = None,
    wishes: Wishes | None = None,
) -> Order:
    """Place an order and reserve its stock, at the prices of this moment; writes ``order.placed``.

    Takes as many queries for fifty lines as for one. ``drawings`` are what ``draw_proofs`` made of the lines; without
    them it is asked first, before the transaction. Shares a lock on the customer's row; locks the coupon, then
    pictures, proofs and stock items, each in primary-key order, the counter last.

    Raises:
        UnauthenticatedError: the account was closed meanwhile.
        InvalidError: something is not sold, cannot be sent there as wished, or is answered as it cannot be made.
        CouponInvalidError, CouponMinTotalError, RateLimitedError: the coupon cannot be used; see ``coupon_use``.
        PriceChangedError: the total is not ``expected_total``; it tells the quote of now.
        ConflictError: ``options_changed`` or ``upload_gone`` since the drawing.
        OutOfStockError: something is short; nothing is reserved.
    """
    drawings = drawings or draw_proofs(user=user, lines=lines)
    with transaction.atomic():
        _require_customer(user)
        basket = baskets.read(lines, principal=user.actor, at=clock.now())
        _require_possible(basket)
        order = _draft_order(user, basket, payment_method, shipping_address)
        price = _settle(order, basket, wishes or Wishes())
        _require_expected(basket, price, expected_total)
        frozen = snapshots.freeze(basket.evaluated, drawings)
        _hold(basket)
        _insert_order(order, price)
        _insert_lines(order, zip(basket.lines, price.lines, frozen, strict=True))
        holds.record_holds(order, basket.demand)
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


def _require_possible(basket: Basket) -> None:
    """That it can be ordered like this."""
    if faults := basket.faults:
        raise _refusal(faults)


def _settle(order: Order, basket: Basket, wishes: Wishes) -> Quote:
    """What it costs in all; its coupon is used from then on."""
    coupon = coupon_use.redeem(
        wishes.coupon, order=order, caller_address=wishes.caller_address, items_total=basket.quote.total
    )
    return quoting.settle(basket, address=order.shipping_address, wishes=wishes, coupon=coupon)


def _require_expected(basket: Basket, price: Quote, expected_total: Decimal | None) -> None:
    """That it costs what the shopper was shown, and what a column has room for."""
    total, currency = price.total, price.currency
    if total >= MAX_TOTAL:
        raise InvalidError.at("/lines", "No order can cost as much.", code="too_large")
    if expected_total is not None and expected_total != total:
        now = {"total": str(total), "quote": quote_documents.describe(basket, price)}
        raise PriceChangedError(f"The total is now {total} {currency}.", extra=now)


def _refusal(faults: Sequence[FieldError]) -> DomainError:
    """Of answers: what is sold out alone is a conflict, as for a product; nothing is wrong with the question."""
    if any(fault.code != OutOfStockError.code for fault in faults):
        return InvalidError("Some answers are not possible.", errors=faults)
    error = OutOfStockError({})
    error.errors = tuple(faults)
    return error


def _hold(basket: Basket) -> None:
    """Reserve what the basket takes; what is short of choices is named too."""
    demand = basket.demand
    try:
        stock.hold(demand)
    except OutOfStockError as error:
        if short := _short_choices(demand):
            error.extra["choices"] = short
        raise


def _short_choices(demand: stock.Demand) -> list[dict[str, Any]]:
    rows = ChoiceStock.objects.filter(stock__in=demand).select_related("stock").order_by("pk")
    return [
        {"option": row.option, "value": row.value, "available": row.stock.available}
        for row in rows
        if row.stock.available < demand[row.stock_id]
    ]


def _draft_order(user: User, basket: Basket, method: PaymentMethod, address: Mapping[str, Any]) -> Order:
    """The order without its price and number; it has its id."""
    status = OrderStatus.UNDER_REVIEW if basket.needs_approval else OrderStatus.PENDING
    return Order(
        user=user,
        email=user.email,
        status=status,
        payment_method=method,
        shipping_address=dict(address),
        placed_at=basket.at,
        **{f"{status.value}_at": basket.at},
    )


def _insert_order(order: Order, price: Quote) -> None:
    order.currency = price.currency
    order.items_total, order.discount_total, order.shipping_total = price.items, price.discounts, price.shipping
    order.tax_total, order.tax_included_total, order.total = price.tax, price.tax_included, price.total
    order.coupon, order.shipping_method = price.coupon, price.method.code if price.method else ""
    order.stages, order.taxes = quote_documents.stages(price.steps), quote_documents.taxes(price)
    order.hold_expires_at = holds.expiry_for(order)
    order.number = next_numbers(1)
    order.save(force_insert=True)


def next_numbers(count: int) -> int:
    """Reserve ``count`` order numbers and return the first. Locks the counter until the commit, so call it last."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_NUMBERS, [FIRST_NUMBER - 1 + count, count])
        last: int = cursor.fetchone()[0]
    return last - count + 1


def _insert_lines(order: Order, rows: Iterable[tuple[BasketLine, QuotedLine, list[dict[str, Any]]]]) -> None:
    OrderLine.objects.bulk_create(_snapshot_line(order, place, *row) for place, row in enumerate(rows, start=1))


def _snapshot_line(
    order: Order, position: int, line: BasketLine, priced: QuotedLine, things: list[dict[str, Any]]
) -> OrderLine:
    return OrderLine(
        order=order,
        position=position,
        product_id=line.request.product_id,
        package_id=line.request.package_id,
        name=line.thing.name,
        sku=line.thing.sku,
        quantity=priced.quantity,
        unit_price=priced.unit_price,
        stages=quote_documents.stages(priced.stages),
        surcharges=list(snapshots.surcharges_of(things)),
        once=priced.once,
        line_total=priced.total,
        discount=priced.discount,
        tax=priced.tax,
        tax_included=priced.tax_included,
        tax_class=priced.tax_class,
        parts=[
            {
                "product": part.product_id,
                "name": part.product.name,
                "sku": part.product.sku,
                "quantity": part.quantity,
            }
            for part in baskets.parts_of(line.thing)
        ],
        customizations=things,
    )
