"""Categories, brands, materials and tags over HTTP: open to read, staff write."""

from http import HTTPStatus
from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from catalog import caching, policies
from catalog.api.serializers.taxonomy import (
    BrandSerializer,
    CategoryInputSerializer,
    CategorySerializer,
    MaterialSerializer,
    TagSerializer,
)
from catalog.models import Brand, Category, Material, Tag
from catalog.selectors.taxonomy import category_forest, get_category
from catalog.services import taxonomy
from fantasize.core.api.conditional import require_version
from fantasize.core.api.pagination import MAX_PAGE_SIZE, PageNumberPagination
from fantasize.core.api.permissions import AllowAny, policy
from fantasize.core.api.viewsets import ReadOnlyShopViewSet


def staff_write(model: str) -> dict[str, Any]:
    """Who may do what with rows of a model, beside reading them."""
    verbs = {"create": "add", "update": "change", "partial_update": "change", "destroy": "delete"}
    return {action: (policy(policies.may(verb, model)),) for action, verb in verbs.items()}


class TreePagination(PageNumberPagination):
    """As many at the top as a page can have: a menu wants them all."""

    page_size = MAX_PAGE_SIZE


class CategoryViewSet(ReadOnlyShopViewSet):
    """The shop's tree: the categories at the top, each with everything below it. Staff see hidden ones too."""

    queryset = Category.objects.none()
    serializer_class = CategorySerializer
    lookup_fields = ("pk", "slug")
    pagination_class = TreePagination
    rate_limit = "catalogue"
    public_max_age = settings.CACHE_TTL_CATEGORIES
    cache_policy = caching.CATEGORIES
    etag_covers_data = True
    if_match = {"update": False, "partial_update": False, "destroy": False}
    permission_classes = (AllowAny,)
    action_permissions = staff_write("category")

    def get_queryset(self) -> Any:
        """The tree that the caller may see."""
        return category_forest(including_hidden=self._sees_hidden)

    def get_object(self) -> Category:
        """The category that the path names, with everything below it."""
        return get_category(self.kwargs["pk"], including_hidden=self._sees_hidden)

    @extend_schema(request=CategoryInputSerializer, responses={201: CategorySerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Make a category."""
        category = taxonomy.create_category(values=self.read_input(CategoryInputSerializer))
        return self._answer_anew(category, HTTPStatus.CREATED)

    @extend_schema(request=CategoryInputSerializer)
    def update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Replace a category; what is not said is as in a new one, but its slug and position stay."""
        return self._change(partial=False)

    @extend_schema(request=CategoryInputSerializer(partial=True))
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change some of a category; with another ``parent`` it moves with everything below it."""
        return self._change(partial=True)

    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Delete a category that nothing is in; 409 ``in_use`` says what is."""
        category = self.get_object()
        taxonomy.remove_category(category=category, expected_version=require_version(self.request, category))
        return Response(status=HTTPStatus.NO_CONTENT)

    @property
    def _sees_hidden(self) -> bool:
        return policies.may("change", "category")(self.request.user)

    def _change(self, *, partial: bool) -> Response:
        category = self.get_object()
        version = require_version(self.request, category)
        changes = self.read_input(CategoryInputSerializer, instance=category, partial=partial)
        unsaid = {} if partial else {"parent": None, "is_active": True}
        return self._answer_anew(
            taxonomy.update_category(category=category, changes={**unsaid, **changes}, expected_version=version)
        )

    def _answer_anew(self, category: Category, status: int = HTTPStatus.OK) -> Response:
        return self.answer(get_category(str(category.pk), including_hidden=True), status=status)


class _LabelViewSet(ReadOnlyShopViewSet):
    """Rows that products are grouped by, in the order that staff have given them."""

    lookup_fields = ("pk", "slug")
    rate_limit = "catalogue"
    public_max_age = settings.CACHE_TTL_CATEGORIES
    cache_policy = caching.CATEGORIES
    if_match = {"update": False, "partial_update": False, "destroy": False}
    permission_classes = (AllowAny,)

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Make one; without a slug it gets one made from its name, without a position it comes last."""
        values = self.read_input(self.get_serializer_class())
        label = taxonomy.create_label(model=self.get_queryset().model, values=values)
        return self.answer(label, status=HTTPStatus.CREATED)

    def update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Replace one; what is not said of slug and position stays."""
        return self._change(partial=False)

    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change some of one; the search knows a new name at once."""
        return self._change(partial=True)

    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Delete one that no product has (a tag is taken off them); 409 ``in_use`` says how many have it."""
        label = self.get_object()
        taxonomy.remove_label(label=label, expected_version=require_version(self.request, label))
        return Response(status=HTTPStatus.NO_CONTENT)

    def _change(self, *, partial: bool) -> Response:
        label = self.get_object()
        version = require_version(self.request, label)
        changes = self.read_input(self.get_serializer_class(), instance=label, partial=partial)
        return self.answer(taxonomy.update_label(label=label, changes=changes, expected_version=version))


class BrandViewSet(_LabelViewSet):
    """Who makes the products."""

    queryset = Brand.objects.order_by("position", "name", "pk")
    serializer_class = BrandSerializer
    action_permissions = staff_write("brand")


class MaterialViewSet(_LabelViewSet):
    """What the products are made of."""

    queryset = Material.objects.order_by("position", "name", "pk")
    serializer_class = MaterialSerializer
    action_permissions = staff_write("material")


class TagViewSet(_LabelViewSet):
    """Themes that shoppers look for."""

    queryset = Tag.objects.order_by("position", "name", "pk")
    serializer_class = TagSerializer
    action_permissions = staff_write("tag")
