"""The orders' events, as they are written to the log."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from fantasize.core.events import Event

AGGREGATE = "order"
STAFF_AGGREGATE = "order_staff"
# What staff should look at, by payment; and messages of providers that fit nothing, by message.
PAYMENT_AGGREGATE = "payment"
WEBHOOK_AGGREGATE = "webhook_event"

# What who gets an order as a gift is told of, each with the details that go with it. The list is closed: an event that
# nobody has thought of here tells them that there is one, and nothing more.
_FOR_RECIPIENTS: Mapping[str, tuple[str, ...]] = {
    "order.placed": (),
    "order.approved": (),
    "order.processing": (),
    "order.processed": (),
    "order.shipped": ("carrier", "tracking_number"),
    "order.delivered": (),
    "order.cancelled": (),
    "order.rejected": (),
    "order.returned": (),
}
UPDATED = "order.updated"


def for_recipient(name: str, data: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The name and the data of an event as it is told to who gets the order: no price, no payment, no purchaser."""
    told, given = _FOR_RECIPIENTS.get(name), data.get("details") or {}
    details = {key: given[key] for key in told or () if key in given}
    steps = {key: data.get(key) for key in ("status", "previous")}
    return UPDATED if told is None else name, {**steps, "details": details}


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
    """``order.<name>``: the order went from ``previous`` to ``status``. Holds only what the customer may see.

    A new order comes from None: nothing has happened to it before.
    """
    data = {"status": str(status), "previous": previous and str(previous), "details": details or {}}
    return Event(AGGREGATE, str(order_id), f"order.{name}", data, actor, occurred_at, is_first=previous is None)


def note_added(order_id: UUID, *, note: str, actor: str) -> Event:
    """``order_staff.note_added``: a word among staff."""
    return Event(STAFF_AGGREGATE, str(order_id), "order_staff.note_added", {"note": note}, actor)


def line_reviewed(order_id: UUID, *, line: int, decision: str, note: str, extra_charge: str, actor: str) -> Event:
    """``order_staff.line_reviewed``: what somebody decided about a line that needs approval."""
    details = {"line": line, "decision": str(decision), "extra_charge": extra_charge}
    data = {"note": note, "details": details}
    return Event(STAFF_AGGREGATE, str(order_id), "order_staff.line_reviewed", data, actor)
