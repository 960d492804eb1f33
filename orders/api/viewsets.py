"""The orders' endpoints."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from fantasize.core.api.conditional import require_version
from fantasize.core.api.files import PNGRenderer, private_file
from fantasize.core.api.permissions import policy
from fantasize.core.api.viewsets import ReadOnlyShopViewSet
from fantasize.core.errors import ForbiddenError
from orders import policies, selectors
from orders.api.access import ORDER_TOKEN, TOKEN_PARAMETER, OrderAccess
from orders.api.document_viewsets import DocumentMixin
from orders.api.edit_viewsets import DRY_RUN, EDITS, EditMixin
from orders.api.filters import OrderFilter
from orders.api.link_viewsets import LINK_ACTIONS, LINK_PARAMETERS, LinkMixin
from orders.api.payment_viewsets import CheckoutMixin
from orders.api.placing_viewsets import PlacingMixin
from orders.api.refund_viewsets import RefundMixin
from orders.api.reorder_serializers import ReorderSerializer
from orders.api.review_viewsets import ReviewMixin
from orders.api.serializers import (
    CancelInputSerializer,
    OrderSerializer,
    StatusInputSerializer,
)
from orders.api.track_viewsets import TrackMixin
from orders.enums import OrderStatus, Role
from orders.models import Order
from orders.services import reorders, transitions


@extend_schema_view(retrieve=extend_schema(parameters=[ORDER_TOKEN]))
class OrderViewSet(
    DocumentMixin,
    EditMixin,
    RefundMixin,
    LinkMixin,
    ReviewMixin,
    TrackMixin,
    PlacingMixin,
    CheckoutMixin,
    ReadOnlyShopViewSet,
):
    """Orders: one's own, or everybody's for staff, and the one that somebody has a link to."""

    queryset = Order.objects.none()
    serializer_class = OrderSerializer
    filterset_class = OrderFilter
    action_permissions = {"create": (policy(policies.can_order),)}
    token_actions = (
        "retrieve",
        "destroy",
        "cancel",
        "checkout",
        "track",
        "accept_quote",
        "invoice",
        *LINK_ACTIONS,
        *EDITS,
    )
    token_in_query = ("track",)
    action_rate_limits = {"create": "orders"}
    idempotency_required = ("create", "checkout", "refund")
    if_match = {
        "status": False,
        "cancel": False,
        "destroy": False,
        "refund": True,
        "retry_refund": True,
        "take_back": True,
        "review": True,
    } | dict.fromkeys(EDITS, False)
    query_parameters = {"track": ("after", TOKEN_PARAMETER), **LINK_PARAMETERS, **dict.fromkeys(EDITS, (DRY_RUN,))}
    prepared = ("create", "checkout", *EDITS)
    prepared_if_needed = ("create",)

    def get_queryset(self) -> QuerySet[Order]:
        """What the caller may read, newest first."""
        return policies.for_actor(self.actor).with_lines().order_by("-placed_at", "-number")

    def get_object(self) -> Order:
        """The order that the path names by id or number."""
        return selectors.get_order(self.actor, self.kwargs[self.lookup_field])

    def complete(self, rows: Sequence[Any]) -> None:
        """With the others of the groups that orders are of: one query, if any is of one."""
        selectors.attach_siblings([row for row in rows if isinstance(row, Order)])

    @extend_schema(parameters=[ORDER_TOKEN], responses={200: OrderSerializer})
    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Cancel an order; it is kept, and its stock goes back."""
        return self._move(OrderStatus.CANCELLED)

    @extend_schema(parameters=[ORDER_TOKEN], request=CancelInputSerializer, responses=OrderSerializer)
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

    @extend_schema(responses=ReorderSerializer)
    @action(detail=True, methods=["get"])
    def reorder(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What of an order can be ordered again now, and what has changed since it was placed."""
        return self.answer(reorders.check(self.get_object()), serializer_class=ReorderSerializer)

    def _move(self, target: OrderStatus, *, order: Order | None = None, **details: Any) -> Response:
        order = order or self.get_object()
        role = policies.role_of(self.actor, order)
        if role is None:
            raise ForbiddenError
        version = require_version(self.request, order, is_required=role is Role.STAFF)
        move = transitions.Move(target=target, actor=str(self.actor.actor), role=role, **details)
        transitions.move_order(order_id=order.pk, move=move, expected_version=version)
        return self.answer(self.get_object())


class ProofViewSet(OrderAccess):
    """Print files of what was ordered, for whoever may read an order that shows them."""

    token_actions = ("retrieve",)

    def get_renderers(self) -> list[BaseRenderer]:
        """The proof itself to whoever asks for it."""
        return [PNGRenderer()] if self.action == "retrieve" else super().get_renderers()

    @extend_schema(parameters=[ORDER_TOKEN], responses=OpenApiTypes.BINARY)
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """A print file as it was sold, whole or in ranges; nobody else keeps it."""
        proof = selectors.get_proof(self.actor, self.kwargs[self.lookup_field])
        return private_file(request, str(proof.file), content_type=PNGRenderer.media_type)
