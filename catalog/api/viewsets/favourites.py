"""One's favourite products and packages."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, ClassVar, cast
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from catalog import policies
from catalog.api.serializers.kinds import THING, THINGS, ThingSerializer
from catalog.api.viewsets.things import complete_things
from catalog.models import Favourite, Package, Product
from catalog.selectors.favourites import favourites_of, things_of
from catalog.selectors.packages import list_packages
from catalog.selectors.products import list_products
from catalog.services import favourites
from fantasize.core.api import fields
from fantasize.core.api.permissions import policy
from fantasize.core.api.serializers import StrictSerializer
from fantasize.core.api.viewsets import ShopViewSet
from fantasize.core.errors import InvalidError, NotFoundError

_KINDS = ("product", "package")


class FavouriteInput(StrictSerializer):
    """The product or the package to mark."""

    product = fields.IntegerField(min_value=1, max_value=fields.MAX_BIG_INTEGER, required=False)
    package = fields.IntegerField(min_value=1, max_value=fields.MAX_BIG_INTEGER, required=False)
    schema_rules: ClassVar = {"oneOf": [{"required": [kind]} for kind in _KINDS]}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """What to mark.

        Raises:
            ValidationError: neither or both are there.
        """
        if len(attrs) != 1:
            code = "exclusive" if attrs else "required"
            raise serializers.ValidationError(dict.fromkeys(_KINDS, "Name either a product or a package."), code=code)
        return attrs


class _OwnViewSet(ShopViewSet):
    """For people, about what is theirs."""

    permission_classes = (policy(policies.can_have_favourites),)

    @property
    def _owner(self) -> UUID:
        """The caller, where the policy has made sure that it is a person."""
        return cast("UUID", self.request.user.pk)


class FavouriteViewSet(mixins.ListModelMixin, _OwnViewSet):
    """The products and packages that one has marked, the last one first; those that are not sold any more stay away."""

    queryset = Favourite.objects.none()
    serializer_class = ThingSerializer

    def get_queryset(self) -> QuerySet[Favourite]:
        """The caller's."""
        return favourites_of(self._owner)

    def paginate_queryset(self, queryset: Any) -> list[Any] | None:
        """What the marks of the page are on."""
        marks: Any = self.paginator.paginate_queryset(queryset, self.request, view=self)  # type: ignore[union-attr] # it has one
        things = things_of(marks)
        self.complete(things)
        return list(things)

    def complete(self, rows: Sequence[Product | Package]) -> None:
        """Their prices at this moment."""
        complete_things(rows)

    @extend_schema(responses={200: THINGS})
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What one has marked; each says by its ``type`` what it is."""
        return super().list(request, *args, **kwargs)

    @extend_schema(request=FavouriteInput, responses={201: THING})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Mark a product or a package; once more changes nothing."""
        [(kind, pk)] = self.read_input(FavouriteInput).items()
        thing = _find(kind, pk)
        favourites.add(user_id=self._owner, **{kind: thing})
        thing.is_favorite = True
        return self.answer(thing, status=HTTPStatus.CREATED)

    @extend_schema(
        parameters=[OpenApiParameter("id", OpenApiTypes.INT64, OpenApiParameter.PATH, description="Of the product.")],
        responses={204: None},
    )
    def destroy(self, request: Request, pk: str) -> Response:
        """Take the mark off a product, if there is one."""
        favourites.remove(user_id=self._owner, product_id=_id_in(pk))
        return Response(status=HTTPStatus.NO_CONTENT)


class FavouritePackageViewSet(_OwnViewSet):
    """The packages among one's favourites."""

    queryset = Favourite.objects.none()

    @extend_schema(
        parameters=[OpenApiParameter("id", OpenApiTypes.INT64, OpenApiParameter.PATH, description="Of the package.")],
        responses={204: None},
    )
    def destroy(self, request: Request, pk: str) -> Response:
        """Take the mark off a package, if there is one."""
        favourites.remove(user_id=self._owner, package_id=_id_in(pk))
        return Response(status=HTTPStatus.NO_CONTENT)


def _find(kind: str, pk: int) -> Any:
    rows: QuerySet[Any] = list_products() if kind == "product" else list_packages()
    thing = rows.filter(pk=pk).first()
    if thing is None:
        raise InvalidError.at(f"/{kind}", f"There is no such {kind}.", code="does_not_exist")
    return thing


def _id_in(text: str) -> int:
    is_id = text.isascii() and text.isdecimal() and len(text) <= len(str(fields.MAX_BIG_INTEGER))
    if not is_id or int(text) > fields.MAX_BIG_INTEGER:
        raise NotFoundError
    return int(text)
