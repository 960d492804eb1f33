"""The orders' endpoints."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.db.models import QuerySet
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.selectors import find_default_shipping_address
from customizations.services.snapshots import Drawings
from fantasize.core.api.client_address import site_of
from fantasize.core.api.conditional import require_version
from fantasize.core.api.files import PNGRenderer, private_file
from fantasize.core.api.permissions import IsAuthenticated
from fantasize.core.api.viewsets import ReadOnlyShopViewSet, ShopViewSet
from fantasize.core.errors import FieldError, ForbiddenError, InvalidError
from orders import policies, selectors
from orders.api.filters import OrderFilter
from orders.api.payment_viewsets import CheckoutMixin
from orders.api.serializers import (
    CancelInputSerializer,
    OrderInputSerializer,
    OrderSerializer,
    ReorderSerializer,
    StatusInputSerializer,
    TrackSerializer,
    requested_lines,
)
from orders.enums import OrderStatus, PaymentMethod, Role
from orders.models import Order
from orders.services import checkout, reorders, transitions
from orders.services.quoting import Wishes

ADDRESS_FIELDS = ("full_name", "line1", "line2", "city", "region", "postal_code", "country", "phone")
MAX_SEQ = 2**31 - 1
AFTER = OpenApiParameter(
    "after",
    {"type": "integer", "minimum": 0, "maximum": MAX_SEQ},
    description="Only events with a higher number.",
)


class OrderViewSet(CheckoutMixin, ReadOnlyShopViewSet):
    """Orders: one's own, or everybody's for staff."""

    queryset = Order.objects.none()
    serializer_class = OrderSerializer
    filterset_class = OrderFilter
    permission_classes = (IsAuthenticated,)
    action_rate_limits = {"create": "orders"}
    idempotency_required = ("create", "checkout")
    if_match = {"status": False, "cancel": False, "destroy": False}
    query_parameters = {"track": ("after",)}
    prepared = ("create", "checkout")

    drawings: Drawings

    def get_queryset(self) -> QuerySet[Order]:
        """What the caller may read, newest first."""
        return policies.for_actor(self.request.user).with_lines().order_by("-placed_at", "-number")

    def get_object(self) -> Order:
        """The order that the path names by id or number."""
        return selectors.get_order(self.request.user, self.kwargs[self.lookup_field])

    def prepare(self) -> None:
        """Draw what is to be ordered, or open the page to pay on: before the transaction."""
        if self.action != "create":
            super().prepare()
            return
        lines = requested_lines(self.read_input(OrderInputSerializer))
        self.drawings = checkout.draw_proofs(user=policies.shopper(self.request.user), lines=lines)

    @extend_schema(request=OrderInputSerializer, responses={201: OrderSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Place an order and reserve its stock.

        Answers to options are judged like a preview's. What an option, a choice or a picture looks like is drawn for
        good; an order that staff look at first begins `under_review`.
        """
        data = self.read_input(OrderInputSerializer)
        order = checkout.place_order(
            user=policies.shopper(request.user),
            lines=requested_lines(data),
            payment_method=PaymentMethod(data["payment_method"]),
            shipping_address=self._shipping_address(data.get("shipping_address")),
            expected_total=data.get("expected_total"),
            drawings=self.drawings,
            wishes=Wishes(data.get("coupon", ""), data.get("shipping_method"), site_of(self.request.client_address)),
        )
        return self.answer(order, status=HTTPStatus.CREATED)

    @extend_schema(responses={200: OrderSerializer})
    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Cancel an order; it is kept, and its stock goes back."""
        return self._move(OrderStatus.CANCELLED)

    @extend_schema(request=CancelInputSerializer, responses=OrderSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Cancel an order; its stock goes back."""
        data = self.read_input(CancelInputSerializer)
        return self._move(OrderStatus.CANCELLED, note=data["reason"])

    @extend_schema(request=StatusInputSerializer, responses=OrderSerializer)
    @action(detail=True, methods=["put"])
    def status(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Move an order along its state table, through every legal step in between."""
        order = self.get_object()
        if not policies.can_move(request.user):
            raise ForbiddenError("Only staff and the factory move orders.")
        data = self.read_input(StatusInputSerializer)
        return self._move(data.pop("status"), order=order, **data)

    @extend_schema(parameters=[AFTER], responses=TrackSerializer)
    @action(detail=True, methods=["get"])
    def track(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Where an order is, and its events after number `after`."""
        order = self.get_object()
        events = list(selectors.events_of(order.pk, after=self._after()))
        last = events[-1].seq if events else selectors.last_seq(order.pk)
        tracked = {"id": order.pk, "number": order.number, "status": order.status, "seq": last, "events": events}
        return self.answer(tracked, serializer_class=TrackSerializer)

    @extend_schema(responses=ReorderSerializer)
    @action(detail=True, methods=["get"])
    def reorder(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What of an order can be ordered again now, and what has changed since it was placed."""
        return self.answer(reorders.check(self.get_object()), serializer_class=ReorderSerializer)

    def _move(self, target: OrderStatus, *, order: Order | None = None, **details: Any) -> Response:
        order = order or self.get_object()
        actor = self.request.user
        role = policies.role_of(actor, order)
        if role is None:
            raise ForbiddenError
        version = require_version(self.request, order, is_required=role is Role.STAFF)
        move = transitions.Move(target=target, actor=self.request.actor, role=role, **details)
        transitions.move_order(order_id=order.pk, move=move, expected_version=version)
        return self.answer(self.get_object())

    def _shipping_address(self, given: Mapping[str, str] | None) -> dict[str, str]:
        """The address given, else the account's, as the order keeps it."""
        user = policies.shopper(self.request.user)
        if given is not None:
            return {"full_name": user.get_full_name(), **given}
        address = find_default_shipping_address(user)
        if address is None:
            error = FieldError("/shipping_address", "required", "The account has no address.")
            raise InvalidError("Where should it go?", errors=[error])
        return {name: getattr(address, name) for name in ADDRESS_FIELDS}

    def _after(self) -> int:
        text = self.request.query_params.get("after", "0")
        if not (text.isascii() and text.isdecimal() and len(text) <= len(str(MAX_SEQ)) and int(text) <= MAX_SEQ):
            error = FieldError("after", "out_of_range", f"A whole number from 0 to {MAX_SEQ}.", "parameter")
            raise InvalidError("The query is not valid.", errors=[error])
        return int(text)


class ProofViewSet(ShopViewSet):
    """Print files of what was ordered, for whoever may read an order that shows them."""

    permission_classes = (IsAuthenticated,)

    def get_renderers(self) -> list[BaseRenderer]:
        """The proof itself to whoever asks for it."""
        return [PNGRenderer()] if self.action == "retrieve" else super().get_renderers()

    @extend_schema(responses=OpenApiTypes.BINARY)
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """A print file as it was sold, whole or in ranges; nobody else keeps it."""
        proof = selectors.get_proof(request.user, self.kwargs[self.lookup_field])
        return private_file(request, str(proof.file), content_type=PNGRenderer.media_type)
