"""Where the catalogue's endpoints are."""

from rest_framework.routers import BaseRouter

from catalog.api.viewsets.coupons import CouponViewSet
from catalog.api.viewsets.favourites import FavouritePackageViewSet, FavouriteViewSet
from catalog.api.viewsets.home import HomeViewSet
from catalog.api.viewsets.media import MediaViewSet, PackageMediaViewSet, ProductMediaViewSet
from catalog.api.viewsets.offers import OfferViewSet
from catalog.api.viewsets.packages import PackageViewSet
from catalog.api.viewsets.price_breaks import PriceBreakViewSet
from catalog.api.viewsets.products import ProductViewSet
from catalog.api.viewsets.reviews import OwnReviewViewSet, PackageReviewViewSet, ProductReviewViewSet
from catalog.api.viewsets.search import SearchViewSet
from catalog.api.viewsets.taxonomy import BrandViewSet, CategoryViewSet, MaterialViewSet, TagViewSet


def register(router: BaseRouter) -> None:
    """Add the catalogue's routes."""
    router.register("products", ProductViewSet, basename="product")
    router.register("packages", PackageViewSet, basename="package")
    router.register("categories", CategoryViewSet, basename="category")
    router.register("brands", BrandViewSet, basename="brand")
    router.register("materials", MaterialViewSet, basename="material")
    router.register("tags", TagViewSet, basename="tag")
    router.register("offers", OfferViewSet, basename="offer")
    router.register("price-breaks", PriceBreakViewSet, basename="price-break")
    router.register("coupons", CouponViewSet, basename="coupon")
    router.register("search", SearchViewSet, basename="search")
    router.register("", HomeViewSet, basename="home")
    router.register("users/favorites/packages", FavouritePackageViewSet, basename="favourite-package")
    router.register("users/favorites", FavouriteViewSet, basename="favourite")
    router.register("products", ProductMediaViewSet, basename="product-media")
    router.register("packages", PackageMediaViewSet, basename="package-media")
    router.register("media", MediaViewSet, basename="media")
    router.register("products", ProductReviewViewSet, basename="product-review")
    router.register("packages", PackageReviewViewSet, basename="package-review")
    router.register("users/reviews", OwnReviewViewSet, basename="own-review")
