"""Where the catalogue's endpoints are."""

from rest_framework.routers import BaseRouter

from catalog.api.viewsets.favourites import FavouriteViewSet
from catalog.api.viewsets.products import ProductViewSet
from catalog.api.viewsets.taxonomy import BrandViewSet, CategoryViewSet


def register(router: BaseRouter) -> None:
    """Add the catalogue's routes."""
    router.register("products", ProductViewSet, basename="product")
    router.register("categories", CategoryViewSet, basename="category")
    router.register("brands", BrandViewSet, basename="brand")
    router.register("users/favorites", FavouriteViewSet, basename="favourite")
