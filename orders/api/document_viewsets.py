"""Documents of orders, to print or to keep."""

from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from fantasize.core.api.files import PDFRenderer, lock_down
from fantasize.core.errors import ForbiddenError
from orders import policies
from orders.api.access import ORDER_TOKEN, OrderAccess
from orders.enums import DocumentKind
from orders.errors import NotPaidError
from orders.services import documents

DOCUMENT_ACTIONS = ("invoice", "packing_slip", "gift_card")


class DocumentMixin(OrderAccess):
    """Orders with papers. What a gift's recipient may see of them has no price, and no purchaser who is unnamed."""

    early_reads = ("invoice",)

    def get_renderers(self) -> list[BaseRenderer]:
        """The document itself to whoever asks for one."""
        return [PDFRenderer()] if self.action in DOCUMENT_ACTIONS else super().get_renderers()

    @extend_schema(parameters=[ORDER_TOKEN], responses=OpenApiTypes.BINARY)
    @action(detail=True, methods=["get"], url_path="documents/invoice")
    def invoice(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """What was sold for how much, and the money that came and went; for the customer once it is paid."""
        return self._document(DocumentKind.INVOICE)

    @extend_schema(responses=OpenApiTypes.BINARY)
    @action(detail=True, methods=["get"], url_path="documents/packing-slip")
    def packing_slip(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """What is in the parcel, without prices. For staff."""
        return self._document(DocumentKind.PACKING_SLIP)

    @extend_schema(responses=OpenApiTypes.BINARY)
    @action(detail=True, methods=["get"], url_path="documents/gift-card")
    def gift_card(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """A card with the gift message. For staff."""
        return self._document(DocumentKind.GIFT_CARD)

    def _document(self, kind: DocumentKind) -> HttpResponse:
        order = self.get_object()
        if not policies.can_print(self.actor, order, kind):
            raise ForbiddenError("Only staff print this.")
        if not (policies.can_see_all(self.actor) or documents.is_paid(order)):
            raise NotPaidError("There is an invoice once the order is paid.")
        response = HttpResponse(documents.make(order, kind), content_type=PDFRenderer.media_type)
        return lock_down(response, name=documents.name_of(order, kind))
