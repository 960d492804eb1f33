"""What somebody wants changed about an order, and the lines that it would have then."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from customizations.services.evaluation import Answers, EvaluatedLine, Kept
from fantasize.core.errors import FieldError, InvalidError
from orders.models import Order, OrderLine
from orders.services import baskets, holds
from orders.services.baskets import LineRequest

# What prices go by in an address.
_PRICED_BY = ("country", "region")


@dataclass(frozen=True, slots=True)
class LineChange:
    """One line as it is to be: a line of the order, with what of it is to be otherwise, or a new one.

    Attributes:
        line_id: of the line that there is; None for a new one, which names a product or a package and a quantity.
        product_id, package_id: what a new line is of.
        quantity, answers, parts: as in ``LineRequest``; None leaves them as they are.
    """

    line_id: int | None = None
    product_id: int | None = None
    package_id: int | None = None
    quantity: int | None = None
    answers: Answers | None = None
    parts: Mapping[int, Answers] | None = None


@dataclass(frozen=True, slots=True)
class Changes:
    """What is to be otherwise; None leaves it as it is.

    Attributes:
        lines: all that the order is to have: those that are left out go.
        coupon: a code, or empty for none.
        gift: fields of the order that say for whom it is.
    """

    lines: Sequence[LineChange] | None = None
    shipping_address: Mapping[str, Any] | None = None
    shipping_method: str | None = None
    coupon: str | None = None
    gift: Mapping[str, Any] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Whether anything is."""
        return self != Changes()

    def touch_price(self, order: Order) -> bool:
        """Whether anything is that the order is priced by."""
        place = self.shipping_address
        moves = place is not None and any(place.get(key) != order.shipping_address.get(key) for key in _PRICED_BY)
        return moves or (self.lines, self.shipping_method, self.coupon) != (None, None, None)


@dataclass(frozen=True, slots=True)
class WantedLine:
    """A line of the order as it would be; ``before`` is the line as it is, None for a new one."""

    request: LineRequest
    before: OrderLine | None


@dataclass(frozen=True, slots=True)
class Edited:
    """What became of an edit, or would.

    Attributes:
        quote: the derivation of the new total; None if nothing was priced as it is now.
    """

    order: Order
    old_total: Decimal
    new_total: Decimal
    currency: str
    quote: Mapping[str, Any] | None = None

    @property
    def difference(self) -> Decimal:
        """What there is to pay more; below zero, what goes back."""
        return self.new_total - self.old_total


def lines_of(order: Order) -> list[OrderLine]:
    """Its lines as they are committed by now, in their order."""
    return list(OrderLine.objects.filter(order=order).order_by("position"))


def wanted_lines(lines: Sequence[OrderLine], changes: Sequence[LineChange] | None) -> list[WantedLine]:
    """The lines that there would be.

    Raises:
        InvalidError: a change names a line that is not of the order, or one line twice, or there is nothing left.
    """
    if changes is None:
        return [_wanted(LineChange(line.pk), line) for line in lines]
    known = {line.pk: line for line in lines}
    if errors := list(_faults(known, changes)):
        raise InvalidError("The lines cannot be changed like this.", errors=errors)
    return [_wanted(change, known.get(change.line_id or 0)) for change in changes]


def kept_by(order: Order, lines: Sequence[OrderLine]) -> Kept:
    """What the order has already: its pictures, and the pieces that it holds or has taken. One query."""
    pictures = {UUID(each["id"]) for line in lines for thing in line.customizations for each in thing["uploads"]}
    return Kept(pictures, holds.pieces_of(order))


def things_of(lines: Sequence[OrderLine]) -> list[Mapping[str, Any]]:
    """Everything with options that the lines are of, as it was sold; nothing of what was forgotten."""
    return [thing for line in lines if line.erased_at is None for thing in line.customizations]


def extra_of(line: WantedLine, evaluated: EvaluatedLine) -> Decimal:
    """What staff ask more for it: what they did, as long as it is answered as it was, however that is spelt."""
    if line.before is None:
        return Decimal(0)
    before = {thing["part"]: thing["answers"] for thing in line.before.customizations}
    is_same = before == {thing.product: thing.evaluation.answers for thing in evaluated.things}
    return line.before.extra_charge if is_same else Decimal(0)


def _faults(known: Mapping[int, OrderLine], changes: Sequence[LineChange]) -> Iterator[FieldError]:
    if not changes:
        yield FieldError("/lines", "empty", "An order is of something; it can be cancelled.")
    seen: set[int] = set()
    for index, change in enumerate(changes):
        if change.line_id is None:
            continue
        if change.line_id not in known:
            yield FieldError(f"/lines/{index}/id", "does_not_exist", "The order has no such line.")
        elif change.line_id in seen:
            yield FieldError(f"/lines/{index}/id", "duplicate", "The line is there already.")
        seen.add(change.line_id)


def _wanted(change: LineChange, before: OrderLine | None) -> WantedLine:
    new = LineRequest(change.product_id, package_id=change.package_id)
    asked = baskets.request_of(before) if before else new
    wanted = replace(
        asked,
        quantity=asked.quantity if change.quantity is None else change.quantity,
        answers=asked.answers if change.answers is None else change.answers,
        parts=asked.parts if change.parts is None else change.parts,
    )
    return WantedLine(wanted, before)
