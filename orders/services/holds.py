"""Stock reserved for orders: made when placing, ended exactly once. The caller has the transaction and the lock."""

from collections import Counter
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


def are_kept_until(order: Order, moment: datetime) -> bool:
    """Whether the goods of an order that waits are kept as long anyway."""
    return order.hold_expires_at is not None and order.hold_expires_at >= moment


def keep_until(order: Order, moment: datetime) -> None:
    """Keep the goods of a locked order until then, or for longer if they are anyway."""
    if are_kept_until(order, moment):
        return
    order.hold_expires_at = moment
    # Whoever found it expired a moment ago has to look again.
    order.version += 1
    order.save(update_fields=["hold_expires_at", "version"])


def record_holds(order: Order, demand: stock.Demand) -> None:
    """Remember what the order reserved; the stock itself is held already."""
    Hold.objects.bulk_create(
        Hold(order=order, stock_item_id=item, quantity=quantity) for item, quantity in demand.items()
    )


def pieces_of(order: Order) -> stock.Demand:
    """What the order holds, or has taken and not given back, by stock item. One query."""
    pieces: Counter[int] = Counter()
    for hold in order.holds.exclude(outcome=HoldOutcome.RELEASED):
        pieces[hold.stock_item_id] += hold.unreturned
    return +pieces


def hold_instead(order: Order, demand: stock.Demand) -> None:
    """Have an order that waits hold ``demand`` in place of what it holds; until when, stays as it was.

    Only the difference is reserved or released, all or nothing, the stock items locked in primary-key order first.

    Raises:
        OutOfStockError: something is short.
    """
    held = {hold.stock_item_id: hold for hold in order.holds.filter(ended_at=None)}
    before = Counter({item: hold.quantity for item, hold in held.items()})
    more, less = Counter(demand) - before, before - Counter(demand)
    stock.lock(more | less)
    if more:
        stock.hold(dict(sorted(more.items())))
    if less:
        stock.release(dict(sorted(less.items())))
    for item, hold in held.items():
        hold.quantity = demand.get(item, 0)
    Hold.objects.filter(pk__in=[hold.pk for hold in held.values() if not hold.quantity]).delete()
    Hold.objects.bulk_update([hold for hold in held.values() if hold.quantity], ["quantity"])
    record_holds(order, {item: demand[item] for item in demand if item not in held})


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
    """Put what the order took back on the shelf, but for the pieces that were given back for already."""
    left: Counter[int] = Counter()
    for hold in _consumed(order):
        left[hold.stock_item_id] += hold.unreturned
    put_back(order, left, reason=reason, actor=actor)


def put_back(order: Order, pieces: stock.Demand, *, reason: MovementReason, actor: str) -> None:
    """Put these pieces of what the order took back on the shelf; none of them twice."""
    back = _return(order, pieces, "restocked")
    stock.restock(back, reason=reason, reference=str(order.number), actor=actor)


def write_off(order: Order, pieces: stock.Demand) -> None:
    """Note that these pieces of what the order took do not come back, whatever becomes of the rest."""
    _return(order, pieces, "written_off")


def _return(order: Order, pieces: stock.Demand, column: str) -> stock.Demand:
    """Count the pieces in a column, as far as they have not gone back; returns those counted."""
    counted: Counter[int] = Counter()
    holds = _consumed(order)
    for hold in holds:
        item = hold.stock_item_id
        number = min(pieces.get(item, 0) - counted[item], hold.unreturned)
        setattr(hold, column, getattr(hold, column) + number)
        counted[item] += number
    Hold.objects.bulk_update(holds, [column])
    return +counted


def _consumed(order: Order) -> list[Hold]:
    return list(order.holds.filter(outcome=HoldOutcome.CONSUMED).order_by("pk"))


def _end(order: Order, outcome: HoldOutcome) -> stock.Demand:
    demand = _demand(order, "")
    order.holds.filter(ended_at=None).update(ended_at=clock.now(), outcome=outcome)
    return demand


def _demand(order: Order, outcome: str) -> stock.Demand:
    held = order.holds.filter(outcome=outcome).values_list("stock_item").annotate(pieces=Sum("quantity"))
    return dict(held.order_by("stock_item"))
