"""An order's papers, to print."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import reverse

from fantasize.core.api.files import lock_down
from fantasize.core.errors import NotFoundError
from orders import policies, selectors
from orders.enums import DocumentKind
from orders.models import Order
from orders.services import documents

_ICONS = {
    DocumentKind.INVOICE: "receipt_long",
    DocumentKind.PACKING_SLIP: "package_2",
    DocumentKind.GIFT_CARD: "featured_seasonal_and_gifts",
}


@dataclass(frozen=True, slots=True)
class Paper:
    """A document that can be printed."""

    kind: DocumentKind
    icon: str
    link: str


def papers_of(order: Order) -> Sequence[Paper]:
    """Those that the order has."""
    kinds = documents.kinds_of(order)
    links = {kind: reverse("admin:orders_order_document", args=[order.pk, kind.value]) for kind in kinds}
    return [Paper(kind, _ICONS[kind], link) for kind, link in links.items()]


def document_view(request: HttpRequest, order_id: UUID, kind: str) -> HttpResponse:
    """The document, as a PDF.

    Raises:
        PermissionDenied: this person sees no orders.
        Http404: there is no such order or document.
    """
    if request.method not in {"GET", "HEAD"}:
        return HttpResponseNotAllowed(["GET", "HEAD"])
    if not policies.can_see_all(request.user):
        raise PermissionDenied
    if kind not in DocumentKind.values:
        raise Http404
    wanted = DocumentKind(kind)
    try:
        order = selectors.get_order(request.user, str(order_id))
        content = documents.make(order, wanted)
    except NotFoundError:
        raise Http404 from None
    response = HttpResponse(content, content_type="application/pdf")
    return lock_down(response, name=documents.name_of(order, wanted), is_inline=True)
