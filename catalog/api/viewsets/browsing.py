"""Lists that shoppers browse: filters, orders and, when asked for, facets."""

from collections.abc import Mapping
from functools import partial
from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from catalog.api.filters import SellableFilter
from catalog.selectors.facets import Counts, Facet
from fantasize.core.api.filters import QueryFilterBackend
from fantasize.core.api.viewsets import ReadOnlyShopViewSet
from fantasize.core.caching import CachePolicy


class BrowsingViewSet(ReadOnlyShopViewSet):
    """Lists and shows things with a price; ``facets=1`` counts what a list can be narrowed by.

    Attributes:
        facets: what can be counted, by name.
        facets_serializer_class: how the counts are shown.
    """

    filterset_class: ClassVar[type[SellableFilter]]
    cache_policy: ClassVar[CachePolicy]
    facets: ClassVar[Mapping[str, Facet]]
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

    def _count(self) -> dict[str, Counts]:
        """All facets of the list; as many queries however many rows there are.

        Each is kept for itself: it differs neither by page nor by order, nor by the filters that are its own.
        """
        rows = self.rows()
        filterset: SellableFilter = QueryFilterBackend().valid_filterset(self.request, rows, self)
        everything, asked = rows.query.sql_with_params(), filterset.asked_for
        counts = {}
        for name, facet in self.facets.items():
            others = {filter_name: value for filter_name, value in asked.items() if filter_name not in facet.own}
            count = partial(self._count_one, facet, filterset, rows)
            counts[name] = self.cache_policy.get_or_compute((name, everything, others), count)
        return counts

    @staticmethod
    def _count_one(facet: Facet, filterset: SellableFilter, rows: QuerySet[Any]) -> Counts:
        return facet.count(filterset.narrowed(rows, but=facet.own))
