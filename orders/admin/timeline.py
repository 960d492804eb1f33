"""An order's history as staff read it."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import QuerySet

from fantasize.core.admin.actors import names_of
from fantasize.core.admin.display import amount
from fantasize.core.models import DomainEvent
from orders.enums import Decision
from orders.events import AGGREGATE, STAFF_AGGREGATE
from orders.models import Order, OrderLine

_TITLES = {
    "order.placed": ("Order placed", "shopping_bag"),
    "order.approved": ("Special request approved", "check_circle"),
    "order.pending": ("Waiting for payment", "hourglass_top"),
    "order.paid": ("Paid", "payments"),
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
    "line": "Item",
    "name": "Item",
    "lines": "Items",
    "reason": "Reason",
    "to_accept": "To be accepted",
    "decision": "Decision",
    "extra_charge": "Extra charge",
    "carrier": "Carrier",
    "tracking_number": "Tracking number",
    "refunded": "Given back",
    "old_total": "Total before",
    "total": "Total",
}


_AMOUNTS = frozenset({"to_accept", "extra_charge", "refunded", "old_total", "total"})
_GONE = "something that was taken out"


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


def timeline_of(order: Order, lines: Iterable[OrderLine]) -> list[Entry]:
    """Everything that happened to the order, newest first; ``lines`` are its own. Two queries."""
    events = list(_events_of(order))
    names, items = names_of(event.actor for event in events), {line.pk: line.name for line in lines}
    return [_entry(event, names[event.actor], order.currency, items) for event in events]


def _events_of(order: Order) -> QuerySet[DomainEvent]:
    mine = DomainEvent.objects.filter(aggregate__in=[AGGREGATE, STAFF_AGGREGATE], aggregate_id=str(order.pk))
    return mine.order_by("-occurred_at", "-pk")


def _entry(event: DomainEvent, actor: str, currency: str, items: Mapping[int, str]) -> Entry:
    title, icon = _TITLES.get(event.name) or (event.name.rpartition(".")[2].replace("_", " ").capitalize(), "circle")
    details: dict[str, Any] = dict(event.data.get("details") or {})
    if "line" in details:  # by its name, of then if it is not there any more
        details["line"] = items.get(details["line"]) or details.pop("name", _GONE)
        details.pop("name", None)
    if isinstance(details.get("lines"), list):
        details["lines"] = ", ".join(items.get(line, _GONE) for line in details["lines"])
    said = ((key, _words(key, value, currency)) for key, value in details.items())
    facts = tuple((_LABELS.get(key, key), text) for key, text in said if text)
    return Entry(event.name, title, icon, actor, event.occurred_at, str(event.data.get("note", "")), facts)


def _words(key: str, value: Any, currency: str) -> str:
    """A detail of an event as staff read it; empty for what says nothing to them."""
    if key == "decision" and value in Decision.values:
        return str(Decision(value).label)
    if key in _AMOUNTS:
        with suppress(InvalidOperation):
            return amount(Decimal(str(value)), currency) if Decimal(str(value)) else ""
    return str(value) if value else ""
