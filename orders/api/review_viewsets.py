"""Special requests: what staff decide, and what the customer agrees to."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from fantasize.core.api.conditional import require_version
from fantasize.core.errors import ForbiddenError
from orders import policies
from orders.api.access import ORDER_TOKEN, OrderAccess
from orders.api.review_serializers import AcceptInputSerializer, DecisionInputSerializer
from orders.api.serializers import OrderSerializer
from orders.enums import Decision, Role
from orders.services import reviews


class ReviewMixin(OrderAccess):
    """Orders with lines that staff look at before they are made."""

    @extend_schema(request=DecisionInputSerializer, responses=OrderSerializer)
    @action(detail=True, methods=["post"])
    def review(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Approve a line, ask its customer for a change, or reject it and with it the order. By staff.

        With the last approval the order goes on. An `extra_charge` waits for the customer's `accept-quote`.
        """
        order = self.get_object()
        if policies.role_of(request.user, order) is not Role.STAFF:
            raise ForbiddenError("Only staff decide about special requests.")
        data = self.read_input(DecisionInputSerializer)
        version = require_version(request, order, is_required=True)
        line, decision = data.pop("line"), Decision(data.pop("decision"))
        verdict = reviews.Verdict(decision, **data)
        reviews.decide(
            order_id=order.pk, line_id=line, verdict=verdict, actor=self.request.actor, expected_version=version
        )
        return self.answer(self.get_object())

    @extend_schema(parameters=[ORDER_TOKEN], request=AcceptInputSerializer, responses=OrderSerializer)
    @action(detail=True, methods=["post"], url_path="accept-quote", url_name="accept-quote")
    def accept_quote(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Agree to what staff ask more for; then it can be paid."""
        order = self.get_object()
        if policies.role_of(self.actor, order) is not Role.OWNER:
            raise ForbiddenError("Only the customer agrees to a price.")
        data = self.read_input(AcceptInputSerializer)
        actor = str(self.actor.actor)
        reviews.accept_quote(order_id=order.pk, expected_total=data["expected_total"], actor=actor)
        return self.answer(self.get_object())
