"""Where the orders' endpoints are."""

from rest_framework.routers import BaseRouter

from orders.api.viewsets import OrderViewSet


def register(router: BaseRouter) -> None:
    """Add the orders' routes."""
    router.register("orders", OrderViewSet, basename="order")
