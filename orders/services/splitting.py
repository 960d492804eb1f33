"""What is placed as one and sent in parts: which lines are of which order, and which of them uses the coupon."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime

from catalog.errors import CouponMinTotalError
from orders.pricing import CouponTerms
from orders.services import baskets
from orders.services.baskets import Basket, LineRequest

# Where lines are among those that were asked for.
Places = tuple[int, ...]


def places_of(whole: Basket, *, ship_in_parts: bool) -> list[Places]:
    """The lines of each order that there would be: first what can go on at once, then what staff look at.

    Unless it is wished to be sent in parts, and there is something of either kind, all of it is one order.
    """
    places = range(len(whole.lines))
    looked_at = [line.needs_approval for line in whole.evaluated]
    apart = [tuple(place for place in places if looked_at[place] is wanted) for wanted in (False, True)]
    return apart if ship_in_parts and all(apart) else [tuple(places)]


def read_apart(
    lines: Sequence[LineRequest], whole: Basket, places: Sequence[Places], *, principal: str, at: datetime
) -> list[Basket]:
    """What each order comes to by its own lines alone; ``whole`` as it is, if there is one. Raises as ``read`` does."""
    if len(places) == 1:
        return [whole]
    return [baskets.read([lines[place] for place in part], principal=principal, at=at) for part in places]


def use_coupon(found: Sequence[Basket], use: Callable[[int], CouponTerms | None]) -> list[CouponTerms | None]:
    """What the coupon takes off each order: it is used for the first that comes to as much as it asks for.

    ``use`` takes the number of an order.

    Raises:
        CouponMinTotalError: none does.
    """
    terms: list[CouponTerms | None] = [None] * len(found)
    last = len(found) - 1
    for number in range(last):
        with suppress(CouponMinTotalError):
            terms[number] = use(number)
            return terms
    terms[last] = use(last)
    return terms
