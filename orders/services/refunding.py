"""Carrying out refunds that were written down, and giving again what a provider refused."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet, TextField
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from fantasize.core import clock, outbox
from fantasize.core.errors import DomainError, NotFoundError, PreconditionFailedError
from fantasize.core.models import DomainEvent
from orders import events
from orders import payments as gateways
from orders.enums import RefundState
from orders.errors import NothingToRefundError
from orders.models import Order, Refund
from orders.payments import calls
from orders.payments.base import GatewayRefusedError, HostedGateway
from orders.payments.facts import Facts
from orders.services import payments, settling

log = structlog.get_logger(__name__)

# The job tries for a day; whatever became of it, a refund that is as old is tried again.
_LEFT_LYING = timedelta(minutes=10)
# Staff are told of one that nobody would answer for as long: what holds it up may be a key that is no longer good.
_WORRYING = timedelta(hours=1)
# Providers remember a key for a day: what is asked for under an older one might be done twice.
_KEY_IS_KNOWN = timedelta(hours=23)


def execute(refund_id: UUID) -> None:
    """Ask the provider to give the money back, and write down what it says. Repeating it gives nothing back twice.

    Raises:
        UnavailableError: the provider does not answer.
    """
    row = Refund.objects.select_related("payment__session").get(pk=refund_id)
    if row.state != RefundState.PENDING:
        return
    try:
        provider_id = _ask(row)
    except GatewayRefusedError as error:
        log.warning("payments.refund_refused", refund=str(refund_id), reason=str(error))
        provider_id = _find_unheard(row)
    _settle(row, RefundState.SUCCEEDED if provider_id else RefundState.FAILED, provider_id)


def execute_left_lying(*, limit: int = 100) -> int:
    """Try refunds again that nobody has carried out; returns how many are done. Staff hear of those that wait long."""
    waiting = Refund.objects.filter(state=RefundState.PENDING, created_at__lt=clock.now() - _LEFT_LYING)
    # By lot: those that never go back, and are always the oldest, hold up nobody else.
    done = sum(_try(pk) for pk in waiting.order_by("?").values_list("pk", flat=True)[:limit])
    for row in _waiting_long().exclude(Exists(_told_of())).select_related("payment"):
        _tell_of_waiting(row)
    return done


def waiting_long(order: Order) -> Decimal:
    """How much of an order's money a provider was asked to give back long ago, without an answer. One query."""
    rows = _waiting_long().filter(payment__order=order).values_list("amount", flat=True)
    return sum(rows, start=Decimal(0))


def _waiting_long() -> QuerySet[Refund]:
    """Those that somebody should know of; they are still asked for."""
    return Refund.objects.filter(state=RefundState.PENDING, created_at__lt=clock.now() - _WORRYING)


def _told_of() -> QuerySet[DomainEvent]:
    """What staff were told of the refund that the outer query looks at."""
    told = DomainEvent.objects.filter(
        aggregate=events.PAYMENT_AGGREGATE, aggregate_id=Cast(OuterRef("payment_id"), TextField())
    )
    return told.annotate(refund=KT("data__refund")).filter(refund=Cast(OuterRef("pk"), TextField()))


def refused_of(order: Order) -> list[Refund]:
    """What a provider would not give back, and still could be: as much of the money is left. One query.

    Not what was given back at the provider's own dashboard since, or may have been: that staff see there.
    """
    left: dict[UUID, Decimal] = {}
    found = []
    refused = Refund.objects.refused().filter(payment__order=order).select_related("payment")
    for row in refused.order_by("created_at", "pk"):
        rest = left.get(row.payment_id, row.payment.refundable) - row.amount
        if rest >= 0:
            left[row.payment_id] = rest
            found.append(row)
    return found


