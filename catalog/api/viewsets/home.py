"""The front page over HTTP."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from catalog import caching
from catalog.api.serializers.home import HomeSerializer
from catalog.api.viewsets.search import MAX_AGE
from catalog.api.viewsets.things import complete_things
from catalog.models import Product
from catalog.selectors.home import get_home
from fantasize.core.api.permissions import AllowAny
from fantasize.core.api.viewsets import ShopViewSet


class HomeViewSet(ShopViewSet):
    """What the shop shows whoever comes in."""

    queryset = Product.objects.none()
    serializer_class = HomeSerializer
    rate_limit = "catalogue"
    public_max_age = MAX_AGE
    cache_policy = caching.HOME
    query_parameters = {"home": ()}
    permission_classes = (AllowAny,)

    @extend_schema(responses=HomeSerializer)
    @action(detail=False)
    def home(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """New things, offers, the best rated, and what one might like; what cannot be had now is left out."""
        home = get_home(request.user.pk if request.user.is_authenticated else None)
        complete_things(list({id(thing): thing for thing in home.things()}.values()))
        return Response(self.get_serializer(home).data)
