"""Products over HTTP."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from catalog import caching, policies
from catalog.api.filters import ProductFilter
from catalog.api.serializers.facets import ProductFacetsSerializer
from catalog.api.serializers.products import (
    ProductCreateSerializer,
    ProductInputSerializer,
    ProductSerializer,
    StaffProductSerializer,
)
from catalog.api.viewsets.browsing import BrowsingViewSet
from catalog.api.viewsets.things import complete_things
from catalog.models import Product
from catalog.selectors.facets import PRODUCT_FACETS
from catalog.selectors.products import list_products, seen_by
from catalog.selectors.taxonomy import get_category, in_category
from catalog.services import products
from catalog.services.materials import Share
from fantasize.core.api.conditional import require_version
from fantasize.core.api.permissions import AllowAny, policy

# Prices and stock change under the shopper's eyes: a browser asks again after a minute, mostly for a 304.
STOCK_MAX_AGE = 60
# What a product is that is replaced without a word about these.
UNSAID: dict[str, Any] = {
    "description": "",
    "category": None,
    "brand": None,
    "materials": [],
    "tags": [],
    "is_active": True,
}


class ProductViewSet(BrowsingViewSet):
    """What the shop sells: open to read, staff write."""

    queryset = Product.objects.none()
    serializer_class = StaffProductSerializer
    filterset_class = ProductFilter
    facets = PRODUCT_FACETS
    facets_serializer_class = ProductFacetsSerializer
    lookup_fields = ("pk", "slug")
    query_parameters = {"category": ("page", "page_size", *ProductFilter.base_filters)}
    rate_limit = "catalogue"
    public_max_age = STOCK_MAX_AGE
    cache_policy = caching.PRODUCTS
    etag_covers_data = True
    if_match = {"update": False, "partial_update": False, "destroy": False}
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
        return self._here(seen_by(found, actor.pk if actor.is_authenticated else None))

    def rows(self) -> QuerySet[Product]:
        """The same, and nothing beside the rows themselves."""
        return self._here(
            Product.objects.all() if policies.can_change_products(self.request.user) else Product.objects.active()
        )

    def get_serializer_class(self) -> type[ProductSerializer]:
        """How the caller sees products; the document says it all."""
        is_staff = getattr(self, "swagger_fake_view", False) or policies.can_change_products(self.request.user)
        return StaffProductSerializer if is_staff else ProductSerializer

    def complete(self, rows: Sequence[Any]) -> None:
        """Their labels and media, and their prices at this moment."""
        complete_things(rows)

    @extend_schema(
        operation_id="products_category_list",
        parameters=[OpenApiParameter("id", OpenApiTypes.STR, OpenApiParameter.PATH, description="Id or slug.")],
        responses=StaffProductSerializer(many=True),
    )
    @action(detail=False, url_path="category/(?P<pk>[^/]+)", filterset_class=ProductFilter)
    def category(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The products in a category and below it; the same filters, orders and facets as for all."""
        return self.list(request, *args, **kwargs)

    @extend_schema(request=ProductCreateSerializer, responses={201: StaffProductSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Make a product with its opening stock."""
        data = _with_shares(self.read_input(ProductCreateSerializer))
        stock = data.pop("stock")
        product = products.create_product(new=products.NewProduct(**data), on_hand=stock, actor=self.request.actor)
        return self.answer(product, status=HTTPStatus.CREATED)

    @extend_schema(request=ProductInputSerializer)
    def update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Replace a product; what is not said is as in a new one, but its sku, slug, weight and tax class stay."""
        return self._change(partial=False)

    @extend_schema(request=ProductInputSerializer(partial=True))
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change some of a product; ``materials`` and ``tags`` replace all of them."""
        return self._change(partial=True)

    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Take a product out of the shop.

        What was ever in stock, reviewed or part of a package is hidden: orders keep their name and price, and staff
        still see it. What never was is deleted, with its media.
        """
        product = self.get_object()
        products.remove_product(product=product, expected_version=require_version(self.request, product))
        return Response(status=HTTPStatus.NO_CONTENT)

    def _here(self, rows: QuerySet[Product]) -> QuerySet[Product]:
        """Those in the category that the path names, if it names one.

        Raises:
            NotFoundError: there is no such category, or it is hidden.
        """
        if self.action != "category":
            return rows
        is_staff = policies.can_change_products(self.request.user)
        return in_category(rows, get_category(self.kwargs["pk"], including_hidden=is_staff).slug)

    def _change(self, *, partial: bool) -> Response:
        product = self.get_object()
        version = require_version(self.request, product)
        said = _with_shares(self.read_input(ProductInputSerializer, partial=partial))
        changes = said if partial else {**UNSAID, **said}
        return self.answer(products.update_product(product=product, changes=changes, expected_version=version))


def _with_shares(data: dict[str, Any]) -> dict[str, Any]:
    """The validated input, its materials as the service takes them."""
    return data | {"materials": [Share(**share) for share in data["materials"]]} if "materials" in data else data
