"""What orders refuse."""

from collections.abc import Sequence

from fantasize.core.errors import ConflictError, MalformedError
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


class NotPayableError(ConflictError):
    """There is nothing to pay on a page: it is paid, called off, looked at by staff first, or paid in cash."""

    code = "not_payable"
    title = "Nothing to pay"


class PaymentInProgressError(ConflictError):
    """Somebody may be paying for the order as it is at this moment."""

    code = "payment_in_progress"
    title = "Payment in progress"


class HoldExhaustedError(ConflictError):
    """The goods were kept for a payment so often that they are not kept longer."""

    code = "hold_exhausted"
    title = "Reservation used up"


class NoGatewayError(ConflictError):
    """The shop takes no payments online."""

    code = "no_gateway"
    title = "No online payment"


class WebhookSignatureError(MalformedError):
    """A message that is not from the payment provider, or was not signed just now."""

    code = "webhook_signature_invalid"
    title = "Webhook signature invalid"


class CartAlreadyOrderedError(ConflictError):
    """An order was placed from the cart, and nothing was put there since."""

    code = "cart_already_ordered"
    title = "Cart was ordered"
