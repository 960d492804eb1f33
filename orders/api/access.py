"""Who acts on an order over HTTP: whoever has signed in, or whoever has the token of a link to it."""

from collections.abc import Collection
from functools import cached_property
from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiParameter
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from fantasize.core import guests
from fantasize.core.api.requests import ORDER_TOKEN_HEADER
from fantasize.core.api.viewsets import ShopViewSet
from orders.policies import LinkHolder
from orders.services import links

# The one place where a token may stand in an address: browsers' event readers and plain links send no headers.
TOKEN_PARAMETER = "token"  # noqa: S105 - a parameter's name
ORDER_TOKEN = OpenApiParameter(
    ORDER_TOKEN_HEADER,
    {"type": "string", "pattern": guests.TOKEN_PATTERN},
    OpenApiParameter.HEADER,
    description="The token of a link to the order, in place of credentials.",
)


class MayActOnOrders(BasePermission):
    """Whoever has signed in, and for what links are good for also who has one."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Whether the caller is known, one way or the other."""
        return isinstance(view.actor, LinkHolder) or bool(request.user.is_authenticated)


class OrderAccess(ShopViewSet):
    """Endpoints for one order that the token of a link opens too.

    Attributes:
        token_actions: what a link is good for; everything else asks who has signed in.
        token_in_query: actions that take the token from the query as well.
    """

    permission_classes = (MayActOnOrders,)
    token_actions: ClassVar[Collection[str]] = ()
    token_in_query: ClassVar[Collection[str]] = ()

    @cached_property
    def actor(self) -> Any:
        """Who acts: the holder of the link, if the call has a link's token and the action takes one; else the caller.

        Raises:
            NotFoundError: the token is wrong or has run out, as if the order were absent.
            LinkRevokedError: the link was taken back.
        """
        token = self._find_token() if self.action in self.token_actions else None
        return self.request.user if token is None else links.get_holder(token)

    def _find_token(self) -> str | None:
        if self.action in self.token_in_query and TOKEN_PARAMETER in self.request.query_params:
            return self.request.query_params[TOKEN_PARAMETER]
        return self.request.headers.get(ORDER_TOKEN_HEADER)
