"""The orders' events, as they are written to the log."""

from datetime import datetime
from typing import Any
from uuid import UUID

from fantasize.core.events import Event

AGGREGATE = "order"
STAFF_AGGREGATE = "order_staff"
# What staff should look at, by payment; and messages of providers that fit nothing, by message.
PAYMENT_AGGREGATE = "payment"
WEBHOOK_AGGREGATE = "webhook_event"


def status_changed(
    order_id: UUID,
    *,
    name: str,
    status: str,
    previous: str | None,
    actor: str,
    details: dict[str, Any] | None = None,
    occurred_at: datetime | None = None,
) -> Event:
    """``order.<name>``: the order went from ``previous`` to ``status``. Holds only what the customer may see."""
    data = {"status": str(status), "previous": previous and str(previous), "details": details or {}}
    return Event(AGGREGATE, str(order_id), f"order.{name}", data, actor, occurred_at)


def note_added(order_id: UUID, *, note: str, actor: str) -> Event:
    """``order_staff.note_added``: a word among staff."""
    return Event(STAFF_AGGREGATE, str(order_id), "order_staff.note_added", {"note": note}, actor)
