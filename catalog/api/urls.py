"""Where the catalogue's endpoints are."""

from rest_framework.routers import BaseRouter

from catalog.api.favourites import FavouriteViewSet
from catalog.api.viewsets import BrandViewSet, CategoryViewSet, ProductViewSet


def register(router: BaseRouter) -> None:
    """Add the catalogue's routes."""
    router.register("products", ProductViewSet, basename="product")
    router.register("categories", CategoryViewSet, basename="category")
    router.register("brands", BrandViewSet, basename="brand")
    router.register("users/favorites", FavouriteViewSet, basename="favourite")
