"""Placing an order: one transaction from the price to the event."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from itertools import islice
from typing import Any
from uuid import uuid4

from django.db import transaction

from customizations.services import snapshots
from customizations.services.evaluation import EvaluatedLine
from customizations.services.snapshots import Drawings
from fantasize.core import clock, outbox
from fantasize.core.errors import ConflictError, InvalidError, UnauthenticatedError
from fantasize.core.statements import fetch_all
from orders import events
from orders.enums import LinkScope, OrderSource, OrderStatus, PaymentMethod
from orders.models import Order, OrderLine
from orders.models.line import remember_lines
from orders.pricing import CouponTerms, Quote
from orders.services import baskets, carts, coupon_use, holds, links, placing, quoting, reviews, splitting
from orders.services.baskets import Basket, LineRequest
from orders.services.customers import Customer
from orders.services.quoting import Wishes

FIRST_NUMBER = 1001
_TAKE_NUMBERS = """
    INSERT INTO orders_ordercounter AS counter (id, last_number) VALUES (1, %s)
    ON CONFLICT (id) DO UPDATE SET last_number = counter.last_number + %s
    RETURNING last_number
"""

# Others may keep it open too; only who erases it has to wait, or is waited for.
_KEEP_ACCOUNT = "SELECT 1 FROM accounts_user WHERE id = %s AND is_active FOR KEY SHARE"


class UndrawnError(Exception):
    """Something has a canvas, and nobody has called ``draw_proofs``; nothing was done."""


@dataclass(frozen=True, slots=True)
class Gift:
    """For whom an order is, if that is somebody else; by the names of its columns.

    Attributes:
        gift_message: what the card says.
        recipient_name, recipient_email: who gets it, as far as the shopper tells.
        is_anonymous: they never learn who bought it.
    """

    is_gift: bool = False
    gift_message: str = ""
    recipient_name: str = ""
    recipient_email: str = ""
    is_anonymous: bool = False


@dataclass(frozen=True, slots=True)
class _Part:
    """One order of those that are placed together: its row, what it is of, and what that costs."""

    order: Order
    basket: Basket
    price: Quote


@transaction.atomic
def lines_in_cart(owner: str) -> list[LineRequest]:
    """What an order of somebody's cart would be of; of nobody's, if the owner is empty.

    Raises:
        ConflictError: ``cart_already_ordered``.
        InvalidError: ``cart_empty``.
    """
    return carts.lines_for_order(owner)


def draw_proofs(*, customer: Customer, lines: Sequence[LineRequest]) -> Drawings:
    """Draw what the lines ask for. Takes its time: before a transaction, not in it. Judges nothing but that it can be.

    Raises:
        InvalidError: a text or a picture cannot be printed as it is.
        UnavailableError: too much is being drawn just now.
    """
    drawings = snapshots.draw(baskets.evaluate(lines, principal=customer.principal))
    errors = [replace(error, location=f"/lines{error.location}") for error in drawings.errors]
    if errors:
        raise InvalidError("Some answers cannot be printed.", errors=errors)
    return drawings


def place_order(  # noqa: PLR0913 - everything that an order is
    *,
    customer: Customer,
    lines: Sequence[LineRequest],
    payment_method: PaymentMethod,
    shipping_address: Mapping[str, Any],
    expected_total: Decimal | None = None,
    drawings: Drawings | None = None,
    wishes: Wishes | None = None,
    gift: Gift | None = None,
    source: OrderSource = OrderSource.SHOP,
    from_cart: bool = False,
    is_at_once: bool = False,
) -> Order:
    """Place an order and reserve its stock, at the prices of this moment; writes ``order.placed``.

    Takes as many queries for fifty lines as for one. ``drawings`` are what ``draw_proofs`` made of the lines; without
    them it is asked first, before the transaction, unless it is done ``is_at_once``: in the caller's transaction, which
    any refusal ends. ``from_cart`` says that the lines are those of the customer's cart, which ends with the order.
    Wished to be sent in parts, what staff look at first becomes an order of its own: the other one is returned, with it
    among the ``siblings``. A guest's orders have their ``access_token``.

    Shares a lock on the customer's row; locks the cart, the coupon, then pictures, proofs and stock items, each in
    primary-key order, the counter last.

    Raises:
        UndrawnError: something has to be drawn, which takes too long for now.
        UnauthenticatedError: the account was closed meanwhile.
        InvalidError: something is not sold, cannot be sent there as wished, or is answered as it cannot be made.
        CouponInvalidError, CouponMinTotalError, RateLimitedError: the coupon cannot be used; see ``coupon_use``.
        PriceChangedError: the total is not ``expected_total``; it tells the quote of now.
        ConflictError: ``options_changed`` or ``upload_gone`` since the drawing, ``cart_already_ordered``.
        OutOfStockError: something is short; nothing is reserved.
    """
    is_at_once = is_at_once and drawings is None
    if drawings is None and not is_at_once:
        drawings = draw_proofs(customer=customer, lines=lines)
    wishes = wishes or Wishes()
    facts = {"payment_method": payment_method, "source": source, **asdict(gift or Gift())}
    with transaction.atomic(savepoint=not is_at_once):
        require_customer(customer)
        if from_cart:
            _require_same(lines, carts.lines_for_order(customer.principal))
        found = _read(lines, customer, wishes)
        evaluated = [line for basket in found for line in basket.evaluated]
        drawings = drawings or _drawn_at_once(evaluated)
        parts = _price(found, customer, shipping_address, wishes, facts)
        _require_expected(parts, expected_total)
        frozen = iter(snapshots.freeze(evaluated, drawings))
        for part in parts:
            _insert_contents(part, list(islice(frozen, len(part.basket.lines))), customer)
        if from_cart:
            carts.close(customer.principal)
        # Who wants the same pieces waits from here on; who wants anything at all, from the next line on.
        _hold(parts)
        _insert_numbered([part.order for part in parts])
        return parts[0].order


def _drawn_at_once(lines: Sequence[EvaluatedLine]) -> Drawings:
    """What ``draw_proofs`` makes of things without a canvas."""
    if any(thing.schema.canvas for line in lines for thing in line.things):
        raise UndrawnError
    return snapshots.draw(lines)


def require_customer(customer: Customer) -> None:
    """Hold the account open until the commit: nobody who is being forgotten gets an order that knows them."""
    if customer.user is None:
        return
    if not fetch_all(_KEEP_ACCOUNT, [customer.user.pk]):
        raise UnauthenticatedError("The account is closed.")


def _require_same(drawn: Sequence[LineRequest], lines: Sequence[LineRequest]) -> None:
    """That the cart is as it was when its proofs were drawn: nobody gets what they have not seen."""
    if list(drawn) != list(lines):
        detail = "The cart has changed in this moment. Look at it again."
        raise ConflictError(detail, code="options_changed", title="Options have changed")


def _read(lines: Sequence[LineRequest], customer: Customer, wishes: Wishes) -> list[Basket]:
    """What is ordered, apart if it is to be sent in parts: first what can go on at once, then what staff look at."""
    at, principal = clock.now(), customer.principal
    whole = baskets.read(lines, principal=principal, at=at, is_to_be_held=True)
    placing.require_possible(whole)
    places = splitting.places_of(whole, ship_in_parts=wishes.ship_in_parts)
    found = splitting.read_apart(lines, whole, places, principal=principal, at=at)
    for basket in found:
        # What is asked may have changed since the whole was read.
        placing.require_possible(basket)
    return found


def _price(
    found: Sequence[Basket], customer: Customer, address: Mapping[str, Any], wishes: Wishes, facts: Mapping[str, Any]
) -> list[_Part]:
    """What each costs, with its order; the coupon is used from then on."""
    group = uuid4() if len(found) > 1 else None
    drafts = [_draft_order(customer, basket, shipping_address=dict(address), group=group, **facts) for basket in found]
    coupons = splitting.use_coupon(found, lambda number: _use_coupon(drafts[number], found[number], wishes))
    return [
        _Part(order, basket, quoting.settle(basket, address=address, wishes=wishes, coupon=coupon))
        for order, basket, coupon in zip(drafts, found, coupons, strict=True)
    ]


def _use_coupon(order: Order, basket: Basket, wishes: Wishes) -> CouponTerms | None:
    return coupon_use.redeem(
        wishes.coupon, order=order, caller_address=wishes.caller_address, items_total=basket.quote.total
    )


def _require_expected(parts: Sequence[_Part], expected_total: Decimal | None) -> None:
    first, *others = ((part.basket, part.price) for part in parts)
    placing.require_expected(*first, expected_total, *others)


def _hold(parts: Sequence[_Part]) -> None:
    """Reserve what all orders take at once, so that stock items are locked in their order."""
    demand = Counter[int]()
    for part in parts:
        demand.update(part.basket.demand)
    placing.hold(dict(sorted(demand.items())))


def _draft_order(customer: Customer, basket: Basket, **facts: Any) -> Order:
    """The order without its price and number; it has its id."""
    status = OrderStatus.UNDER_REVIEW if basket.needs_approval else OrderStatus.PENDING
    reached = {f"{status.value}_at": basket.at}
    return Order(user=customer.user, email=customer.email, status=status, placed_at=basket.at, **reached, **facts)


def _insert_numbered(orders: Sequence[Order]) -> None:
    """Give the orders their numbers, have them know each other, and store them.

    All orders of the shop wait for each other from here on; what belongs to them is there already.
    """
    for number, order in enumerate(orders, start=next_numbers(len(orders))):
        order.number, order.siblings = number, [other for other in orders if other is not order]
        order.save(force_insert=True)


def next_numbers(count: int) -> int:
    """Reserve ``count`` order numbers and return the first. Locks the counter until the commit, so call it last."""
    [(last,)] = fetch_all(_TAKE_NUMBERS, [FIRST_NUMBER - 1 + count, count])
    return int(last) - count + 1


def _insert_contents(part: _Part, frozen: Sequence[list[dict[str, Any]]], customer: Customer) -> None:
    """Store everything that belongs to an order; the database asks for the order itself at the commit."""
    order, basket = part.order, part.basket
    placing.write_price(order, part.price)
    order.hold_expires_at = holds.expiry_for(order)
    rows = zip(basket.lines, part.price.lines, frozen, strict=True)
    lines = [placing.snapshot_line(order, place, *row) for place, row in enumerate(rows, start=1)]
    OrderLine.objects.bulk_create(lines)
    reviews.open_for(order, lines)
    remember_lines(order, lines)
    holds.record_holds(order, basket.demand)
    placed = events.status_changed(order.pk, name="placed", status=order.status, previous=None, actor=customer.actor)
    outbox.publish(placed)
    if customer.user is None:
        order.access_token = links.issue(order, scope=LinkScope.OWNER, actor=customer.actor)
