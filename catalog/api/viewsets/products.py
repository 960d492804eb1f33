"""Products over HTTP."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from catalog import policies
from catalog.api.filters import ProductFilter
from catalog.api.serializers.products import ProductCreateSerializer, ProductInputSerializer, ProductSerializer
from catalog.models import Product
from catalog.selectors import prices
from catalog.selectors.products import list_products, seen_by
from catalog.services import products
from fantasize.core import clock
from fantasize.core.api.conditional import require_version
from fantasize.core.api.permissions import AllowAny, policy
from fantasize.core.api.viewsets import ReadOnlyShopViewSet

# Prices and stock change under the shopper's eyes: a browser asks again after a minute, mostly for a 304.
STOCK_MAX_AGE = 60


class ProductViewSet(ReadOnlyShopViewSet):
    """What the shop sells: open to read, staff write."""

    queryset = Product.objects.none()
    serializer_class = ProductSerializer
    filterset_class = ProductFilter
    lookup_fields = ("pk", "slug")
    rate_limit = "catalogue"
    public_max_age = STOCK_MAX_AGE
    etag_covers_data = True
    if_match = {"update": False, "partial_update": False}
    permission_classes = (AllowAny,)
    action_permissions = {
        "create": (policy(policies.can_add_products),),
        "update": (policy(policies.can_change_products),),
        "partial_update": (policy(policies.can_change_products),),
        "destroy": (policy(policies.can_delete_products),),
    }

    def get_queryset(self) -> QuerySet[Product]:
        """What the caller may see: staff see hidden products too."""
        actor = self.request.user
        found = list_products(including_hidden=policies.can_change_products(actor))
        return seen_by(found, actor.pk if actor.is_authenticated else None)

    def complete(self, rows: Sequence[Any]) -> None:
        """Their prices at this moment."""
        prices.attach(rows, at=clock.now())

    @extend_schema(request=ProductCreateSerializer, responses={201: ProductSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Make a product with its opening stock."""
        data = self.read_input(ProductCreateSerializer)
        stock = data.pop("stock")
        product = products.create_product(new=products.NewProduct(**data), on_hand=stock, actor=self.request.actor)
        return self.answer(product, status=HTTPStatus.CREATED)

    @extend_schema(request=ProductInputSerializer)
    def update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Replace a product's own fields."""
        return self._change(partial=False)

    @extend_schema(request=ProductInputSerializer(partial=True))
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change some of a product's own fields."""
        return self._change(partial=True)

    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Take a product out of the shop; what was sold keeps its name and price."""
        products.remove_product(product=self.get_object())
        return Response(status=HTTPStatus.NO_CONTENT)

    def _change(self, *, partial: bool) -> Response:
        product = self.get_object()
        version = require_version(self.request, product)
        changes = self.read_input(ProductInputSerializer, partial=partial)
        return self.answer(products.update_product(product=product, changes=changes, expected_version=version))
