"""Documents of orders, as PDF: packing slip, gift card and invoice, each from what the order keeps."""

from collections.abc import Sequence

from fantasize.core.errors import NotFoundError
from orders.enums import DocumentKind
from orders.models import Order
from orders.services.documents import facts


def kinds_of(order: Order) -> Sequence[DocumentKind]:
    """The documents that there are: only gifts have a card."""
    return [kind for kind in DocumentKind if kind is not DocumentKind.GIFT_CARD or order.is_gift]


def make(order: Order, kind: DocumentKind) -> bytes:
    """A document of an order that was read with its lines; takes a moment, so not within a transaction.

    Raises:
        NotFoundError: the order has none of this kind.
    """
    if kind not in kinds_of(order):
        raise NotFoundError("This order is no gift: there is no card.")
    from orders.services.documents import pages  # noqa: PLC0415 - a big library, which few calls need

    if kind is DocumentKind.INVOICE:
        return pages.invoice(facts.invoice_of(order))
    if kind is DocumentKind.GIFT_CARD:
        return pages.card(facts.card_of(order))
    return pages.slip(facts.slip_of(order))


def is_paid(order: Order) -> bool:
    """Whether money came in for it."""
    return order.payments.captured().exists()


def name_of(order: Order, kind: DocumentKind) -> str:
    """The file's name."""
    return f"{kind.value}-{order.number}.pdf"
