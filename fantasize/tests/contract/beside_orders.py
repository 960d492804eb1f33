"""What there is beside the orders of the small shop."""

from datetime import timedelta
from uuid import UUID, uuid4

from catalog.models import Product
from fantasize.core import clock
from orders.models import DraftOrder, Order, OrderLink
from orders.tests.factories import ADDRESS


def make_drafts(rows: int, product: Product) -> UUID:
    """As many orders that staff prepare, for guests."""
    lines = [{"product": product.pk, "quantity": 1, "answers": {}, "parts": {}} for _ in range(rows)]
    body = {"lines": lines, "payment_method": "cash_on_delivery", "shipping_address": ADDRESS, "email": "a@example.com"}
    facts = {"email": "a@example.com", "body": body, "total": 0, "currency": "USD", "created_by": "system"}
    return DraftOrder.objects.bulk_create(DraftOrder(**facts) for _ in range(rows))[0].pk


def keep_links(order: Order, rows: int) -> None:
    """Links to the order; the first has the order's own id, so that one key names both in a path."""
    end = clock.now() + timedelta(days=1)
    for pk in [order.pk, *(uuid4() for _ in range(1, rows))]:
        OrderLink.objects.create(pk=pk, order=order, scope="recipient", token_sha256=str(pk), expires_at=end)
