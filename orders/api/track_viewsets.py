"""Where an order is, for whoever may follow it: its owner, staff, and who has a link to it."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from fantasize.core import guests
from fantasize.core.errors import FieldError, InvalidError
from orders import selectors
from orders.api.access import ORDER_TOKEN, TOKEN_PARAMETER, OrderAccess
from orders.api.serializers import TrackSerializer

MAX_SEQ = 2**31 - 1
AFTER = OpenApiParameter(
    "after",
    {"type": "integer", "minimum": 0, "maximum": MAX_SEQ},
    description="Only events with a higher number.",
)
TOKEN = OpenApiParameter(
    TOKEN_PARAMETER,
    {"type": "string", "pattern": guests.TOKEN_PATTERN},
    description="The token of a link to the order, in place of credentials.",
)


class TrackMixin(OrderAccess):
    """Orders whose way can be followed."""

    @extend_schema(parameters=[AFTER, TOKEN, ORDER_TOKEN], responses=TrackSerializer)
    @action(detail=True, methods=["get"])
    def track(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Where an order is, and its events after number `after`.

        Who gets the order as a gift is told of every event, and of no price, no payment and no purchaser: what is about
        those is an `order.updated` without details.
        """
        order = selectors.get_trackable(self.actor, self.kwargs[self.lookup_field])
        after = self._after()
        events = selectors.told_to(self.actor, order.pk, after=after)
        # Never beyond what is told here: what happens in this moment is told next time.
        last = events[-1].seq if events else min(after, selectors.last_seq(order.pk))
        # Not the order's own, which was read before its events.
        status = events[-1].data["status"] if events else order.status
        tracked = {"id": order.pk, "number": order.number, "status": status, "seq": last, "events": events}
        return self.answer(tracked, serializer_class=TrackSerializer)

    def _after(self) -> int:
        text = self.request.query_params.get("after", "0")
        if not (text.isascii() and text.isdecimal() and len(text) <= len(str(MAX_SEQ)) and int(text) <= MAX_SEQ):
            error = FieldError("after", "out_of_range", f"A whole number from 0 to {MAX_SEQ}.", "parameter")
            raise InvalidError("The query is not valid.", errors=[error])
        return int(text)
