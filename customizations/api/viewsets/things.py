"""What shoppers are asked about a product or a package."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.models import Package, Product
from catalog.policies import can_change_packages, can_change_products
from customizations import caching
from customizations.api.serializers.templates import ThingTemplateSerializer
from customizations.api.viewsets.templates import MAX_AGE
from customizations.selectors.templates import templates_about
from fantasize.core.api.permissions import AllowAny
from fantasize.core.api.viewsets import ShopViewSet


class _AskingViewSet(ShopViewSet):
    """The templates of things of one kind."""

    serializer_class = ThingTemplateSerializer
    lookup_fields: ClassVar[Sequence[str]] = ("pk", "slug")
    rate_limit = "catalogue"
    public_max_age = MAX_AGE
    cache_policy = caching.TEMPLATES
    query_parameters: ClassVar[dict[str, Sequence[str]]] = {"customizations": ("page", "page_size")}
    permission_classes = (AllowAny,)

    @extend_schema(responses=ThingTemplateSerializer(many=True))
    @action(detail=True, methods=["get"])
    def customizations(self, request: Request, pk: str) -> Response:
        """The published templates: of the thing itself, and of the parts of a package; none if nothing is asked."""
        page = self.paginate_queryset(templates_about(self.get_object()))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)


class ProductCustomizationViewSet(_AskingViewSet):
    """What shoppers are asked about a product."""

    queryset = Product.objects.none()

    def get_queryset(self) -> QuerySet[Any]:
        """The products that the caller may see."""
        return Product.objects.all() if can_change_products(self.request.user) else Product.objects.active()


class PackageCustomizationViewSet(_AskingViewSet):
    """What shoppers are asked about a package and its parts."""

    queryset = Package.objects.none()

    def get_queryset(self) -> QuerySet[Any]:
        """The packages that the caller may see."""
        return Package.objects.all() if can_change_packages(self.request.user) else Package.objects.active()
