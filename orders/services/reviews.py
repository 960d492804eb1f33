"""Special requests: staff look at a line before the order goes on, and the shopper says yes to what it costs more."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.models import CharField, F, Func

from fantasize.core import clock, outbox
from fantasize.core.errors import InvalidError, NotFoundError, PreconditionFailedError
from orders import events
from orders.enums import Decision, OrderStatus, ReviewState, Role
from orders.errors import ApprovalBoundError, NotPayableError, PriceChangedError, ReviewClosedError
from orders.models import LineReview, Order, OrderLine
from orders.services import approvals, repricing, transitions

SYSTEM = "system"
_STATES = {
    Decision.APPROVE: ReviewState.APPROVED,
    Decision.REQUEST_CHANGE: ReviewState.CHANGE_REQUESTED,
    Decision.REJECT: ReviewState.REJECTED,
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What staff say of a line.

    Attributes:
        decision: what becomes of it.
        reason: for the customer; asked of all but an approval.
        note: a word among staff.
        extra_charge: what the line costs more, if it is approved; it replaces what was asked before.
    """

    decision: Decision
    reason: str = ""
    note: str = ""
    extra_charge: Decimal = Decimal(0)


def open_for(order: Order, lines: Sequence[OrderLine]) -> None:  # noqa: ARG001 - says whose lines they are
    """Have staff look at those of a new order's lines that need it; the order is under review. At most one query."""
    approvals.open_for(lines)


@transaction.atomic
def decide(*, order_id: UUID, line_id: int, verdict: Verdict, actor: str, expected_version: int | None = None) -> Order:
    """Approve a line as it is, ask its shopper for a change, or reject it and with it the order.

    The order goes on with its last approval; what its lines cost more then waits for the shopper's yes. Writes
    ``order_staff.line_reviewed``, and ``order.change_requested``, ``order.approved`` or ``order.rejected``. Of two who
    decide about one line, one does. Locks the order.

    Raises:
        NotFoundError: there is no such order.
        PreconditionFailedError: it is not at ``expected_version`` any more.
        InvalidError: it has no such line to look at, or something is missing from the verdict.
        ReviewClosedError: somebody has decided already, or the order is not under review.
    """
    _require_complete(verdict)
    order = _lock(order_id)
    if expected_version is not None and order.version != expected_version:
        raise PreconditionFailedError("The order was changed meanwhile.", extra={"current_version": order.version})
    review = _review_of(order, line_id)
    _require_open(order, review, is_seen=expected_version is not None)
    _write(review, verdict, actor)
    if verdict.decision is Decision.APPROVE:
        repricing.charge(order, line_id, verdict.extra_charge)
    order.version += 1
    order.save()
    _tell(order, review, verdict, actor)
    return _go_on(order, verdict, actor)


@transaction.atomic
def accept_quote(*, order_id: UUID, expected_total: Decimal, actor: str) -> Order:
    """Say yes to what staff ask more for; writes ``order.quote_accepted``. Once more changes nothing. Locks the order.

    Raises:
        NotFoundError: there is no such order.
        NotPayableError: the order was called off meanwhile.
        PriceChangedError: the total is not ``expected_total``.
    """
    order = _lock(order_id)
    if order.awaits_acceptance and order.status != OrderStatus.PENDING:
        label = OrderStatus(order.status).label.lower()
        raise NotPayableError(f"The order is {label}: there is nothing to agree to now.")
    if order.total != expected_total:
        detail = f"The total is now {order.total} {order.currency}."
        raise PriceChangedError(detail, extra={"total": str(order.total)})
    if order.awaits_acceptance:
        order.awaits_acceptance = False
        order.version += 1
        order.save()
        _publish(order, "quote_accepted", actor, total=str(order.total))
    return order


