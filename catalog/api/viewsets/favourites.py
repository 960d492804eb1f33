"""One's favourite products."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, cast
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins
from rest_framework.request import Request
from rest_framework.response import Response

from catalog import policies
from catalog.api.serializers.products import ProductSerializer
from catalog.models import Product
from catalog.selectors import prices
from catalog.selectors.products import favourites_of, list_products, seen_by
from catalog.services import favourites
from fantasize.core import clock
from fantasize.core.api import fields
from fantasize.core.api.permissions import policy
from fantasize.core.api.serializers import StrictSerializer
from fantasize.core.api.viewsets import ShopViewSet
from fantasize.core.errors import InvalidError, NotFoundError


class FavouriteInput(StrictSerializer):
    """The product to mark."""

    product = fields.IntegerField(min_value=1, max_value=fields.MAX_BIG_INTEGER)


class FavouriteViewSet(mixins.ListModelMixin, ShopViewSet):
    """The products that one has marked, the last one first; those that are not sold any more stay away."""

    queryset = Product.objects.none()
    serializer_class = ProductSerializer
    permission_classes = (policy(policies.can_have_favourites),)

    @property
    def _owner(self) -> UUID:
        """The caller, where the policy has made sure that it is a person."""
        return cast("UUID", self.request.user.pk)

    def get_queryset(self) -> QuerySet[Product]:
        """The caller's."""
        return favourites_of(self._owner)

    def complete(self, rows: Sequence[Any]) -> None:
        """Their prices at this moment."""
        prices.attach(rows, at=clock.now())

    @extend_schema(request=FavouriteInput, responses={201: ProductSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Mark a product; once more changes nothing."""
        product_id = self.read_input(FavouriteInput)["product"]
        product = list_products().filter(pk=product_id).first()
        if product is None:
            raise InvalidError.at("/product", "There is no such product.", code="does_not_exist")
        favourites.add(user_id=self._owner, product=product)
        marked = seen_by(list_products(including_hidden=True), self._owner).get(pk=product_id)
        return self.answer(marked, status=HTTPStatus.CREATED)

    @extend_schema(
        parameters=[OpenApiParameter("id", OpenApiTypes.INT64, OpenApiParameter.PATH, description="Of the product.")],
        responses={204: None},
    )
    def destroy(self, request: Request, pk: str) -> Response:
        """Take a mark away, if there is one."""
        favourites.remove(user_id=self._owner, product_id=_product_id(pk))
        return Response(status=HTTPStatus.NO_CONTENT)


def _product_id(text: str) -> int:
    is_id = text.isascii() and text.isdecimal() and len(text) <= len(str(fields.MAX_BIG_INTEGER))
    if not is_id or int(text) > fields.MAX_BIG_INTEGER:
        raise NotFoundError
    return int(text)
