"""What the tracking page says. Who gets the order as a gift is told by a closed list: no order reaches their page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from orders import policies
from orders.api import tracking_change
from orders.api.tracking_change import ChangeForm, Owner, Wish
from orders.enums import OrderStatus, PaymentStatus, ReviewOutcome
from orders.models import Order, OrderLine
from orders.services import carriers

S = OrderStatus
# What the shopper is told the reason of.
_EXPLAINED = (ReviewOutcome.CHANGE_REQUESTED, ReviewOutcome.REJECTED)

# The way of every order; the first two it leaves behind are one to who follows it.
_WAY: tuple[tuple[OrderStatus, str], ...] = (
    (S.PROCESSING, "Being made"),
    (S.PROCESSED, "Ready to go"),
    (S.SHIPPED, "On its way"),
    (S.DELIVERED, "Delivered"),
)
_ENDS: Mapping[OrderStatus, str] = {S.CANCELLED: "Cancelled", S.REJECTED: "Not accepted", S.RETURNED: "Came back"}
_SENTENCES: Mapping[OrderStatus, str] = {
    S.UNDER_REVIEW: "We look at the wishes before we begin.",
    S.PENDING: "It will be made soon.",
    S.PROCESSING: "It is being made right now.",
    S.PROCESSED: "It is ready and will be handed to the carrier.",
    S.SHIPPED: "It has left us.",
    S.DELIVERED: "It has arrived.",
    S.CANCELLED: "It was called off.",
    S.REJECTED: "We cannot make it.",
    S.RETURNED: "It came back to us.",
}


@dataclass(frozen=True, slots=True)
class Step:
    """A stop on the way.

    Attributes:
        at: when it was reached; None: it lies ahead.
        is_last: of those that were reached.
        is_end: the way ends here before its goal.
    """

    name: str
    at: datetime | None
    is_last: bool = False
    is_end: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """So many of something."""

    name: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Position:
    """A line as its owner reads it.

    Attributes:
        said: what staff want changed about it, or why they do not make it.
        form: to answer it anew, if staff want that.
    """

    line: OrderLine
    said: str
    form: ChangeForm | None


@dataclass(frozen=True, slots=True)
class Story:
    """What everybody may read who follows the order.

    Attributes:
        seq: the number of the last event that it tells of.
        parcel_url: the carrier's page.
    """

    order: str
    number: int
    status: str
    sentence: str
    seq: int
    steps: list[Step]
    items: list[Item]
    carrier: str
    parcel: str
    parcel_url: str | None
    is_gift: bool
    message: str
    recipient: str


def tell(order: Order, lines: Sequence[OrderLine], *, seq: int) -> Story:
    """What who gets the order may read, and so everybody who follows it, after its event number ``seq``."""
    status = S(order.status)
    return Story(
        order=str(order.pk),
        number=order.number,
        status=str(status.label),
        sentence=_SENTENCES[status],
        seq=seq,
        steps=_steps(order),
        items=[Item(line.name, line.quantity) for line in lines],
        carrier=order.carrier,
        parcel=order.tracking_number,
        parcel_url=carriers.find_url(order),
        is_gift=order.is_gift,
        message=order.gift_message if order.is_gift else "",
        recipient=order.recipient_name,
    )


def bill(
    holder: policies.LinkHolder, order: Order, lines: Sequence[OrderLine], wish: Wish | None = None
) -> dict[str, Any] | None:
    """What only the owner reads, and what they can do; None for who gets it. The lines have their reviews.

    ``wish`` is what they have just answered and what was not taken.
    """
    if not policies.sees_prices(holder):
        return None
    forms = tracking_change.forms(Owner(holder, order, lines), wish)
    positions = [Position(line, _said_of(line), forms.get(line.pk)) for line in lines]
    return {
        "order": order,
        "positions": positions,
        "is_asked": any(tracking_change.is_asked(order, line) for line in lines),
        "is_paying": order.status == S.PENDING and order.payment_status == PaymentStatus.PENDING,
        "can_accept": order.asks_for_acceptance,
        "can_pay": policies.can_pay_now(holder, order),
        "can_cancel": S.CANCELLED in policies.allowed_transitions(holder, order),
    }


def _said_of(line: OrderLine) -> str:
    review = getattr(line, "review", None)
    return review.reason if review is not None and review.outcome in _EXPLAINED else ""


def _steps(order: Order) -> list[Step]:
    reached = [("Ordered", order.placed_at), *((name, getattr(order, f"{status}_at")) for status, name in _WAY)]
    end = _ENDS.get(S(order.status))
    if end is None:
        # An order that was called off and goes on after all goes on from where it is.
        last = max(number for number, (_, at) in enumerate(reached) if at)
        return [Step(name, at, is_last=number == last) for number, (name, at) in enumerate(reached)]
    passed = [Step(name, at) for name, at in reached if at]
    return [*passed, Step(end, getattr(order, f"{order.status}_at"), is_last=True, is_end=True)]
