"""Orders in the admin: read everything, move along the legal edges, edit nothing."""

from orders.admin.order import OrderAdmin
from orders.admin.payment import PaymentAdmin

__all__ = ["OrderAdmin", "PaymentAdmin"]
