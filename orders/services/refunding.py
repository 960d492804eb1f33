"""Carrying out refunds that were written down."""

from datetime import timedelta
from uuid import UUID

import structlog
from django.db import transaction

from fantasize.core import clock
from fantasize.core.errors import DomainError
from orders import payments as gateways
from orders.enums import RefundState
from orders.models import Order, Refund
from orders.payments import calls
from orders.payments.base import GatewayRefusedError
from orders.payments.facts import Facts
from orders.services import payments, settling

log = structlog.get_logger(__name__)

# The job tries for a day; whatever became of it, a refund that is as old is tried again.
_LEFT_LYING = timedelta(minutes=10)


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
        _settle(row, RefundState.FAILED)
    else:
        _settle(row, RefundState.SUCCEEDED, provider_id)


def execute_left_lying(*, limit: int = 100) -> int:
    """Try refunds again that nobody has carried out; returns how many are done."""
    waiting = Refund.objects.filter(state=RefundState.PENDING, created_at__lt=clock.now() - _LEFT_LYING)
    return sum(_try(pk) for pk in waiting.order_by("created_at").values_list("pk", flat=True)[:limit])


def _try(refund_id: UUID) -> bool:
    try:
        execute(refund_id)
    except DomainError:
        return False
    return True


def _ask(row: Refund) -> str:
    payment = row.payment
    gateway = gateways.get_hosted(payment.gateway)
    return calls.call_out(
        gateway.name,
        lambda: gateway.refund(
            payment.session.payment_ref, amount=row.amount, currency=payment.currency, key=str(row.pk)
        ),
    )


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
