"""Whether staff have approved all that needs it: asked in time for an answer, of the function that the triggers ask."""

from collections.abc import Sequence
from uuid import UUID

from django.db import connection

from orders.errors import ApprovalMissingError, QuoteNotAcceptedError
from orders.models import LineReview, Order, OrderLine

_UNAPPROVED = "SELECT orders_unapproved_lines(%s) AS line ORDER BY line"


def unapproved(order_id: UUID) -> list[int]:
    """The lines of an order that need approval and are not approved as they are now. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_UNAPPROVED, [order_id])
        return [line for (line,) in cursor.fetchall()]


def require(order: Order) -> None:
    """That nothing of the order waits for staff.

    Raises:
        ApprovalMissingError: something does.
    """
    if lines := unapproved(order.pk):
        raise ApprovalMissingError(
            "Something in this order needs approval and has none, or was changed since.", extra={"lines": lines}
        )


def require_accepted(order: Order) -> None:
    """That nothing of the order waits for staff, nor the shopper's yes to what staff asked more for.

    Raises:
        ApprovalMissingError, QuoteNotAcceptedError: something does.
    """
    require(order)
    if order.awaits_acceptance:
        raise QuoteNotAcceptedError(
            f"The total is now {order.total} {order.currency}; the customer has not accepted that yet.",
            extra={"total": str(order.total)},
        )


def open_for(lines: Sequence[OrderLine]) -> None:
    """Have those of the lines looked at that need it and are not yet; one query, none if there are none."""
    special = [line for line in lines if needs_approval(line)]
    if special:
        LineReview.objects.bulk_create((LineReview(line=line) for line in special), ignore_conflicts=True)


def needs_approval(line: OrderLine) -> bool:
    """Whether something was answered about the line that staff look at."""
    return any(thing.get("needs_approval") for thing in line.customizations)
