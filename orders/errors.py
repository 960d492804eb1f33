"""What orders refuse."""

from collections.abc import Sequence

from fantasize.core.errors import ConflictError
from orders.enums import OrderStatus


class IllegalTransitionError(ConflictError):
    """The state table does not know this move for this actor; ``extra["allowed_transitions"]`` says what it knows."""

    code = "illegal_transition"
    title = "Illegal transition"

    def __init__(self, source: OrderStatus, target: OrderStatus, allowed: Sequence[OrderStatus]) -> None:
        names = [str(status.value) for status in allowed]
        super().__init__(
            f"An order that is {source.label.lower()} cannot become {target.label.lower()} here.",
            extra={"allowed_transitions": names},
        )


class PriceChangedError(ConflictError):
    """The total is not what the shopper was shown; ``extra["total"]`` is what it is now."""

    code = "price_changed"
    title = "Price changed"


class OrdersOpenError(ConflictError):
    """Somebody cannot be forgotten yet; ``extra["orders"]`` holds the numbers of the orders that wait."""

    code = "orders_open"
    title = "Orders are open"
