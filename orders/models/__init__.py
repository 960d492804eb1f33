"""The orders' tables."""

from orders.models.hold import Hold
from orders.models.line import OrderLine
from orders.models.order import Order, OrderCounter
from orders.models.payment import Payment

__all__ = ["Hold", "Order", "OrderCounter", "OrderLine", "Payment"]
