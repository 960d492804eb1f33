"""Who hears of events. Apps register in ``AppConfig.ready()``; nobody below knows them."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction

if TYPE_CHECKING:
    from fantasize.core.models import DomainEvent

EventHandler = Callable[["DomainEvent"], None]
NoticeListener = Callable[[Collection[int]], None]

_durable: dict[str, list[EventHandler]] = {}
_live: dict[str, list[EventHandler]] = {}
_notices: defaultdict[str, list[NoticeListener]] = defaultdict(list)


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
        is_first: nothing can have happened to it before, for it is new.
    """

    aggregate: str
    aggregate_id: str
    name: str
    data: dict[str, Any] = field(default_factory=dict)
    actor: str = "system"
    occurred_at: datetime | None = None
    is_first: bool = False


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


def listen_notices(topic: str, listener: NoticeListener) -> None:
    """Call ``listener`` with the ids of every notice about ``topic``, in the process that gave it."""
    _notices[topic].append(listener)


def give_notice(topic: str, ids: Collection[int]) -> None:
    """Say that these rows look different now, once the caller's transaction is committed.

    A notice is no event: it is not stored, may be lost, and holds no facts. Whoever hears it looks for themselves. A
    listener that fails is logged and holds nobody up.

    Args:
        topic: what kind of thing (``stock``: stock items).
        ids: which ones; all of them in one notice.
    """
    if ids:
        for listener in _notices[topic]:
            transaction.on_commit(_later(listener, ids), robust=True)


def _later(listener: NoticeListener, ids: Collection[int]) -> Callable[[], None]:
    # A partial has no name, and Django wants one to log its failure.
    def notify() -> None:
        listener(ids)

    return notify
