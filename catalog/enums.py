"""The catalogue's closed vocabularies."""

from django.db import models


class StockStatus(models.TextChoices):
    """What a shopper is told about stock."""

    IN_STOCK = "in_stock", "In stock"
    RUNNING_LOW = "running_low", "Running low"
    OUT_OF_STOCK = "out_of_stock", "Out of stock"


class MovementReason(models.TextChoices):
    """Why a stock level changed."""

    OPENING = "opening", "Opening stock"
    SALE = "sale", "Sale"
    RESTOCK = "restock", "Taken back into stock"
    RETURN = "return", "Return"
    CORRECTION = "correction", "Correction"
    IMPORT = "import", "Import"


class ReviewState(models.TextChoices):
    """Where a review is on its way to the shop."""

    PENDING = "pending", "Waiting for moderation"
    PUBLISHED = "published", "Published"
    REJECTED = "rejected", "Rejected"


class MediaKind(models.TextChoices):
    """What a file shows."""

    IMAGE = "image", "Image"
    VIDEO = "video", "Video"


class MediaState(models.TextChoices):
    """Whether a file can be shown."""

    PROCESSING = "processing", "Being prepared"
    READY = "ready", "Ready"
    FAILED = "failed", "Could not be prepared"


class DiscountState(models.TextChoices):
    """Where an offer or a coupon is in its time."""

    OFF = "off", "Switched off"
    SCHEDULED = "scheduled", "Scheduled"
    RUNNING = "running", "Running"
    OVER = "over", "Over"
