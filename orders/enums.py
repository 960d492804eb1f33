"""The orders' closed vocabularies."""

from django.db import models


class OrderStatus(models.TextChoices):
    """Where an order is. Which moves are legal is said once, in ``orders.states``."""

    UNDER_REVIEW = "under_review", "Under review"
    PENDING = "pending", "Pending"
    PROCESSING = "processing", "Processing"
    PROCESSED = "processed", "Processed"
    SHIPPED = "shipped", "Shipped"
    DELIVERED = "delivered", "Delivered"
    CANCELLED = "cancelled", "Cancelled"
    REJECTED = "rejected", "Rejected"
    RETURNED = "returned", "Returned"


class PaymentStatus(models.TextChoices):
    """Where the money is."""

    UNPAID = "unpaid", "Unpaid"
    PENDING = "pending", "Pending"
    PAID = "paid", "Paid"
    FAILED = "failed", "Failed"
    PARTIALLY_REFUNDED = "partially_refunded", "Partially refunded"
    REFUNDED = "refunded", "Refunded"


class PaymentMethod(models.TextChoices):
    """How the shopper pays."""

    HOSTED = "hosted", "Hosted page"
    CASH_ON_DELIVERY = "cash_on_delivery", "Cash on delivery"


class ShippingKind(models.TextChoices):
    """What the price of sending a parcel goes by."""

    FLAT = "flat", "The same for every parcel"
    BY_WEIGHT = "by_weight", "By weight"
    BY_TOTAL = "by_total", "By what the goods cost"


class OrderSource(models.TextChoices):
    """Where an order came from."""

    SHOP = "shop", "Shop"
    STAFF = "staff", "Staff"
    IMPORT = "import", "Import"


class HoldOutcome(models.TextChoices):
    """How a hold ended; empty while it is open."""

    CONSUMED = "consumed", "Consumed"
    RELEASED = "released", "Released"


class Role(models.TextChoices):
    """In which capacity somebody moves an order."""

    SYSTEM = "system", "System"
    STAFF = "staff", "Staff"
    FACTORY = "factory", "Factory"
    OWNER = "owner", "Owner"


class PaymentState(models.TextChoices):
    """Where one attempt to pay is."""

    PENDING = "pending", "Pending"
    PAID = "paid", "Paid"
    FAILED = "failed", "Failed"
    EXPIRED = "expired", "Expired"
    PARTIALLY_REFUNDED = "partially_refunded", "Partially refunded"
    REFUNDED = "refunded", "Refunded"


class RefundState(models.TextChoices):
    """Whether money is back."""

    PENDING = "pending", "Pending"
    SUCCEEDED = "succeeded", "Succeeded"
    FAILED = "failed", "Failed"


class WebhookState(models.TextChoices):
    """What became of something that a payment provider told us."""

    WAITING = "waiting", "Waiting"
    PROCESSED = "processed", "Processed"
    IGNORED = "ignored", "Ignored"
    FLAGGED = "flagged", "Needs a look"


class LinkScope(models.TextChoices):
    """What a link to an order lets somebody do: all that its owner may, or see where their gift is."""

    OWNER = "owner", "Owner"
    RECIPIENT = "recipient", "Recipient"


class CreditNoteKind(models.TextChoices):
    """Why money goes back: alone, or for goods that came back."""

    REFUND = "refund", "Refund"
    RETURN = "return", "Return"


class ReviewState(models.TextChoices):
    """What became of a line that needs approval."""

    WAITING = "waiting", "Needs approval"
    APPROVED = "approved", "Approved"
    CHANGE_REQUESTED = "change_requested", "Change requested"
    REJECTED = "rejected", "Rejected"


class ReviewOutcome(models.TextChoices):
    """What is shown of a review: its state, or that the order ended before anybody was done with the line."""

    WAITING = ReviewState.WAITING.value, ReviewState.WAITING.label
    APPROVED = ReviewState.APPROVED.value, ReviewState.APPROVED.label
    CHANGE_REQUESTED = ReviewState.CHANGE_REQUESTED.value, ReviewState.CHANGE_REQUESTED.label
    REJECTED = ReviewState.REJECTED.value, ReviewState.REJECTED.label
    CLOSED = "closed", "Closed"


class Decision(models.TextChoices):
    """What staff may say of a line that needs approval."""

    APPROVE = "approve", "Approve"
    REQUEST_CHANGE = "request_change", "Ask for a change"
    REJECT = "reject", "Reject"


class CheckOutcome(models.TextChoices):
    """What an automatic check of a special request says."""

    OK = "ok", "Good"
    WARN = "warn", "Look at it"
    FAIL = "fail", "Not good"


class DocumentKind(models.TextChoices):
    """A paper of an order."""

    INVOICE = "invoice", "Invoice"
    PACKING_SLIP = "packing-slip", "Packing slip"
    GIFT_CARD = "gift-card", "Gift card"
