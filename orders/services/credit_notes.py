"""Giving money back: an amount, or for pieces of what was sold, as often as staff like, until nothing is left."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from catalog.enums import MovementReason
from fantasize.core import money, outbox
from fantasize.core.errors import InvalidError, NotFoundError, PreconditionFailedError
from orders import events, states
from orders.enums import CreditNoteKind, OrderStatus, Role
from orders.errors import IllegalTransitionError, NothingToRefundError
from orders.models import CreditNote, CreditNoteLine, Order, OrderLine
from orders.pricing.credits import SoldLine, SoldPart, spread
from orders.services import goods, holds, payments
from orders.services.transitions import Move, move_order

# Until goods leave, giving back for them means that they were not sold after all.
_HERE = (OrderStatus.PROCESSING, OrderStatus.PROCESSED)
_WITH_THE_CUSTOMER = (OrderStatus.SHIPPED, OrderStatus.DELIVERED)
_REASONS = {CreditNoteKind.REFUND: MovementReason.RESTOCK, CreditNoteKind.RETURN: MovementReason.RETURN}


@dataclass(frozen=True, slots=True)
class LineCredit:
    """So many units of a position, or so many pieces of one of its parts, by the part's product."""

    line: int
    quantity: int
    part: int | None = None


@dataclass(frozen=True, slots=True)
class Credit:
    """What staff want to give back: either an ``amount``, or for ``lines``.

    Attributes:
        reason: the customer reads it.
        actor: who, as text.
        restock: whether the pieces of the lines go back on the shelf.
    """

    kind: CreditNoteKind
    reason: str
    actor: str
    amount: Decimal | None = None
    lines: Sequence[LineCredit] = ()
    restock: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """What a credit comes to.

    Attributes:
        lines: each position that is given back for, what of it, and what of the amount is for that.
        is_everything: whether no piece of the order is left then; all the money goes back, what shipping cost too.
    """

    amount: Decimal
    lines: Sequence[tuple[OrderLine, LineCredit, Decimal]] = ()
    is_everything: bool = False


def refundable(order: Order) -> Decimal:
    """What of the money that came in can still go back. One query."""
    return sum((payment.refundable for payment in order.payments.captured()), start=Decimal(0))


def sold_lines(order: Order) -> dict[int, tuple[OrderLine, SoldLine]]:
    """The order's positions in their sequence, and what was given back for, by id. Two queries."""
    lines = order.lines.order_by("position").prefetch_related("credits")
    return {line.pk: (line, _sold(line, order.currency)) for line in lines}


def plan(order: Order, credit: Credit) -> Plan:
    """What the credit comes to, without anything being done.

    Raises:
        NothingToRefundError: no money is left.
        IllegalTransitionError: goods come back that the customer does not have.
        InvalidError: it names what was not sold, or is more than what is left.
    """
    _require_returnable(order, credit)
    left = refundable(order)
    if not left:
        raise NothingToRefundError("There is no money to give back.")
    if credit.amount is None:
        planned = _for_lines(order, credit, left)
        if not planned.amount:
            detail = "Nothing was paid for just these pieces: give back for them together with others."
            raise InvalidError.at("/lines", detail, code="out_of_range")
    else:
        planned = Plan(money.quantize(credit.amount, order.currency))
    if not 0 < planned.amount <= left:
        place = "/lines" if credit.amount is None else "/amount"
        raise InvalidError.at(place, f"Between nothing and {left} {order.currency} can go back.", code="out_of_range")
    return planned


@transaction.atomic
def give(*, order_id: UUID, credit: Credit, expected_version: int | None = None) -> CreditNote:
    """Give money back, once: writes a credit note and ``order.refunded``; a job asks the payment providers for it.

    When all goods have come back, the order becomes ``returned``. Locks the order, then its stock.

    Raises:
        NotFoundError: there is no such order.
        PreconditionFailedError: it is not at ``expected_version`` any more.
        NothingToRefundError, IllegalTransitionError, InvalidError: as ``plan`` does; nothing has changed.
    """
    order = Order.objects.select_for_update(no_key=True).filter(pk=order_id).first()
    if order is None:
        raise NotFoundError
    if expected_version is not None and order.version != expected_version:
        raise PreconditionFailedError("The order was changed meanwhile.", extra={"current_version": order.version})
    planned = plan(order, credit)
    note = _write(order, credit, planned)
    _return_goods(order, credit, planned)
    if order.status in _HERE:
        goods.unrecord_sale(order, note)
    _return_money(order, note)
    _tell(order, note)
    if credit.kind is CreditNoteKind.RETURN and planned.is_everything:
        move_order(order_id=order.pk, move=Move(target=OrderStatus.RETURNED, actor=credit.actor, role=Role.STAFF))
    return note


