"""The catalogue's tables."""

from catalog.models.favourite import Favourite
from catalog.models.product import Product
from catalog.models.stock import StockItem, StockMovement
from catalog.models.taxonomy import Brand, Category

__all__ = ["Brand", "Category", "Favourite", "Product", "StockItem", "StockMovement"]
