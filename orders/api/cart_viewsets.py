"""Carts over HTTP: of who has signed in, and of guests by their token."""

from functools import cached_property
from http import HTTPStatus
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from fantasize.core import guests
from fantasize.core.api.conditional import require_version
from fantasize.core.api.permissions import policy
from fantasize.core.api.requests import CART_TOKEN_HEADER, ShopRequest
from fantasize.core.api.viewsets import ShopViewSet
from orders import policies
from orders.api.cart_serializers import CartSerializer, LineChangesSerializer, NewCartSerializer
from orders.api.line_serializers import OrderLineInputSerializer
from orders.models import Cart, CartLine
from orders.services import cart_merging, carts
from orders.services.baskets import LineRequest
from orders.services.carts import LineChanges

_GUEST = OpenApiParameter(
    CART_TOKEN_HEADER,
    {"type": "string", "pattern": guests.TOKEN_PATTERN},
    OpenApiParameter.HEADER,
    description=(
        "Who a guest is; the first thing that they put into a cart, or upload, brings it. "
        "Beside credentials: what the guest has in their cart is the account's from now on."
    ),
)


def owner_of_cart(request: ShopRequest) -> str | None:
    """Who calls, whose cart has what they put there as a guest by now; None for a guest without a token.

    A program that tells whose cart it is about is nobody to give that to.
    """
    owner, token, user = request.owner, request.headers.get(CART_TOKEN_HEADER), request.user
    if isinstance(user, User) and token is not None:
        cart_merging.merge(token_principal=guests.principal_of(token), user=user)
    return owner


class _CartViewSet(ShopViewSet):
    """For people and guests, about what is theirs."""

    serializer_class = CartSerializer
    permission_classes = (policy(policies.can_fill_cart),)
    etag_covers_data = True

    @cached_property
    def owner(self) -> str | None:
        """Who calls, whose cart has what they put there as a guest by now; None for a guest without a token."""
        return owner_of_cart(self.request)

    def find_version(self) -> int | None:
        """The version that the caller acts on, if they say."""
        if "If-Match" not in self.request.headers:
            return None
        return require_version(self.request, carts.find(self.owner) or Cart())


@extend_schema(parameters=[_GUEST])
class CartViewSet(_CartViewSet):
    """What somebody means to order. Nothing is reserved by it, and prices are those of the moment."""

    if_match = {"empty": False}

    @extend_schema(responses=CartSerializer)
    @action(detail=False)
    def cart(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The cart, priced anew; each line says what has changed, and what keeps it from being ordered."""
        return self.answer(carts.read(self.owner))

    @extend_schema(responses={204: None})
    @cart.mapping.delete
    def empty(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Take everything out."""
        version = self.find_version()
        if self.owner is not None:
            carts.empty(owner=self.owner, expected_version=version)
        return Response(status=HTTPStatus.NO_CONTENT)


@extend_schema(parameters=[_GUEST])
class CartItemViewSet(_CartViewSet):
    """The lines of one's cart. To whom one is none of theirs, there is none."""

    queryset = CartLine.objects.none()
    if_match = {"create": False, "partial_update": False, "destroy": False}

    def get_queryset(self) -> QuerySet[CartLine]:
        """Those of the caller's cart."""
        return CartLine.objects.filter(cart__in=Cart.objects.open().of(self.owner)) if self.owner else self.queryset

    @extend_schema(request=OrderLineInputSerializer, responses={201: NewCartSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Put a product or a package into the cart; the same with equal answers adds up.

        Answers are judged like an order's. There may be fewer of it than are put there: the line says so. A guest
        without a token gets one.
        """
        data = self.read_input(OrderLineInputSerializer)
        token = None if self.owner else guests.new_token()
        owner = self.owner or guests.principal_of(str(token))
        wish = LineRequest(data.get("product"), data["quantity"], data.get("package"), data["answers"], data["parts"])
        reading = carts.put(owner=owner, wish=wish, expected_version=self.find_version())
        response = self.answer(reading, status=HTTPStatus.CREATED)
        if token:
            response.data["token"] = token
        return response

    @extend_schema(request=LineChangesSerializer, responses=CartSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change how many there are, what was answered, or agree to a new price."""
        line, data = self.get_object(), self.read_input(LineChangesSerializer)
        changes = LineChanges(
            data.get("quantity"), data.get("answers"), data.get("parts"), data.get("acknowledge_price", False)
        )
        reading = carts.change(
            owner=str(self.owner), line_id=line.pk, changes=changes, expected_version=self.find_version()
        )
        return self.answer(reading)

    def destroy(self, request: Request, pk: str) -> Response:
        """Take a line out."""
        line = self.get_object()
        carts.remove(owner=str(self.owner), line_id=line.pk, expected_version=self.find_version())
        return Response(status=HTTPStatus.NO_CONTENT)
