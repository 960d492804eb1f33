"""Giving money back, and taking goods back."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from fantasize.core.api.conditional import require_version
from fantasize.core.api.viewsets import ShopViewSet
from fantasize.core.errors import ForbiddenError
from orders import policies, selectors
from orders.api.refund_serializers import CreditNoteSerializer, RefundInputSerializer, requested_credit
from orders.enums import CreditNoteKind
from orders.models import Order
from orders.services import credit_notes, refunding


class RefundMixin(ShopViewSet):
    """Orders whose money can go back."""

    @extend_schema(request=RefundInputSerializer)
    @action(detail=True, methods=["post"])
    def refund(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Give back an amount, or what was paid for pieces; as often as money is left. By staff.

        Crediting all pieces, in whatever portions, comes to exactly what was paid for them.
        """
        return self._give(CreditNoteKind.REFUND)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"], url_path="refund/retry", url_name="refund-retry")
    def retry_refund(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Give again what the payment provider refused to give back: the same money, for the same pieces. By staff.

        What the provider has not answered is not asked for anew; that goes on by itself.
        """
        order, version = self._refundable()
        refunding.give_again(order_id=order.pk, actor=self.request.actor, expected_version=version)
        return self.answer(self.get_object())

    @extend_schema(request=RefundInputSerializer)
    @action(detail=True, methods=["post"], url_path="return", url_name="return")
    def take_back(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Give back what was paid for goods that came back; with the last of them the order is `returned`. By staff."""
        return self._give(CreditNoteKind.RETURN)

    @extend_schema(responses=CreditNoteSerializer(many=True))
    @action(detail=True, methods=["get"], url_path="credit-notes", filterset_class=None)
    def credit_notes(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What was given back of an order, oldest first."""
        page: Any = self.paginate_queryset(selectors.credit_notes_of(self.get_object()))
        return self.get_paginated_response(CreditNoteSerializer(page, many=True).data)

    def _give(self, kind: CreditNoteKind) -> Response:
        order, version = self._refundable()
        credit = requested_credit(self.read_input(RefundInputSerializer), kind=kind, actor=self.request.actor)
        credit_notes.give(order_id=order.pk, credit=credit, expected_version=version)
        return self.answer(self.get_object())

    def _refundable(self) -> tuple[Order, int | None]:
        """The order, whose money the caller may give back, and the version that they act on."""
        order = self.get_object()
        if not policies.can_refund(self.request.user, order):
            raise ForbiddenError("Only staff give money back.")
        return order, require_version(self.request, order, is_required=True)
