"""Offers over HTTP."""

from http import HTTPStatus
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from catalog import caching
from catalog.api.discount_filters import OfferFilter
from catalog.api.serializers.offers import OfferInputSerializer, OfferSerializer
from catalog.enums import DiscountState
from catalog.models import Offer
from catalog.policies import may
from catalog.selectors import prices
from catalog.selectors.offers import in_state, list_offers
from catalog.services import offers
from fantasize.core import clock
from fantasize.core.api.conditional import require_version
from fantasize.core.api.permissions import AllowAny, policy
from fantasize.core.api.viewsets import ReadOnlyShopViewSet
from fantasize.core.caching import is_keeping, keep_until

# An offer may begin or end at any moment: a browser asks again after a minute.
MAX_AGE = 60
# What an offer is that is replaced without a word about these.
_UNSAID: dict[str, Any] = {
    "percent": None,
    "amount": None,
    "ends_at": None,
    "is_active": True,
    "products": (),
    "packages": (),
    "categories": (),
}


class OfferViewSet(ReadOnlyShopViewSet):
    """What is cheaper for a while: everybody sees what runs now, staff see and write all."""

    queryset = Offer.objects.none()
    serializer_class = OfferSerializer
    filterset_class = OfferFilter
    rate_limit = "catalogue"
    public_max_age = MAX_AGE
    cache_policy = caching.OFFERS
    etag_covers_data = True
    if_match = {"update": False, "partial_update": False, "destroy": False}
    permission_classes = (AllowAny,)
    action_permissions = {
        "create": (policy(may("add", "offer")),),
        "update": (policy(may("change", "offer")),),
        "partial_update": (policy(may("change", "offer")),),
        "destroy": (policy(may("delete", "offer")),),
    }

    def get_queryset(self) -> QuerySet[Offer]:
        """What the caller may see, the last to begin first."""
        sees_all = may("view", "offer")(self.request.user)
        found = list_offers(including_hidden=sees_all).order_by("-starts_at", "-pk")
        if sees_all:
            return found
        moment = clock.now()
        keep_until(prices.next_border(moment) if is_keeping() else None)
        return in_state(found, DiscountState.RUNNING, at=moment)

    @extend_schema(request=OfferInputSerializer, responses={201: OfferSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Make an offer. Prices follow at once; those of very many things in a moment."""
        offer = offers.create_offer(new=offers.NewOffer(**self.read_input(OfferInputSerializer)))
        return self.answer(_with_targets(offer), status=HTTPStatus.CREATED)

    @extend_schema(request=OfferInputSerializer)
    def update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Replace an offer; without ``starts_at`` it keeps its beginning."""
        return self._change(partial=False)

    @extend_schema(request=OfferInputSerializer(partial=True))
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change some of an offer."""
        return self._change(partial=True)

    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Delete an offer; what was sold keeps its price."""
        offer = self.get_object()
        offers.remove_offer(offer=offer, expected_version=require_version(self.request, offer))
        return Response(status=HTTPStatus.NO_CONTENT)

    def _change(self, *, partial: bool) -> Response:
        offer = self.get_object()
        version = require_version(self.request, offer)
        changes = self.read_input(OfferInputSerializer, partial=partial)
        changed = offers.update_offer(
            offer=offer, changes=changes if partial else {**_UNSAID, **changes}, expected_version=version
        )
        return self.answer(_with_targets(changed))


def _with_targets(offer: Offer) -> Offer:
    return list_offers(including_hidden=True).get(pk=offer.pk)
