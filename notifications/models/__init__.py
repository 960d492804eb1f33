"""What people are told."""

from notifications.models.low_stock import LowStockAlert

__all__ = ["LowStockAlert"]
