"""The catalogue in the admin."""

from catalog.admin.brand import BrandAdmin
from catalog.admin.category import CategoryAdmin
from catalog.admin.product import ProductAdmin
from catalog.admin.stock import StockItemAdmin, StockMovementAdmin

__all__ = ["BrandAdmin", "CategoryAdmin", "ProductAdmin", "StockItemAdmin", "StockMovementAdmin"]