@transaction.atomic
def give_again(*, order_id: UUID, actor: str, expected_version: int | None = None) -> Decimal:
    """Ask for everything again that a provider refused to give back for an order; returns how much that is.

    Each is the same as before, of the same payment and for the same credit note, but under a new name: the provider
    has said that nothing came of the old one. What it has not answered keeps its name, and is asked for by the job as
    ever. Staff are told; the customer was, when it was given first. Locks the order.

    Raises:
        NotFoundError: there is no such order.
        PreconditionFailedError: it is not at ``expected_version`` any more.
        NothingToRefundError: nothing was refused, or the money has gone back otherwise.
    """
    order = Order.objects.select_for_update(no_key=True).filter(pk=order_id).first()
    if order is None:
        raise NotFoundError
    if expected_version is not None and order.version != expected_version:
        raise PreconditionFailedError("The order was changed meanwhile.", extra={"current_version": order.version})
    refused = refused_of(order)
    if not refused:
        raise NothingToRefundError("Nothing was refused that could be given again.")
    return _give_again(order, refused, actor)


def _give_again(order: Order, refused: Sequence[Refund], actor: str) -> Decimal:
    for row in refused:
        payments.refund(row.payment, amount=row.amount, key=row.key)
    total = sum((row.amount for row in refused), start=Decimal(0))
    order.payment_status = payments.status_of(order)
    order.version += 1
    order.save(update_fields=["payment_status", "version"])
    note = f"{total} {order.currency}, refused by the payment provider, is given back again."
    outbox.publish(events.note_added(order.pk, note=note, actor=actor))
    return total


@transaction.atomic(durable=True)
def _tell_of_waiting(row: Refund) -> None:
    """Once of each, whoever else is at it."""
    order = Order.objects.select_for_update(no_key=True).get(pk=row.payment.order_id)
    if Refund.objects.exclude(Exists(_told_of())).filter(pk=row.pk).exists():
        settling.alert(row.payment, "refund_waits", number=order.number, amount=str(row.amount), refund=str(row.pk))


def _try(refund_id: UUID) -> bool:
    try:
        execute(refund_id)
    except DomainError:
        return False
    return True


def _ask(row: Refund) -> str:
    """The provider's name of the refund, which it has made by now."""
    gateway = gateways.get_hosted(row.payment.gateway)
    return calls.call_out(gateway.name, lambda: _find_old(gateway, row) or _make(gateway, row))


def _find_old(gateway: HostedGateway, row: Refund) -> str:
    """What the provider calls a refund that it may have made so long ago that it does not know its key any more."""
    is_new = row.created_at > clock.now() - _KEY_IS_KNOWN
    return "" if is_new else gateway.find_refund(row.payment.session.payment_ref, key=str(row.pk))


def _find_unheard(row: Refund) -> str:
    """What the provider calls a refund that it refuses now, but may have made when its answer was lost.

    Raises:
        UnavailableError: it does not say; then nobody knows that nothing came of it.
    """
    gateway, reference = gateways.get_hosted(row.payment.gateway), row.payment.session.payment_ref
    try:
        return calls.call_out(gateway.name, lambda: gateway.find_refund(reference, key=str(row.pk)))
    except GatewayRefusedError as error:
        raise calls.unavailable() from error


def _make(gateway: HostedGateway, row: Refund) -> str:
    payment = row.payment
    return gateway.refund(payment.session.payment_ref, amount=row.amount, currency=payment.currency, key=str(row.pk))


@transaction.atomic(durable=True)
def _settle(row: Refund, state: RefundState, provider_id: str = "") -> None:
    """Note what became of it. What could not go back is still ours, unless the provider has given it back already."""
    order = Order.objects.select_for_update(no_key=True).get(pk=row.payment.order_id)
    row = Refund.objects.select_for_update(of=["self"]).select_related("payment__session").get(pk=row.pk)
    if row.state != RefundState.PENDING:
        return
    row.state, row.provider_id, row.settled_at = state, provider_id, clock.now()
    row.save(update_fields=["state", "provider_id", "settled_at"])
    if state == RefundState.FAILED:
        payments.book(row.payment, -row.amount)
        settling.alert(row.payment, "refund_failed", number=order.number, amount=str(row.amount))
        settling.take_over_refunds(order, row.payment, Facts.from_json(row.payment.session.facts))
        settling.update_status(order)
