"""Price breaks over HTTP, for staff; shoppers see them with the products and packages."""

from http import HTTPStatus
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.discount_filters import PriceBreakFilter
from catalog.api.serializers.price_breaks import (
    NewPriceBreakSerializer,
    PriceBreakInputSerializer,
    PriceBreakSerializer,
)
from catalog.models import Package, PriceBreak, Product
from catalog.policies import may
from catalog.pricing import BreakTerms
from catalog.services import price_breaks
from catalog.services.price_breaks import Target
from fantasize.core.api.conditional import require_version
from fantasize.core.api.permissions import policy
from fantasize.core.api.viewsets import ReadOnlyShopViewSet
from fantasize.core.errors import FieldError, InvalidError


class PriceBreakViewSet(ReadOnlyShopViewSet):
    """What makes a piece cheaper for whoever takes more of them."""

    queryset = PriceBreak.objects.none()
    serializer_class = PriceBreakSerializer
    filterset_class = PriceBreakFilter
    if_match = {"partial_update": False, "destroy": False}
    permission_classes = (policy(may("view", "pricebreak")),)
    action_permissions = {
        "create": (policy(may("add", "pricebreak")),),
        "partial_update": (policy(may("change", "pricebreak")),),
        "destroy": (policy(may("delete", "pricebreak")),),
    }

    def get_queryset(self) -> QuerySet[PriceBreak]:
        """All there are, those of one thing together, smallest quantity first."""
        found = PriceBreak.objects.select_related("product", "package")
        return found.order_by("product_id", "package_id", "min_quantity")

    @extend_schema(request=NewPriceBreakSerializer, responses={201: PriceBreakSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Add a price break to a product or a package."""
        data = self.read_input(NewPriceBreakSerializer)
        target = _find_target(data)
        terms = BreakTerms(data["min_quantity"], data.get("percent"), data.get("unit_price"))
        return self.answer(price_breaks.add_break(target=target, terms=terms), status=HTTPStatus.CREATED)

    @extend_schema(request=PriceBreakInputSerializer(partial=True))
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change a price break's terms."""
        price_break = self.get_object()
        version = require_version(self.request, price_break)
        changes = self.read_input(PriceBreakInputSerializer, partial=True)
        return self.answer(
            price_breaks.update_break(price_break=price_break, changes=changes, expected_version=version)
        )

    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Delete a price break."""
        price_break = self.get_object()
        version = require_version(self.request, price_break)
        price_breaks.remove_break(price_break=price_break, expected_version=version)
        return Response(status=HTTPStatus.NO_CONTENT)


def _find_target(data: dict[str, Any]) -> Target:
    """The product or package that the input names.

    Raises:
        InvalidError: it names neither, or both, or something that is not there.
    """
    named = [name for name in ("product", "package") if name in data]
    if len(named) != 1:
        code, detail = ("only_one", "Only one of") if named else ("required", "One of")
        errors = [FieldError(f"/{name}", code, f"{detail} product and package.") for name in ("product", "package")]
        raise InvalidError("What is it for?", errors=errors)
    model: type[Target] = Product if named == ["product"] else Package
    target = model._default_manager.filter(pk=data[named[0]]).first()  # noqa: SLF001 - Django's documented interface
    if target is None:
        raise InvalidError.at(f"/{named[0]}", "There is no such thing.", code="does_not_exist")
    return target
