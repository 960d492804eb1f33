"""Links to an order, for people without an account: made, listed and taken back."""

from http import HTTPStatus
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from fantasize.core.api.lookups import get_row
from fantasize.core.api.serializers import StrictSerializer
from fantasize.core.errors import ForbiddenError
from orders import policies
from orders.api.access import ORDER_TOKEN, OrderAccess
from orders.enums import LinkScope
from orders.models import Order, OrderLink
from orders.services import links

LINK_PARAMETERS = {"links": ("page", "page_size"), "create_link": (), "revoke_link": ()}
LINK_ACTIONS = tuple(LINK_PARAMETERS)


class OrderLinkInputSerializer(StrictSerializer):
    """What a new link is for."""

    scope = serializers.ChoiceField(
        choices=LinkScope.choices,
        help_text="`recipient`: to see where a gift is, without prices and purchaser. `owner` (by staff): everything.",
    )


class LinkSerializer(serializers.Serializer[OrderLink]):
    """A link, without what opens it."""

    id = serializers.UUIDField()
    scope = serializers.CharField()
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    revoked_at = serializers.DateTimeField(allow_null=True)


class NewLinkSerializer(LinkSerializer):
    """A link that was just made."""

    token = serializers.CharField(help_text="For `X-Order-Token`. It is told this once.")
    url = serializers.URLField(help_text="The page that shows where the order is.")

    def to_representation(self, new: links.NewLink) -> dict[str, Any]:  # type: ignore[override] # what a service answers
        """With its token."""
        told = LinkSerializer(new.link).data
        return {**told, "token": new.token, "url": links.address_of(new.token)}


class LinkMixin(OrderAccess):
    """Orders that can be shown to somebody without an account."""

    @extend_schema(parameters=[ORDER_TOKEN], responses=LinkSerializer(many=True))
    @action(detail=True, methods=["get"], filterset_class=None)
    def links(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The links to an order, newest first; also those that have ended."""
        page: Any = self.paginate_queryset(self._shareable_order().links.order_by("-created_at", "pk"))
        return self.get_paginated_response(LinkSerializer(page, many=True).data)

    @extend_schema(parameters=[ORDER_TOKEN], request=OrderLinkInputSerializer, responses={201: NewLinkSerializer})
    @links.mapping.post
    def create_link(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Make a link to an order. Its owner makes them for who gets it; staff, for its owner too."""
        order, scope = self._shareable_order(), LinkScope(self.read_input(OrderLinkInputSerializer)["scope"])
        if not policies.can_share(self.actor, order, scope):
            raise ForbiddenError("Only staff make links for the order's owner.")
        new = links.create(order, scope=scope, actor=str(self.actor.actor))
        return self.answer(new, serializer_class=NewLinkSerializer, status=HTTPStatus.CREATED)

    @extend_schema(parameters=[ORDER_TOKEN, OpenApiParameter("link", str, "path")], responses={204: None})
    @action(detail=True, methods=["delete"], url_path="links/(?P<link>[^/]+)", url_name="link")
    def revoke_link(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Take a link back: from now on it opens nothing."""
        link = get_row(self._shareable_order().links.all(), self.kwargs["link"])
        links.revoke(link_id=link.pk, actor=str(self.actor.actor))
        return Response(status=HTTPStatus.NO_CONTENT)

    def _shareable_order(self) -> Order:
        order: Order = self.get_object()
        if not policies.can_share(self.actor, order, LinkScope.RECIPIENT):
            raise ForbiddenError("Only the customer and staff say who sees it.")
        return order
