"""Who hears of events. Apps register in ``AppConfig.ready()``; nobody below knows them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fantasize.core.models import DomainEvent

EventHandler = Callable[["DomainEvent"], None]

_durable: dict[str, list[EventHandler]] = {}
_live: dict[str, list[EventHandler]] = {}


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, as a service says it.

    Attributes:
        aggregate: kind of thing (``order``, ``stock_item``); its row is locked by whoever publishes.
        aggregate_id: which one, as text.
        name: past tense, dotted (``order.shipped``).
        data: facts, JSON only. Events of aggregate ``order`` hold only what the customer may see.
        actor: who did it, as text (``user:<id>``, ``key:<name>``, ``system``).
        occurred_at: when; None means now.
    """

    aggregate: str
    aggregate_id: str
    name: str
    data: dict[str, Any] = field(default_factory=dict)
    actor: str = "system"
    occurred_at: datetime | None = None


def subscribe(aggregate: str, handler: EventHandler) -> None:
    """Have the worker call ``handler`` for every event of ``aggregate``: in order, at least once, so idempotently."""
    _durable.setdefault(aggregate, []).append(handler)


def listen_live(aggregate: str, listener: EventHandler) -> None:
    """Call ``listener`` right after the commit; best effort: it may be lost, and its failure is only logged."""
    _live.setdefault(aggregate, []).append(listener)


def handlers_for(aggregate: str) -> Iterator[EventHandler]:
    """The durable handlers of an aggregate's events."""
    yield from _durable.get(aggregate, ())


def live_listeners_for(aggregate: str) -> Iterator[EventHandler]:
    """The best-effort listeners of an aggregate's events."""
    yield from _live.get(aggregate, ())
