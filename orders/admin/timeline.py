"""An order's history as staff read it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from fantasize.core.admin.actors import names_of
from fantasize.core.models import DomainEvent
from orders.events import AGGREGATE, STAFF_AGGREGATE
from orders.models import Order

_TITLES = {
    "order.placed": ("Order placed", "shopping_bag"),
    "order.approved": ("Special request approved", "check_circle"),
    "order.pending": ("Waiting for payment", "hourglass_top"),
    "order.processing": ("Processing started", "play_circle"),
    "order.processed": ("Ready to ship", "task_alt"),
    "order.edited": ("Changed", "edit"),
    "order.shipped": ("Shipped", "local_shipping"),
    "order.delivered": ("Delivered", "home_pin"),
    "order.cancelled": ("Cancelled", "cancel"),
    "order.rejected": ("Rejected", "block"),
    "order.returned": ("Taken back", "undo"),
    "order.refunded": ("Money given back", "currency_exchange"),
    "order.change_requested": ("Change asked for", "edit_note"),
    "order.resubmitted": ("Changed by the customer", "restart_alt"),
    "order.quote_accepted": ("New total accepted", "handshake"),
    "order_staff.line_reviewed": ("Special request decided", "rate_review"),
    "order_staff.note_added": ("Note", "sticky_note_2"),
}
_LABELS = {
    "reason": "Reason",
    "to_accept": "To be accepted",
    "decision": "Decision",
    "extra_charge": "Extra charge",
    "name": "Item",
    "carrier": "Carrier",
    "tracking_number": "Tracking number",
    "refunded": "Given back",
    "old_total": "Total before",
    "total": "Total",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One event, newest first on the page.

    Attributes:
        name: the event's name.
        title, icon: what happened.
        actor: who did it, by name.
        at: when.
        note: a word among staff; the customer never sees it.
        facts: label and value of everything else it says.
    """

    name: str
    title: str
    icon: str
    actor: str
    at: datetime
    note: str
    facts: tuple[tuple[str, str], ...]

    @property
    def is_private(self) -> bool:
        """Whether only staff see it."""
        return self.name.startswith(f"{STAFF_AGGREGATE}.")


def timeline_of(order: Order) -> list[Entry]:
    """Everything that happened to the order, newest first. Two queries."""
    events = list(_events_of(order))
    names = names_of(event.actor for event in events)
    return [_entry(event, names[event.actor]) for event in events]


def _events_of(order: Order) -> QuerySet[DomainEvent]:
    mine = DomainEvent.objects.filter(aggregate__in=[AGGREGATE, STAFF_AGGREGATE], aggregate_id=str(order.pk))
    return mine.order_by("-occurred_at", "-pk")


def _entry(event: DomainEvent, actor: str) -> Entry:
    title, icon = _TITLES.get(event.name) or (event.name.rpartition(".")[2].replace("_", " ").capitalize(), "circle")
    details: Mapping[str, Any] = event.data.get("details") or {}
    facts = tuple((_LABELS.get(key, key), str(value)) for key, value in details.items() if value)
    return Entry(event.name, title, icon, actor, event.occurred_at, str(event.data.get("note", "")), facts)
