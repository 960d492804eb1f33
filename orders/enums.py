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
