"""Orders in the admin: read everything, move along the legal edges, edit nothing; and what they cost by."""

from orders.admin.cart import CartAdmin
from orders.admin.drafts import DraftOrderAdmin
from orders.admin.order import OrderAdmin
from orders.admin.payment import PaymentAdmin, WebhookEventAdmin
from orders.admin.review_queue import LineReviewAdmin
from orders.admin.shipping import ShippingMethodAdmin
from orders.admin.tax import TaxClassAdmin

__all__ = [
    "CartAdmin",
    "DraftOrderAdmin",
    "LineReviewAdmin",
    "OrderAdmin",
    "PaymentAdmin",
    "ShippingMethodAdmin",
    "TaxClassAdmin",
    "WebhookEventAdmin",
]
