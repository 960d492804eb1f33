"""Changing an order that was placed: priced anew, held anew, and what stays the same kept as it was sold."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction

from customizations.services import snapshots
from customizations.services.snapshots import Drawings
from fantasize.core import clock, outbox
from fantasize.core.errors import NotFoundError, PreconditionFailedError
from orders import events
from orders.enums import OrderStatus, Role
from orders.errors import NotEditableError
from orders.models import Order, OrderLine
from orders.pricing import Quote
from orders.services import (
    baskets,
    checkout_sessions,
    coupon_use,
    holds,
    order_changes,
    order_reductions,
    placing,
    quote_documents,
    quoting,
    replaced_files,
    reviews,
)
from orders.services.baskets import Basket
from orders.services.order_changes import Changes, Edited, WantedLine
from orders.services.quoting import Wishes

_NOTHING_DRAWN = Drawings({}, ())
_WAITING = frozenset({OrderStatus.PENDING, OrderStatus.UNDER_REVIEW})
# What an edit writes of a line that stays.
_WRITTEN = (
    *("product", "package", "name", "sku", "quantity", "unit_price", "stages", "surcharges", "once", "extra_charge"),
    *("line_total", "discount", "tax", "tax_included", "tax_class", "parts", "customizations"),
)


@dataclass(frozen=True, slots=True)
class Editor:
    """Who changes an order.

    Attributes:
        role: in which capacity.
        actor: who, as events write it.
        principal: whose pictures new answers may name; those of the order's own answers always may be.
        caller_address: from where they call; guesses of coupon codes are counted by it.
    """

    role: Role
    actor: str
    principal: str = ""
    caller_address: str = ""


def draw_proofs(*, order: Order, changes: Changes, editor: Editor) -> Drawings:
    """Draw what is new in the order, if it is made anew. Takes its time: before a transaction, not in it.

    Raises:
        InvalidError: a line is not the order's, or a text or a picture cannot be printed as it is.
        UnavailableError: too much is being drawn just now.
    """
    if order.status not in _WAITING or not changes.touch_price(order):
        return _NOTHING_DRAWN
    lines = order_changes.lines_of(order)
    wanted = order_changes.wanted_lines(lines, changes.lines)
    asked, kept = [line.request for line in wanted], order_changes.kept_by(order, lines)
    evaluated = baskets.evaluate(asked, principal=editor.principal, kept=kept)
    drawings = snapshots.draw(evaluated, known=order_changes.things_of(lines))
    placing.require_printable(drawings)
    return drawings


def edit(
    *,
    order_id: UUID,
    changes: Changes,
    editor: Editor,
    expected_version: int | None = None,
    expected_total: Decimal | None = None,
    dry_run: bool = False,
    drawings: Drawings | None = None,
) -> Edited:
    """Change an order as a whole or not at all; writes ``order.edited``.

    Everything is priced as it is now if anything changes that prices go by; what stays the same keeps its proof. Of an
    order that waits, the stock that it needs more is reserved and what it needs less is released, until when it was
    reserved before. One that is being made can only become smaller: the pieces go back on the shelf, and the
    difference to whoever has paid. ``dry_run`` does all of it and undoes it: it tells what would come of it, is refused
    what would be refused, and changes nothing.

    ``drawings`` are what ``draw_proofs`` made of the changes. Locks the order, its coupon, pictures, proofs, and stock
    items in primary-key order.

    Raises:
        NotFoundError: there is no such order.
        PreconditionFailedError: it is not at ``expected_version`` any more.
        NotEditableError, PaymentInProgressError: it cannot be changed now.
        InvalidError: what is wanted is not sold, cannot be sent there, or is answered as it cannot be made.
        CouponInvalidError, CouponMinTotalError, RateLimitedError: see ``coupon_use``.
        PriceChangedError: the total would not be ``expected_total``; it tells the quote of now.
        PaymentDueError: it would cost more, and is being made already.
        ConflictError: ``options_changed`` or ``upload_gone`` since the drawing.
        OutOfStockError: something is short; nothing changes.
        ApprovalBoundError: it was approved as it is.
    """
    with transaction.atomic():
        order = _lock(order_id, expected_version)
        _require_editable(order, editor.role)
        before = order_changes.things_of(order_changes.lines_of(order))
        edited = _change(order, changes, editor, expected_total, drawings or _NOTHING_DRAWN, dry_run=dry_run)
        if changes:
            _finish(edited, editor)
            replaced_files.let_go_later(before, order_changes.things_of(order_changes.lines_of(order)))
        if dry_run:
            transaction.set_rollback(True)
        return edited


def _change(
    order: Order,
    changes: Changes,
    editor: Editor,
    expected_total: Decimal | None,
    drawings: Drawings,
    *,
    dry_run: bool,
) -> Edited:
    """What the order becomes; not stored yet, but for what hangs on it."""
    is_priced, is_made = changes.touch_price(order), order.status == OrderStatus.PROCESSING
    edited = Edited(order, order.total, order.total, order.currency)
    if is_priced and is_made:
        # Judged by where it was sold to go.
        edited = order_reductions.reduce(order, changes, expected_total=expected_total, actor=editor.actor)
    _write_wishes(order, changes)
    if is_priced and not is_made:
        return _Repricing(order, changes, editor).carry_out(expected_total, drawings, dry_run=dry_run)
    return edited


def _lock(order_id: UUID, expected_version: int | None) -> Order:
    order = Order.objects.select_for_update(no_key=True).filter(pk=order_id).first()
    if order is None:
        raise NotFoundError
    if expected_version is not None and order.version != expected_version:
        raise PreconditionFailedError("The order was changed meanwhile.", extra={"current_version": order.version})
    return order


def _require_editable(order: Order, role: Role) -> None:
    """That this person may change the order as it stands."""
    if order.status in _WAITING and role in (Role.OWNER, Role.STAFF):
        checkout_sessions.require_not_paying(order)
    elif order.status != OrderStatus.PROCESSING or role is not Role.STAFF:
        raise NotEditableError(OrderStatus(order.status))


def _write_wishes(order: Order, changes: Changes) -> None:
    """What nothing has to be reckoned for."""
    if changes.shipping_address is not None:
        order.shipping_address = dict(changes.shipping_address)
    for name, value in changes.gift.items():
        setattr(order, name, value)


def _finish(edited: Edited, editor: Editor) -> None:
    """Store the order as it is now, say so, and do what follows from it."""
    order = edited.order
    order.version += 1
    order.save()
    status, details = OrderStatus(order.status), {"old_total": str(edited.old_total), "total": str(edited.new_total)}
    outbox.publish(
        events.status_changed(
            order.pk, name="edited", status=status, previous=status, actor=editor.actor, details=details
        )
    )
    if status in _WAITING:
        reviews.after_edit(order, order_changes.lines_of(order), actor=editor.actor)
    else:
        order_reductions.give_back(edited, actor=editor.actor)


class _Repricing:
    """A change that prices go by, of an order that waits and is locked."""

    def __init__(self, order: Order, changes: Changes, editor: Editor) -> None:
        self.order, self.changes, self.editor = order, changes, editor
        self.before = order_changes.lines_of(order)
        self.wanted: Sequence[WantedLine] = order_changes.wanted_lines(self.before, changes.lines)

    def carry_out(self, expected_total: Decimal | None, drawings: Drawings, *, dry_run: bool) -> Edited:
        """Price and hold it anew, and write its lines."""
        order, old_total = self.order, self.order.total
        basket, price = self._price()
        placing.require_expected(basket, price, expected_total)
        known = order_changes.things_of(self.before)
        frozen = snapshots.freeze(basket.evaluated, drawings, known=known, dry_run=dry_run)
        holds.hold_instead(order, basket.demand)
        placing.write_price(order, price)
        self._write_lines(basket, price, frozen)
        return Edited(order, old_total, price.total, price.currency, quote_documents.describe(basket, price))

    def _price(self) -> tuple[Basket, Quote]:
        order, changes, editor = self.order, self.changes, self.editor
        asked, kept = [line.request for line in self.wanted], order_changes.kept_by(order, self.before)
        basket = baskets.read(asked, principal=editor.principal, at=clock.now(), kept=kept)
        placing.require_possible(basket)
        basket = basket.with_extra(
            [order_changes.extra_of(*each) for each in zip(self.wanted, basket.evaluated, strict=True)]
        )
        coupon = coupon_use.change(
            changes.coupon, order=order, caller_address=editor.caller_address, items_total=basket.quote.total
        )
        method = order.shipping_method if changes.shipping_method is None else changes.shipping_method
        wishes = Wishes(shipping_method=method or None)
        return basket, quoting.settle(basket, address=order.shipping_address, wishes=wishes, coupon=coupon)

    def _write_lines(self, basket: Basket, price: Quote, frozen: Sequence[list[dict[str, Any]]]) -> None:
        """Those that stay keep their id and place; new ones come after them."""
        stay = {line.before.pk for line in self.wanted if line.before}
        OrderLine.objects.filter(pk__in=[line.pk for line in self.before if line.pk not in stay]).delete()
        last = max(line.position for line in self.before)
        changed, new = list[OrderLine](), list[OrderLine]()
        for wanted, line, priced, things in zip(self.wanted, basket.lines, price.lines, frozen, strict=True):
            row = placing.snapshot_line(self.order, last + len(new) + 1, line, priced, things)
            if wanted.before is None:
                new.append(row)
            else:
                row.pk = wanted.before.pk
                changed.append(row)
        OrderLine.objects.bulk_update(changed, _WRITTEN)
        OrderLine.objects.bulk_create(new)
        self.order.awaits_acceptance &= any(row.extra_charge for row in changed)
