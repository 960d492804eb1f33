"""Less of an order that is being made: by the prices that it was sold at, whatever they are now."""

from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import replace
from decimal import Decimal

from catalog.enums import MovementReason
from orders.enums import CreditNoteKind, OrderStatus
from orders.errors import NotEditableError, PaymentDueError, PriceChangedError
from orders.models import CreditNoteLine, Order, OrderLine
from orders.services import baskets, credit_notes, goods, holds, order_changes, repricing, sold_terms
from orders.services.credit_notes import Credit
from orders.services.order_changes import Changes, Edited, WantedLine

# Why money went back, as the customer reads it.
REASON = "The order was made smaller."
_SECOND_ORDER = "It is being made. Place a second order for what is to be added."


def reduce(order: Order, changes: Changes, *, expected_total: Decimal | None, actor: str) -> Edited:
    """Take pieces out of an order in processing, which is locked; they go back on the shelf.

    Stores the lines, not the order's row, which is left as it is to be.

    Raises:
        NotEditableError: something else is wanted than less of the lines.
        PaymentDueError: it would cost more.
        PriceChangedError: the total would not be ``expected_total``.
    """
    lines = order_changes.lines_of(order)
    wanted = order_changes.wanted_lines(lines, changes.lines)
    _require_possible(order, changes, wanted)
    rows = list(_rows(wanted))
    old_total = order.total
    price = sold_terms.price_again(order, [sold_terms.quoted(row, quantity=row.quantity) for row in rows])
    edited = Edited(order, old_total, price.total, order.currency)
    _require_less(edited, wanted, expected_total)
    pieces = goods.stock_of(_taken_out(lines, rows))
    holds.put_back(order, pieces, reason=MovementReason.RESTOCK, actor=actor)
    goods.record_sale(order, sign=-1)
    OrderLine.objects.filter(order=order).exclude(pk__in=[row.pk for row in rows]).delete()
    OrderLine.objects.bulk_update(rows, ["quantity"])
    repricing.write(order, rows, price)
    goods.record_sale(order)
    return edited


def give_back(edited: Edited, *, actor: str) -> None:
    """What the order costs less goes back, as far as it was paid: by a credit note. The order is stored."""
    order = edited.order
    amount = min(-edited.difference, credit_notes.refundable(order))
    if amount > 0:
        credit = Credit(kind=CreditNoteKind.REFUND, reason=REASON, actor=actor, amount=amount)
        credit_notes.give(order_id=order.pk, credit=credit)
        order.refresh_from_db()


def _require_possible(order: Order, changes: Changes, wanted: Sequence[WantedLine]) -> None:
    """That nothing is to be otherwise than how many there are of the lines, and nothing was given back for them."""
    if changes.lines is None or replace(changes, lines=None).touch_price(order):
        raise _refusal("It was sold to be sent as it is, and there.")
    if CreditNoteLine.objects.filter(note__order=order).exists() or not order.stages:
        raise _refusal("Give money back for what else is left out.")
    if not all(_is_sold(each) for each in wanted):
        raise _refusal(_SECOND_ORDER)


def _is_sold(wanted: WantedLine) -> bool:
    """Whether it is a line that there is, but for how many."""
    if wanted.before is None:
        return False
    sold = baskets.request_of(wanted.before)
    return replace(wanted.request, quantity=sold.quantity) == sold


def _rows(wanted: Sequence[WantedLine]) -> Iterator[OrderLine]:
    """The lines that stay, with as many as are wanted."""
    for each in wanted:
        row = copy(each.before)
        assert row is not None  # noqa: S101 - none is new, which was seen to
        row.quantity = each.request.quantity
        yield row


def _require_less(edited: Edited, wanted: Sequence[WantedLine], expected_total: Decimal | None) -> None:
    total, currency = edited.new_total, edited.currency
    if expected_total is not None and expected_total != total:
        raise PriceChangedError(f"The total is now {total} {currency}.", extra={"total": str(total)})
    if edited.difference > 0:
        raise PaymentDueError(edited.difference, currency)
    if any(each.before and each.request.quantity > each.before.quantity for each in wanted):
        raise _refusal(_SECOND_ORDER)


def _taken_out(lines: Sequence[OrderLine], rows: Sequence[OrderLine]) -> Iterator[tuple[OrderLine, None, int]]:
    """How many of which lines there will not be."""
    left = {row.pk: row.quantity for row in rows}
    for line in lines:
        if fewer := line.quantity - left.get(line.pk, 0):
            yield line, None, fewer


def _refusal(detail: str) -> NotEditableError:
    return NotEditableError(OrderStatus.PROCESSING, detail)
