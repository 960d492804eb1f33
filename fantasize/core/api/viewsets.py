"""Base viewsets. An action parses, calls one service or selector, and answers; all else happens here."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, ClassVar

from rest_framework import mixins
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.viewsets import ViewSetMixin

from fantasize.core.api.conditional import etag_for
from fantasize.core.api.filters import QueryFilterBackend
from fantasize.core.api.lookups import get_row
from fantasize.core.api.serializers import StrictSerializer
from fantasize.core.api.versioning import call_of
from fantasize.core.api.views import ShopAPIView


class ShopViewSet(ViewSetMixin, ShopAPIView):
    """Base of viewsets whose behaviour is in services.

    Attributes:
        lookup_fields: by which fields a path may name a row, tried in order (``("pk", "slug")``).
        etag_covers_data: answers embed more than the row, so that their ETag is ``"<version>-<hash>"``.
    """

    lookup_fields: ClassVar[Sequence[str]] = ("pk",)
    lookup_value_regex = "[^/]+"
    etag_covers_data: ClassVar[bool] = False
    filter_backends = (QueryFilterBackend,)

    def complete(self, rows: Sequence[Any]) -> None:
        """Read what answers show of these rows beside the rows themselves, for all of them at once."""

    def paginate_queryset(self, queryset: Any) -> list[Any] | None:
        """The rows of the page that the call asks for, complete."""
        page: list[Any] | None = super().paginate_queryset(queryset)
        if page is not None:
            self.complete(page)
        return page

    def get_object(self) -> Any:
        """The row that the path names, out of those that the caller may read.

        Raises:
            NotFoundError: absent, not readable or malformed; the three look the same.
            ForbiddenError: readable, but not for this action.
        """
        row = get_row(self.get_queryset(), self.kwargs[self.lookup_url_kwarg or self.lookup_field], self.lookup_fields)
        self.check_object_permissions(self.request, row)
        return row

    def read_input(self, serializer_class: type[BaseSerializer[Any]], **options: Any) -> dict[str, Any]:
        """The validated body of the call (``partial=True`` for PATCH).

        Raises:
            ValidationError: with every fault at once.
        """
        if not options and issubclass(serializer_class, StrictSerializer):
            return serializer_class.read(self.request.data, self.get_serializer_context())
        serializer = serializer_class(data=self.request.data, context=self.get_serializer_context(), **options)
        serializer.is_valid(raise_exception=True)
        validated: dict[str, Any] = serializer.validated_data
        return validated

    def answer(
        self, thing: Any, *, serializer_class: type[BaseSerializer[Any]] | None = None, status: int = HTTPStatus.OK
    ) -> Response:
        """``thing`` as the caller sees it, with its ETag if it counts its changes."""
        self.complete([thing])
        serializer = (serializer_class or self.get_serializer_class())(thing, context=self.get_serializer_context())
        response = Response(serializer.data, status=status)
        version = getattr(thing, "version", None)
        if isinstance(version, int):
            # With the version of the API: at one address, a header alone chooses between its shapes.
            told = [call_of(self.request).version, serializer.data] if self.etag_covers_data else None
            response["ETag"] = etag_for(version, told)
        return response


class ReadOnlyShopViewSet(mixins.ListModelMixin, ShopViewSet):
    """Lists and shows rows of ``get_queryset()``; actions that write are added by the subclass."""

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One row."""
        return self.answer(self.get_object())


class ShopModelViewSet(mixins.CreateModelMixin, mixins.UpdateModelMixin, mixins.DestroyModelMixin, ReadOnlyShopViewSet):
    """Reference rows that nothing else hangs on: read and written as they are, without a service."""
