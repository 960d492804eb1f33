"""What an order would cost."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from accounts.selectors import find_default_shipping_address
from fantasize.core import guests
from fantasize.core.api.client_address import site_of
from fantasize.core.api.permissions import AllowAny
from fantasize.core.api.requests import CART_TOKEN_HEADER
from fantasize.core.api.viewsets import ShopViewSet
from fantasize.core.errors import ForbiddenError
from orders import policies
from orders.api.cart_viewsets import owner_of_cart
from orders.api.line_serializers import requested_lines
from orders.api.quote_serializers import EstimateSerializer, QuoteInputSerializer
from orders.services import checkout, quote_documents, quoting
from orders.services.baskets import LineRequest
from orders.services.quoting import Wishes

_GUEST = OpenApiParameter(
    CART_TOKEN_HEADER,
    {"type": "string", "pattern": guests.TOKEN_PATTERN},
    OpenApiParameter.HEADER,
    description="Who a guest is: whose cart it is, and whose pictures may be among the answers.",
)


class QuoteViewSet(ShopViewSet):
    """Prices orders before they are placed. Changes nothing, so that there is nothing to repeat safely."""

    permission_classes = (AllowAny,)
    serializer_class = EstimateSerializer
    idempotency_exempt = True

    @extend_schema(parameters=[_GUEST], request=QuoteInputSerializer, responses={200: EstimateSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What an order would cost now, step by step, with all ways to send it. Nothing is held.

        What there is too little of is said in the lines' `notices`; everything else that keeps it from being ordered
        is refused as it would be then. What would be sent in parts is told as a whole, so that `total` is what
        `expected_total` would be, and order by order in `quotes`.
        """
        data = self.read_input(QuoteInputSerializer)
        place = site_of(self.request.client_address)
        owner = owner_of_cart(self.request)
        found = quoting.estimate(
            requested_lines(data) if "lines" in data else self._lines_in_cart(owner),
            principal=owner,
            customer=owner or f"address:{place}",
            address=data.get("shipping_address") or self._default_address(),
            wishes=Wishes(data.get("coupon", ""), data.get("shipping_method"), place, data["ship_in_parts"]),
        )
        return self.answer(quote_documents.describe_estimate(found))

    def _lines_in_cart(self, owner: str | None) -> list[LineRequest]:
        if not policies.can_fill_cart(self.request.user):
            raise ForbiddenError("A program has no cart.")
        return checkout.lines_in_cart(owner or "")

    def _default_address(self) -> dict[str, str]:
        """As much of the account's address as prices go by."""
        user: Any = self.request.user
        address = find_default_shipping_address(user) if isinstance(user, User) else None
        return {"country": address.country, "region": address.region} if address else {}
