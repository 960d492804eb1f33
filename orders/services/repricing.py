"""What an order comes to when staff ask more for a line: by the terms that it was sold by."""

from collections.abc import Sequence
from decimal import Decimal

from catalog.services import coupons
from fantasize.core import money
from fantasize.core.errors import InvalidError
from orders.models import Order, OrderLine
from orders.pricing import Quote
from orders.services import placing, quoting, sold_terms

_WRITTEN = ("extra_charge", "line_total", "discount", "tax", "tax_included")


def charge(order: Order, line_id: int, extra: Decimal) -> None:
    """Ask ``extra`` more for a line in place of what was asked before, and have all totals follow.

    Saves the lines, and what the coupon takes off; not the order, whose lock the caller has. At most five queries.

    Raises:
        InvalidError: no order can cost as much.
    """
    lines = list(order.lines.order_by("position"))
    line = next(line for line in lines if line.pk == line_id)
    if (extra := money.quantize(extra, order.currency)) == line.extra_charge:
        return
    line.extra_charge = extra
    price = sold_terms.price_again(order, [sold_terms.quoted(each, quantity=each.quantity) for each in lines])
    if price.total >= quoting.MAX_TOTAL:
        raise InvalidError.at("/extra_charge", "No order can cost as much.", code="too_large")
    write(order, lines, price)


def write(order: Order, lines: Sequence[OrderLine], price: Quote) -> None:
    """Have the lines, the coupon's use and the order say what ``price`` does; does not save the order."""
    for line, priced in zip(lines, price.lines, strict=True):
        line.line_total, line.discount = priced.total, priced.discount
        line.tax, line.tax_included = priced.tax, priced.tax_included
    OrderLine.objects.bulk_update(lines, _WRITTEN)
    if order.coupon:
        coupons.record_reduction(reference=str(order.pk), amount=price.discounts)
    placing.write_price(order, price)
