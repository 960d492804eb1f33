"""What placing an order and editing one have in common: what is refused, what is held, what the rows say."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from catalog.errors import OutOfStockError
from catalog.services import stock
from customizations.models import ChoiceStock
from customizations.services import snapshots
from customizations.services.snapshots import Drawings
from fantasize.core.errors import DomainError, FieldError, InvalidError
from fantasize.core.statements import IdsSlot, Statement
from orders.errors import PriceChangedError
from orders.models import Order, OrderLine
from orders.pricing import Quote, QuotedLine
from orders.services import baskets, quote_documents, quoting
from orders.services.baskets import Basket, BasketLine

_CHOICES = Statement(
    lambda: ChoiceStock.objects.filter(stock__in=IdsSlot("items")).select_related("stock").order_by("pk")
)


def require_possible(basket: Basket) -> None:
    """That it can be ordered like this.

    Raises:
        InvalidError: some answers are not legal, or it costs more than a coupon could be reckoned from.
        OutOfStockError: a choice is sold out, and nothing else is wrong.
    """
    if faults := basket.faults:
        raise _refusal(faults)
    quoting.require_room(basket.quote)


def require_printable(drawings: Drawings) -> None:
    """That everything can be drawn that has a canvas.

    Raises:
        InvalidError: a text or a picture cannot be printed as it is.
    """
    if drawings.errors:
        errors = [replace(error, location=f"/lines{error.location}") for error in drawings.errors]
        raise InvalidError("Some answers cannot be printed.", errors=errors)


def require_expected(
    basket: Basket, price: Quote, expected_total: Decimal | None, *others: tuple[Basket, Quote]
) -> None:
    """That it costs what somebody was shown, together with ``others``, and what a column has room for.

    Raises:
        InvalidError: it costs more than that.
        PriceChangedError: the total is not ``expected_total``; it tells the quote of now.
    """
    total = price.total + sum(other.total for _, other in others)
    quoting.require_room(price, *(other for _, other in others))
    if expected_total is not None and expected_total != total:
        quotes = [quote_documents.describe(*each) for each in ((basket, price), *others)]
        now = {"total": str(total), "quote": quotes[0], **({"quotes": quotes} if others else {})}
        raise PriceChangedError(f"The total is now {total} {price.currency}.", extra=now)


def hold(demand: stock.Demand) -> None:
    """Reserve pieces; what is short of choices is named too.

    Raises:
        OutOfStockError: something is short; nothing is reserved.
    """
    try:
        stock.hold(demand)
    except OutOfStockError as error:
        if short := _short_choices(demand):
            error.extra["choices"] = short
        raise


def write_price(order: Order, price: Quote) -> None:
    """What the order costs, and how that came about; does not save it."""
    order.currency = price.currency
    order.items_total, order.discount_total, order.shipping_total = price.items, price.discounts, price.shipping
    order.tax_total, order.tax_included_total, order.total = price.tax, price.tax_included, price.total
    order.coupon, order.shipping_method = price.coupon, price.method.code if price.method else ""
    order.stages, order.taxes = quote_documents.stages(price.steps), quote_documents.taxes(price)


def snapshot_line(
    order: Order, position: int, line: BasketLine, priced: QuotedLine, things: list[dict[str, Any]]
) -> OrderLine:
    """A line as it is sold; does not save it."""
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
        extra_charge=priced.extra,
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
                "list_price": str(part.product.list_price),
            }
            for part in baskets.parts_of(line.thing)
        ],
        customizations=things,
    )


def _refusal(faults: Sequence[FieldError]) -> DomainError:
    """Of answers: what is sold out alone is a conflict, as for a product; nothing is wrong with the question."""
    if any(fault.code != OutOfStockError.code for fault in faults):
        return InvalidError("Some answers are not possible.", errors=faults)
    error = OutOfStockError({})
    error.errors = tuple(faults)
    return error


def _short_choices(demand: stock.Demand) -> list[dict[str, Any]]:
    return [
        {"option": row.option, "value": row.value, "available": row.stock.available}
        for row in _CHOICES.fetch(items=list(demand))
        if row.stock.available < demand[row.stock_id]
    ]