def after_edit(order: Order, lines: Sequence[OrderLine], *, actor: str = SYSTEM) -> None:
    """Once the lines of an order are stored as edited: what is new is looked at, what was changed is looked at again.

    If nothing waits any more, neither for staff nor for its shopper, the order goes on by itself, as with its last
    approval. The caller has the transaction and the order's lock. Writes ``order.resubmitted`` or ``order.approved``.

    Raises:
        ApprovalBoundError: the order is past its review, and something would need another one.
    """
    if order.status != OrderStatus.UNDER_REVIEW:
        if changed := approvals.unapproved(order.pk):
            detail = "This was approved as it is, or would need approval. Cancel the order and place it anew."
            raise ApprovalBoundError(detail, extra={"lines": changed})
        if order.awaits_acceptance and not any(line.extra_charge for line in lines):
            order.awaits_acceptance = False
            order.save(update_fields=["awaits_acceptance"])
        return
    approvals.open_for(lines)
    voided = LineReview.objects.filter(line__order=order, is_voided=True)
    changed = list(voided.order_by("line").values_list("line", flat=True))
    if changed:
        voided.update(is_voided=False)
        _publish(order, "resubmitted", actor, lines=changed)
    if not approvals.unapproved(order.pk):
        move = transitions.Move(target=OrderStatus.PENDING, actor=SYSTEM, role=Role.SYSTEM)
        transitions.move_order(order_id=order.pk, move=move)
        order.refresh_from_db()


def _lock(order_id: UUID) -> Order:
    order = Order.objects.select_for_update(no_key=True).filter(pk=order_id).first()
    if order is None:
        raise NotFoundError
    return order


def _review_of(order: Order, line_id: int) -> LineReview:
    review = LineReview.objects.select_related("line").filter(line__order=order, line=line_id).first()
    if review is None:
        raise InvalidError.at("/line", "This line needs no approval.", code="does_not_exist")
    return review


def _require_complete(verdict: Verdict) -> None:
    is_approval = verdict.decision is Decision.APPROVE
    if not is_approval and not verdict.reason.strip():
        raise InvalidError.at("/reason", "Say why: the customer will read it.", code="required")
    if verdict.extra_charge < 0 or (verdict.extra_charge and not is_approval):
        raise InvalidError.at("/extra_charge", "Only what is approved costs more, and never less.", code="not_allowed")


def _require_open(order: Order, review: LineReview, *, is_seen: bool) -> None:
    """That the line waits; one that waits for its shopper is decided about by who has seen that it does."""
    if order.status != OrderStatus.UNDER_REVIEW:
        raise ReviewClosedError("The order is not under review.")
    waits = review.state == ReviewState.WAITING or (is_seen and review.state == ReviewState.CHANGE_REQUESTED)
    if not waits:
        raise ReviewClosedError(f"Somebody has decided already: {review.get_state_display().lower()}.")


def _write(review: LineReview, verdict: Verdict, actor: str) -> None:
    review.state = _STATES[verdict.decision]
    review.fingerprint = _fingerprint(review.line_id) if verdict.decision is Decision.APPROVE else ""
    review.reason, review.note, review.is_voided = verdict.reason, verdict.note, False
    review.decided_by, review.decided_at = actor, clock.now()
    review.version += 1
    review.save()


def _fingerprint(line_id: int) -> str:
    """What the line is now, as the database will compare it."""
    made = Func(F("customizations"), function="orders_fingerprint", output_field=CharField())
    return str(OrderLine.objects.filter(pk=line_id).values_list(made, flat=True).get())


def _tell(order: Order, review: LineReview, verdict: Verdict, actor: str) -> None:
    outbox.publish(
        events.line_reviewed(
            order.pk,
            line=review.line_id,
            decision=verdict.decision,
            note=verdict.note,
            extra_charge=str(verdict.extra_charge),
            actor=actor,
        )
    )
    if verdict.decision is Decision.REQUEST_CHANGE:
        facts = {"line": review.line_id, "name": review.line.name, "reason": verdict.reason}
        _publish(order, "change_requested", actor, **facts)


def _publish(order: Order, name: str, actor: str, /, **details: object) -> None:
    """``order.<name>``, which leaves the order's status as it is."""
    status = OrderStatus(order.status)
    outbox.publish(
        events.status_changed(order.pk, name=name, status=status, previous=status, actor=actor, details=details)
    )


def _go_on(order: Order, verdict: Verdict, actor: str) -> Order:
    """Where the order goes by the decision: on, if it was the last that it waited for; out; or nowhere."""
    if verdict.decision is Decision.REJECT:
        return _move(order, OrderStatus.REJECTED, actor, verdict.reason)
    if verdict.decision is Decision.REQUEST_CHANGE or approvals.unapproved(order.pk):
        return order
    return _move(order, OrderStatus.PENDING, actor)


def _move(order: Order, target: OrderStatus, actor: str, note: str = "") -> Order:
    move = transitions.Move(target=target, actor=actor, role=Role.STAFF, note=note)
    return transitions.move_order(order_id=order.pk, move=move)