def _require_returnable(order: Order, credit: Credit) -> None:
    if credit.kind is CreditNoteKind.RETURN and order.status not in _WITH_THE_CUSTOMER:
        source = OrderStatus(order.status)
        allowed = states.targets(source, Role.STAFF, is_cash=order.is_cash)
        raise IllegalTransitionError(source, OrderStatus.RETURNED, allowed)


def _sold(line: OrderLine, currency: str) -> SoldLine:
    parts = [
        # Nobody knows what parts cost in what was sold before it was kept: they count alike.
        SoldPart(part["product"], part["quantity"], Decimal(part.get("list_price", 0)))
        for part in line.parts
    ]
    sold = SoldLine(line.quantity, line.line_total - line.discount + line.tax, currency, parts)
    for credited in line.credits.all():
        sold = sold.without(credited.quantity, credited.part)
    return sold


def _for_lines(order: Order, credit: Credit, left: Decimal) -> Plan:
    if len({(wanted.line, wanted.part) for wanted in credit.lines}) < len(credit.lines):
        raise InvalidError.at("/lines", "Name each thing once.", code="duplicate")
    sold = sold_lines(order)
    worths = [_take(sold, index, wanted) for index, wanted in enumerate(credit.lines)]
    is_everything = all(each.is_all_credited for _, each in sold.values())
    amount = left if is_everything else sum(worths, start=Decimal(0))
    shares = spread(amount, worths, order.currency) if is_everything else worths
    rows = [(sold[wanted.line][0], wanted, share) for wanted, share in zip(credit.lines, shares, strict=True)]
    return Plan(amount, rows, is_everything)


def _take(sold: dict[int, tuple[OrderLine, SoldLine]], index: int, wanted: LineCredit) -> Decimal:
    """What is wanted is worth; it is gone from ``sold`` then."""
    place = f"/lines/{index}"
    if wanted.line not in sold:
        raise InvalidError.at(f"{place}/line", "The order has no such line.", code="does_not_exist")
    line, before = sold[wanted.line]
    if wanted.part is not None and all(part.product != wanted.part for part in before.parts):
        raise InvalidError.at(f"{place}/part", "The line has no such part.", code="does_not_exist")
    if wanted.quantity > (left := before.left(wanted.part)):
        raise InvalidError.at(f"{place}/quantity", f"{left} of {line.name} are left.", code="out_of_range")
    sold[wanted.line] = line, before.without(wanted.quantity, wanted.part)
    return before.worth(wanted.quantity, wanted.part)


def _write(order: Order, credit: Credit, planned: Plan) -> CreditNote:
    note = CreditNote.objects.create(
        order=order,
        kind=credit.kind,
        amount=planned.amount,
        reason=credit.reason,
        is_restocked=credit.restock and bool(planned.lines),
        created_by=credit.actor,
    )
    CreditNoteLine.objects.bulk_create(
        CreditNoteLine(note=note, line=line, part=wanted.part, quantity=wanted.quantity, amount=amount)
        for line, wanted, amount in planned.lines
    )
    return note


def _return_goods(order: Order, credit: Credit, planned: Plan) -> None:
    """Pieces that were given back for go back on the shelf now, or never."""
    pieces = goods.stock_of((line, wanted.part, wanted.quantity) for line, wanted, _ in planned.lines)
    if pieces and credit.restock:
        holds.put_back(order, pieces, reason=_REASONS[credit.kind], actor=credit.actor)
    elif pieces:
        holds.write_off(order, pieces)


def _return_money(order: Order, note: CreditNote) -> None:
    """The oldest payment first."""
    left = note.amount
    for payment in order.payments.captured().order_by("captured_at", "pk"):
        if part := min(left, payment.refundable):
            payments.refund(payment, amount=part, key=f"credit note {note.pk}")
            left -= part
    order.payment_status = payments.status_of(order)
    order.version += 1
    order.save(update_fields=["payment_status", "version"])


def _tell(order: Order, note: CreditNote) -> None:
    status, details = OrderStatus(order.status), {"refunded": str(note.amount), "reason": note.reason}
    event = events.status_changed(
        order.pk, name="refunded", status=status, previous=status, actor=note.created_by, details=details
    )
    outbox.publish(event)
