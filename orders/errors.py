"""What orders refuse."""

from collections.abc import Sequence
from decimal import Decimal

from fantasize.core.errors import ConflictError, GoneError, MalformedError
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


class DraftNotedError(ConflictError):
    """The page that a draft is written on was sent before."""

    code = "duplicate"
    title = "Duplicate"


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


class NotEditableError(ConflictError):
    """The order can no longer be changed like this; ``extra["order_status"]`` says where it is."""

    code = "not_editable"
    title = "Order cannot be changed"

    def __init__(self, status: OrderStatus, detail: str = "") -> None:
        refusal = f"An order that is {status.label.lower()} cannot be changed like this."
        super().__init__(f"{refusal} {detail}".strip(), extra={"order_status": status.value})


class PaymentDueError(ConflictError):
    """A paid order would cost more; ``extra["difference"]`` is how much."""

    code = "payment_due"
    title = "Payment due"

    def __init__(self, difference: Decimal, currency: str) -> None:
        detail = f"It would cost {difference} {currency} more. Place a second order for what is to be added."
        super().__init__(detail, extra={"difference": str(difference), "currency": currency})


class LinkRevokedError(GoneError):
    """The link was taken back before it ran out."""

    code = "link_revoked"
    title = "Link revoked"


class NothingToRefundError(ConflictError):
    """No money came in for the order, or all of it went back."""

    code = "nothing_to_refund"
    title = "Nothing to refund"


class ApprovalMissingError(ConflictError):
    """Staff have not approved everything that needs it, as it is now; ``extra["lines"]`` says what."""

    code = "approval_missing"
    title = "Approval missing"


class ApprovalBoundError(ConflictError):
    """What is asked for would need another approval, and the order is past its review; ``extra["lines"]`` says what."""

    code = "approval_bound"
    title = "Bound to its approval"


class ReviewClosedError(ConflictError):
    """There is nothing to decide about the line any more."""

    code = "review_closed"
    title = "Decided already"


class QuoteNotAcceptedError(ConflictError):
    """Staff ask more for something, and the shopper has not said yes; ``extra["total"]`` is what it costs now."""

    code = "quote_not_accepted"
    title = "Quote not accepted"


class NotPaidError(ConflictError):
    """There is no invoice before the money has come."""

    code = "not_paid"
    title = "Not paid"
