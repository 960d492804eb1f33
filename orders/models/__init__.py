"""The orders' tables."""

from orders.models.cart import Cart, CartLine
from orders.models.credit_note import CreditNote, CreditNoteLine
from orders.models.draft import DraftOrder
from orders.models.hold import Hold
from orders.models.line import OrderLine
from orders.models.link import OrderLink
from orders.models.order import Order, OrderCounter
from orders.models.payment import Payment
from orders.models.payment_session import PaymentSession
from orders.models.refund import Refund
from orders.models.review import LineReview
from orders.models.sandbox_session import SandboxSession
from orders.models.shipping import ShippingBand, ShippingMethod
from orders.models.tax import TaxRate
from orders.models.webhook_event import WebhookEvent

__all__ = [
    "Cart",
    "CartLine",
    "CreditNote",
    "CreditNoteLine",
    "DraftOrder",
    "Hold",
    "LineReview",
    "Order",
    "OrderCounter",
    "OrderLine",
    "OrderLink",
    "Payment",
    "PaymentSession",
    "Refund",
    "SandboxSession",
    "ShippingBand",
    "ShippingMethod",
    "TaxRate",
    "WebhookEvent",
]
