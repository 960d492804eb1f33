"""Lists that shoppers browse: filters, orders and, when asked for, facets."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from catalog.api.filters import SellableFilter
from catalog.selectors.facets import Facet, Narrow
from fantasize.core.api.filters import QueryFilterBackend
from fantasize.core.api.viewsets import ReadOnlyShopViewSet


class BrowsingViewSet(ReadOnlyShopViewSet):
    """Lists and shows things with a price; ``facets=1`` counts what a list can be narrowed by.

    Attributes:
        facets: what can be counted, by name.
        facets_serializer_class: how the counts are shown.
    """

    filterset_class: ClassVar[type[SellableFilter]]
    facets: ClassVar[Mapping[str, Callable[[Narrow], Facet]]]
    facets_serializer_class: ClassVar[type[BaseSerializer[Any]]]

    def rows(self) -> QuerySet[Any]:
        """What the caller may see, and nothing beside the rows themselves."""
        raise NotImplementedError

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """A page of what was asked for."""
        response = super().list(request, *args, **kwargs)
        if request.query_params.get("facets") == "1":
            response.facets = self.facets_serializer_class(self._count()).data  # type: ignore[attr-defined] # the renderer's
        return response

    def _count(self) -> dict[str, Facet]:
        """All facets of the list; as many queries however many rows there are."""
        rows = self.rows()
        filterset: SellableFilter = QueryFilterBackend().get_filterset(self.request, rows, self)
        filterset.is_valid()
        return {name: count(partial(filterset.narrowed, rows)) for name, count in self.facets.items()}
