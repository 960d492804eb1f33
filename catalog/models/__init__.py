"""The catalogue's tables."""

from catalog.models.favourite import Favourite
from catalog.models.media import ProductMedia
from catalog.models.offer import Coupon, CouponRedemption, Offer, PriceBreak
from catalog.models.package import Package, PackageItem
from catalog.models.product import Product, ProductMaterial
from catalog.models.review import Review, ReviewGrant
from catalog.models.search import SearchWord, Synonym
from catalog.models.stock import StockItem, StockMovement
from catalog.models.tax import TaxClass
from catalog.models.taxonomy import Brand, Category, Material, Tag

__all__ = [
    "Brand",
    "Category",
    "Coupon",
    "CouponRedemption",
    "Favourite",
    "Material",
    "Offer",
    "Package",
    "PackageItem",
    "PriceBreak",
    "Product",
    "ProductMaterial",
    "ProductMedia",
    "Review",
    "ReviewGrant",
    "SearchWord",
    "StockItem",
    "StockMovement",
    "Synonym",
    "Tag",
    "TaxClass",
]
