"""Categories and brands over HTTP."""

from django.conf import settings

from catalog.api.serializers.taxonomy import BrandSerializer, CategorySerializer
from catalog.models import Brand, Category
from fantasize.core.api.permissions import AllowAny
from fantasize.core.api.viewsets import ReadOnlyShopViewSet


class CategoryViewSet(ReadOnlyShopViewSet):
    """The places in the shop's tree."""

    queryset = Category.objects.filter(is_active=True).order_by("position", "name")
    serializer_class = CategorySerializer
    lookup_fields = ("pk", "slug")
    rate_limit = "catalogue"
    public_max_age = settings.CACHE_TTL_CATEGORIES
    permission_classes = (AllowAny,)


class BrandViewSet(ReadOnlyShopViewSet):
    """Who makes the products."""

    queryset = Brand.objects.order_by("name")
    serializer_class = BrandSerializer
    lookup_fields = ("pk", "slug")
    rate_limit = "catalogue"
    public_max_age = settings.CACHE_TTL_CATEGORIES
    permission_classes = (AllowAny,)
