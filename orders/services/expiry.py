"""Giving stock back that nobody paid for in time."""

from uuid import UUID

from fantasize.core import clock
from fantasize.core.errors import DomainError
from orders.enums import OrderStatus, Role
from orders.models import Order
from orders.services.transitions import Move, move_order


def cancel_expired_orders(*, limit: int = 500) -> int:
    """Cancel orders whose hold has run out, each in its own transaction; returns how many."""
    expired = Order.objects.filter(
        status__in=[OrderStatus.PENDING, OrderStatus.UNDER_REVIEW],
        hold_expires_at__lte=clock.now(),
    )
    ids = list(expired.order_by("hold_expires_at").values_list("pk", "version")[:limit])
    return sum(_cancel(order_id, version) for order_id, version in ids)


def _cancel(order_id: UUID, version: int) -> bool:
    """Whether the order was still as it was found; somebody who paid or cancelled meanwhile wins."""
    move = Move(target=OrderStatus.CANCELLED, actor="system", role=Role.SYSTEM)
    try:
        move_order(order_id=order_id, move=move, expected_version=version)
    except DomainError:
        return False
    return True
