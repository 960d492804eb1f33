"""The one writer of an order's status."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from catalog.enums import MovementReason
from catalog.services import reviews
from fantasize.core import clock, outbox
from fantasize.core.errors import InvalidError, NotFoundError, PreconditionFailedError
from orders import events, states
from orders.enums import OrderStatus, Role
from orders.errors import IllegalTransitionError
from orders.models import Order
from orders.services import approvals, goods, holds, payments

S = OrderStatus


@dataclass(frozen=True, slots=True)
class Move:
    """What somebody wants done to an order.

    Attributes:
        target: the status to reach, in one legal step or several.
        actor: who, as text.
        role: in which capacity.
        note: a reason for the customer where the move needs one, else a word among staff.
        carrier, tracking_number: how it travels, for a shipment.
        restock: whether returned goods go back on the shelf.
    """

    target: OrderStatus
    actor: str
    role: Role
    note: str = ""
    carrier: str = ""
    tracking_number: str = ""
    restock: bool = False


@transaction.atomic
def move_order(*, order_id: UUID, move: Move, expected_version: int | None = None) -> Order:
    """Move an order, through every legal step in between; each step writes its event.

    Locks the order, then its stock. Nothing changes unless every step goes through.

    Raises:
        NotFoundError: there is no such order.
        PreconditionFailedError: it is not at ``expected_version`` any more.
        IllegalTransitionError: the state table knows no way for this role.
        InvalidError: the move needs a reason.
    """
    order = Order.objects.select_for_update(no_key=True).filter(pk=order_id).first()
    if order is None:
        raise NotFoundError
    if expected_version is not None and order.version != expected_version:
        raise PreconditionFailedError("The order was changed meanwhile.", extra={"current_version": order.version})
    steps = _steps(order, move)
    for edge in steps:
        _take(order, edge, move)
    if move.note and not steps[-1].needs_note:
        outbox.publish(events.note_added(order.pk, note=move.note, actor=move.actor))
    return order


def _steps(order: Order, move: Move) -> list[states.Edge]:
    source = OrderStatus(order.status)
    steps = states.path(source, move.target, move.role, is_cash=order.is_cash)
    if not steps:
        allowed = states.targets(source, move.role, is_cash=order.is_cash)
        raise IllegalTransitionError(source, move.target, allowed)
    if any(edge.needs_note for edge in steps) and not move.note.strip():
        raise InvalidError.at("/note", "Say why: the customer will read it.", code="required")
    return steps


def _take(order: Order, edge: states.Edge, move: Move) -> None:
    """One step: its effect, then the status with its time stamp, then its event."""
    effect = _EFFECTS.get((edge.source, edge.target))
    details = (effect(order, move) if effect else None) or {}
    if edge.needs_note:
        details["reason"] = move.note
    order.status = edge.target
    order.version += 1
    setattr(order, f"{edge.target.value}_at", clock.now())
    order.save()
    name = "approved" if edge.source is S.UNDER_REVIEW and edge.target is S.PENDING else edge.target.value
    outbox.publish(
        events.status_changed(
            order.pk,
            name=name,
            status=edge.target,
            previous=edge.source,
            actor=move.actor,
            details=details,
        ),
    )


def _approve(order: Order, move: Move) -> dict[str, Any]:  # noqa: ARG001 - every effect has one signature
    approvals.require(order)
    order.awaits_acceptance = order.lines.filter(extra_charge__gt=0).exists()
    if not order.is_cash:
        order.hold_expires_at = clock.now() + timedelta(hours=settings.REVIEW_HOLD_HOURS)
    return {"to_accept": str(order.total)} if order.awaits_acceptance else {}


def _release(order: Order, move: Move) -> None:  # noqa: ARG001 - as above
    holds.release(order)
    order.hold_expires_at = None


def _consume(order: Order, move: Move) -> None:
    approvals.require_accepted(order)
    holds.consume(order, actor=move.actor)
    order.hold_expires_at = None
    goods.record_sale(order)


def _take_again(order: Order, move: Move) -> None:
    approvals.require_accepted(order)
    holds.take_again(order, actor=move.actor)
    goods.record_sale(order)


def _undo_sale(order: Order, move: Move) -> dict[str, Any]:
    holds.restock(order, reason=MovementReason.RESTOCK, actor=move.actor)
    goods.record_sale(order, sign=-1)
    return _refund(order)


def _ship(order: Order, move: Move) -> dict[str, Any]:
    order.carrier, order.tracking_number = move.carrier, move.tracking_number
    return {"carrier": move.carrier, "tracking_number": move.tracking_number}


def _deliver(order: Order, move: Move) -> None:  # noqa: ARG001 - as above
    payments.record_cash(order)
    if order.user_id:
        received = goods.pieces_of(order)
        facts = {"product_ids": received.products, "package_ids": received.packages}
        reviews.grant(user_id=order.user_id, reference=str(order.number), **facts)


def _take_back(order: Order, move: Move) -> dict[str, Any]:
    if move.restock:
        holds.restock(order, reason=MovementReason.RETURN, actor=move.actor)
    return _refund(order)


def _refund(order: Order) -> dict[str, Any]:
    refunded = payments.refund_everything(order)
    return {"refunded": str(refunded)} if refunded else {}


_EFFECTS: dict[tuple[OrderStatus, OrderStatus], Callable[[Order, Move], dict[str, Any] | None]] = {
    (S.UNDER_REVIEW, S.PENDING): _approve,
    (S.UNDER_REVIEW, S.REJECTED): _release,
    (S.UNDER_REVIEW, S.CANCELLED): _release,
    (S.PENDING, S.CANCELLED): _release,
    (S.PENDING, S.PROCESSING): _consume,
    (S.CANCELLED, S.PROCESSING): _take_again,
    (S.PROCESSING, S.CANCELLED): _undo_sale,
    (S.PROCESSED, S.CANCELLED): _undo_sale,
    (S.PROCESSED, S.SHIPPED): _ship,
    (S.SHIPPED, S.DELIVERED): _deliver,
    (S.SHIPPED, S.RETURNED): _take_back,
    (S.DELIVERED, S.RETURNED): _take_back,
}
