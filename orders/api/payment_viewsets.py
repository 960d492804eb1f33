"""Paying: the page for an order, what became of a payment, and what providers tell us."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from fantasize.core.api.permissions import AllowAny, IsAuthenticated
from fantasize.core.api.viewsets import ShopViewSet
from fantasize.core.errors import ForbiddenError, InvalidError, TooLargeError
from orders import policies, selectors
from orders.api.access import ORDER_TOKEN, OrderAccess
from orders.api.payment_serializers import (
    CheckoutInputSerializer,
    CheckoutSerializer,
    PaymentInputSerializer,
    PaymentSerializer,
    ReceiptSerializer,
    page_of,
)
from orders.models import Order, Payment
from orders.services import checkout_sessions, webhooks

SIGNATURE = OpenApiParameter(
    "Stripe-Signature", str, OpenApiParameter.HEADER, required=True, description="`t=<time>,v1=<signature>`"
)


class CheckoutMixin(OrderAccess):
    """Orders that can be paid for on a page."""

    payment: Payment

    def prepare(self) -> None:
        """Open the page: the provider is asked in no transaction."""
        data = self.read_input(CheckoutInputSerializer)
        self.payment = _open(self.actor, self.get_object(), data)

    @extend_schema(parameters=[ORDER_TOKEN], request=CheckoutInputSerializer, responses=CheckoutSerializer)
    @action(detail=True, methods=["post"])
    def checkout(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Open a page to pay on, or find the one that is open; the goods are kept until it has closed.

        No card is ever sent to the shop: the shopper gives it to the payment provider, at `redirect_url`.
        """
        opened = {"payment": self.payment, "redirect_url": page_of(self.payment)}
        return self.answer(opened, serializer_class=CheckoutSerializer)


class PaymentViewSet(ShopViewSet):
    """Payments for orders that one may read."""

    queryset = Payment.objects.none()
    serializer_class = PaymentSerializer
    permission_classes = (IsAuthenticated,)
    idempotency_required = ("create",)
    prepared = ("create",)

    payment: Payment

    def get_queryset(self) -> QuerySet[Payment]:
        """What the caller may read."""
        return policies.payments_for(self.request.user).select_related("session")

    def prepare(self) -> None:
        """Open the page: the provider is asked in no transaction."""
        data = self.read_input(PaymentInputSerializer)
        order = selectors.get_order(self.request.user, str(data["order"]))
        if data["method"] != order.payment_method:
            raise InvalidError.at("/method", "The order was placed to be paid otherwise.", code="invalid_choice")
        self.payment = _open(self.request.user, order, data)

    @extend_schema(request=PaymentInputSerializer, responses={201: PaymentSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Begin to pay for an order; the same as its `checkout`."""
        return self.answer(self.payment, status=HTTPStatus.CREATED)

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One payment."""
        return self.answer(self.get_object())


class WebhookViewSet(ShopViewSet):
    """Where payment providers tell what happened."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    rate_limit = "webhooks"
    idempotency_exempt = True

    @extend_schema(request=None, parameters=[SIGNATURE], responses=ReceiptSerializer)
    @action(detail=False, methods=["post"], url_path="(?P<pk>[^/]+)", url_name="receive")
    def receive(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Take a signed event of a payment provider (`stripe`, `sandbox`): kept before it is answered.

        The body is the provider's, signed byte by byte. The same event again changes nothing.
        """
        webhooks.receive(gateway=self.kwargs["pk"], body=self._body(), signature=self._signature())
        return self.answer({"received": True}, serializer_class=ReceiptSerializer)

    def _body(self) -> bytes:
        """The bytes that were signed.

        Raises:
            TooLargeError: no event is as large.
        """
        most = settings.JSON_BODY_MAX_BYTES
        length = self.request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdecimal() or int(length) > most or len(self.request.body) > most:
            raise TooLargeError(f"An event holds at most {most} bytes.")
        body: bytes = self.request.body
        return body

    def _signature(self) -> str:
        return str(self.request.headers.get("Stripe-Signature", ""))


def _open(actor: Any, order: Order, data: dict[str, Any]) -> Payment:
    if not policies.can_pay(actor, order):
        raise ForbiddenError("Only the customer and staff may pay for it.")
    payment_id: UUID = checkout_sessions.open_page(order_id=order.pk, expected_total=data.get("expected_total")).pk
    return Payment.objects.select_related("session").get(pk=payment_id)
