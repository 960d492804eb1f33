"""Stock reserved for orders: made when placing, ended exactly once. The caller has the transaction and the lock."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Sum

from catalog.enums import MovementReason
from catalog.services import coupons, stock
from fantasize.core import clock
from orders.enums import HoldOutcome, OrderStatus
from orders.models import Hold, Order


def expiry_for(order: Order) -> datetime | None:
    """When an order that waits for payment, or for staff, gives its stock back; None: not by itself (cash)."""
    if order.is_cash:
        return None
    is_reviewed = order.status == OrderStatus.UNDER_REVIEW
    kept = timedelta(hours=settings.REVIEW_HOLD_HOURS) if is_reviewed else timedelta(minutes=settings.HOLD_MINUTES)
    return clock.now() + kept


def record_holds(order: Order, demand: stock.Demand) -> None:
    """Remember what the order reserved; the stock itself is held already."""
    Hold.objects.bulk_create(
        Hold(order=order, stock_item_id=item, quantity=quantity) for item, quantity in demand.items()
    )


def consume(order: Order, *, actor: str) -> None:
    """The order goes ahead: its reserved pieces are sold."""
    demand = _end(order, HoldOutcome.CONSUMED)
    stock.consume(demand, reference=str(order.number), actor=actor)


def release(order: Order) -> None:
    """The order does not go ahead: its reserved pieces can be bought by others, and its coupon used once more."""
    coupons.release(reference=str(order.pk))
    stock.release(_end(order, HoldOutcome.RELEASED))


def take_again(order: Order, *, actor: str) -> None:
    """Reserve and sell again what an expired order had, and use its coupon again; all or nothing.

    Raises:
        CouponInvalidError: others have used the coupon up meanwhile.
        OutOfStockError: somebody else bought it meanwhile.
    """
    coupons.retake(reference=str(order.pk))
    demand = _demand(order, HoldOutcome.RELEASED)
    stock.hold(demand)
    record_holds(order, demand)
    consume(order, actor=actor)


def restock(order: Order, *, reason: MovementReason, actor: str) -> None:
    """Put what the order took back on the shelf."""
    stock.restock(_demand(order, HoldOutcome.CONSUMED), reason=reason, reference=str(order.number), actor=actor)


def _end(order: Order, outcome: HoldOutcome) -> stock.Demand:
    demand = _demand(order, "")
    order.holds.filter(ended_at=None).update(ended_at=clock.now(), outcome=outcome)
    return demand


def _demand(order: Order, outcome: str) -> stock.Demand:
    held = order.holds.filter(outcome=outcome).values_list("stock_item").annotate(pieces=Sum("quantity"))
    return dict(held.order_by("stock_item"))
