"""Where the orders' endpoints are."""

from rest_framework.routers import BaseRouter

from orders.api.cart_viewsets import CartItemViewSet, CartViewSet
from orders.api.draft_viewsets import DraftViewSet
from orders.api.payment_viewsets import PaymentViewSet, WebhookViewSet
from orders.api.quote_viewsets import QuoteViewSet
from orders.api.viewsets import OrderViewSet, ProofViewSet


def register(router: BaseRouter) -> None:
    """Add the orders' routes."""
    # Before an order can be named "proofs" or "quote".
    router.register("orders/drafts", DraftViewSet, basename="order-draft")
    router.register("orders/proofs", ProofViewSet, basename="order-proof")
    router.register("orders/quote", QuoteViewSet, basename="order-quote")
    router.register("orders", OrderViewSet, basename="order")
    router.register("payments/webhooks", WebhookViewSet, basename="payment-webhook")
    router.register("payments", PaymentViewSet, basename="payment")
    router.register("cart/items", CartItemViewSet, basename="cart-item")
    router.register("", CartViewSet, basename="cart")
