"""The catalogue in the admin."""

from catalog.admin.brand import BrandAdmin
from catalog.admin.category import CategoryAdmin
from catalog.admin.coupon import CouponAdmin, CouponRedemptionAdmin
from catalog.admin.material import MaterialAdmin
from catalog.admin.media import ProductMediaAdmin
from catalog.admin.offer import OfferAdmin
from catalog.admin.package import PackageAdmin
from catalog.admin.product import ProductAdmin
from catalog.admin.review import ReviewAdmin
from catalog.admin.stock import StockItemAdmin, StockMovementAdmin
from catalog.admin.synonym import SynonymAdmin
from catalog.admin.tag import TagAdmin

__all__ = [
    "BrandAdmin",
    "CategoryAdmin",
    "CouponAdmin",
    "CouponRedemptionAdmin",
    "MaterialAdmin",
    "OfferAdmin",
    "PackageAdmin",
    "ProductAdmin",
    "ProductMediaAdmin",
    "ReviewAdmin",
    "StockItemAdmin",
    "StockMovementAdmin",
    "SynonymAdmin",
    "TagAdmin",
]
