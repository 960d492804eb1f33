"""The catalogue as spreadsheet rows, both ways."""

from catalog.resources.columns import MOST_PIECES, require_whole_minor_units
from catalog.resources.movements import MovementResource
from catalog.resources.offers import OfferResource
from catalog.resources.packages import PackageResource
from catalog.resources.products import ProductResource
from catalog.resources.stock import StockResource
from fantasize.core.transfers import registry

__all__ = [
    "MOST_PIECES",
    "MovementResource",
    "OfferResource",
    "PackageResource",
    "ProductResource",
    "StockResource",
    "register",
    "require_whole_minor_units",
]


def register() -> None:
    """Let these be imported and exported."""
    registry.register("product", "products", ProductResource)
    registry.register("package", "packages", PackageResource)
    registry.register("stock", "stock", StockResource)
    registry.register("movement", "stock movements", MovementResource)
    registry.register("offer", "offers", OfferResource)
