"""Search over HTTP: products and packages together."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from catalog import caching
from catalog.api.filters import SearchFilter
from catalog.api.serializers.kinds import THINGS, ThingSerializer
from catalog.api.serializers.search import SuggestionsSerializer
from catalog.api.viewsets.things import complete_things
from catalog.models import Product
from catalog.search.port import Filters, Hit
from catalog.selectors import search
from catalog.selectors.taxonomy import category_ids_below
from fantasize.core.api.filters import QueryFilterBackend
from fantasize.core.api.permissions import AllowAny
from fantasize.core.api.viewsets import ShopViewSet

MAX_AGE = 60
_MAX_LENGTH = 200


class SearchViewSet(ShopViewSet):
    """Everything that the shop sells, by words."""

    queryset = Product.objects.none()
    serializer_class = ThingSerializer
    filterset_class = SearchFilter
    rate_limit = "catalogue"
    public_max_age = MAX_AGE
    cache_policy = caching.SEARCH
    corrects_spelling = True
    query_parameters = {"suggestions": ("q",)}
    permission_classes = (AllowAny,)

    @extend_schema(responses={200: THINGS})
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Products and packages that match, best first; at most a thousand.

        ``corrected`` (in ``meta``; beside ``results`` in v1) says what was looked for in place of misspelt words.
        """
        hits = search.find(*self._asked_for())
        page: list[Hit] = self.paginate_queryset(hits.hits) or []
        things = search.load(page, request.user.pk if request.user.is_authenticated else None)
        complete_things(things)
        response = self.get_paginated_response(self.get_serializer(things, many=True).data)
        response.corrected = hits.corrected  # type: ignore[attr-defined] # the renderer's
        return response

    @extend_schema(
        parameters=[OpenApiParameter("q", str, description="What somebody has typed so far.")],
        responses=SuggestionsSerializer,
    )
    @action(detail=False)
    def suggestions(self, request: Request) -> Response:
        """Ways to finish the last word."""
        typed = request.query_params.get("q", "")[:_MAX_LENGTH]
        return Response(SuggestionsSerializer({"suggestions": search.suggest(typed)}).data)

    def _asked_for(self) -> tuple[str, Filters]:
        asked = QueryFilterBackend().valid_filterset(self.request, Product.objects.none(), self).asked_for
        category = asked.get("category")
        filters = Filters(
            category_ids=None if category is None else category_ids_below(category),
            min_price=asked.get("min_price"),
            max_price=asked.get("max_price"),
            in_stock=asked.get("in_stock"),
        )
        return asked.get("q", ""), filters
