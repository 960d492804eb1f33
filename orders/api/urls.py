"""Where the orders' endpoints are."""

from rest_framework.routers import BaseRouter

from orders.api.viewsets import OrderViewSet, ProofViewSet


def register(router: BaseRouter) -> None:
    """Add the orders' routes."""
    # Before an order can be named "proofs".
    router.register("orders/proofs", ProofViewSet, basename="order-proof")
    router.register("orders", OrderViewSet, basename="order")
