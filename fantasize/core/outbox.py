"""The event log: written in the caller's transaction, dispatched by the worker, never lost and never early."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

import structlog
from django.db import connection, transaction
from django.db.models import Max
from procrastinate.contrib.django import app as queue

from fantasize.core import clock
from fantasize.core.events import Event, handlers_for, live_listeners_for
from fantasize.core.models import DomainEvent

log = structlog.get_logger(__name__)

DISPATCH_TASK = "fantasize.core.tasks.dispatch_event"

_FORGET_WORDS = """
    UPDATE core_domainevent SET data = core_without_words(data)
     WHERE aggregate = %s AND aggregate_id = ANY (%s) AND data <> core_without_words(data)
"""


def publish(event: Event) -> DomainEvent:
    """Write one event and enqueue its dispatch, both in the caller's transaction.

    The caller holds the lock on the aggregate's row: that is what makes ``seq`` gapless.
    """
    return publish_all([event])[0]


def publish_all(events: Sequence[Event]) -> list[DomainEvent]:
    """Write events in the order given; as many queries for a thousand as for one.

    Raises:
        TransactionManagementError: outside a transaction, where an event could outlive what it tells of.
    """
    _require_transaction()
    rows = DomainEvent.objects.bulk_create(_numbered(events))
    _enqueue(rows)
    transaction.on_commit(lambda: _tell_listeners(rows))
    return rows


def record_silently(events: Sequence[Event]) -> list[DomainEvent]:
    """Write history that nobody is to be told of (imports): stored as dispatched already."""
    _require_transaction()
    rows = list(_numbered(events))
    for row in rows:
        row.dispatched_at = row.occurred_at
    return DomainEvent.objects.bulk_create(rows, batch_size=5000)


def forget_words(aggregate: str, aggregate_ids: Sequence[str]) -> None:
    """Blank what people wrote into these events (``note``, ``reason``, ``tracking_number``); the facts stay.

    The one change that the log allows: its trigger compares the row with what the same function makes of it.
    """
    with connection.cursor() as cursor:
        cursor.execute(_FORGET_WORDS, [aggregate, list(aggregate_ids)])


def dispatch(event_id: int) -> None:
    """Hand one event to every handler, then mark it dispatched. Repeating it is harmless: handlers are idempotent."""
    event = DomainEvent.objects.get(pk=event_id)
    for handler in handlers_for(event.aggregate):
        handler(event)
    DomainEvent.objects.filter(pk=event_id, dispatched_at=None).update(dispatched_at=clock.now())


def _tell_listeners(rows: Iterable[DomainEvent]) -> None:
    """Best effort: what is committed stays so, whatever becomes of a listener; the worker tells everybody again."""
    for row in rows:
        for listener in live_listeners_for(row.aggregate):
            try:
                listener(row)
            except Exception:
                log.exception("outbox.listener_failed", event_name=row.name)


def _require_transaction() -> None:
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("Events are written in the transaction of what they tell of.")


def _numbered(events: Iterable[Event]) -> list[DomainEvent]:
    """Rows with the next ``seq`` of their aggregate, stamped with the request they happened in."""
    events = list(events)
    last = _last_seqs([event for event in events if not event.is_first])
    request_id = str(structlog.contextvars.get_contextvars().get("request_id", ""))
    moment = clock.now()
    rows = []
    for event in events:
        key = (event.aggregate, event.aggregate_id)
        last[key] += 1
        rows.append(
            DomainEvent(
                aggregate=event.aggregate,
                aggregate_id=event.aggregate_id,
                seq=last[key],
                name=event.name,
                data=event.data,
                actor=event.actor,
                request_id=request_id,
                occurred_at=event.occurred_at or moment,
            ),
        )
    return rows


def _last_seqs(events: Sequence[Event]) -> defaultdict[tuple[str, str], int]:
    """The last number of each aggregate that these are of. One query, none for no events."""
    if not events:
        return defaultdict(int)
    aggregates, ids = {event.aggregate for event in events}, {event.aggregate_id for event in events}
    found = (
        DomainEvent.objects.filter(aggregate__in=list(aggregates), aggregate_id__in=ids)
        .values_list("aggregate", "aggregate_id")
        .annotate(last=Max("seq"))
        .order_by()
    )
    return defaultdict(int, {(aggregate, aggregate_id): last for aggregate, aggregate_id, last in found})


def _enqueue(rows: Sequence[DomainEvent]) -> None:
    """One job per event; the lock keeps an aggregate's events in order across workers."""
    jobs = []
    for row in rows:
        deferrer = queue.configure_task(DISPATCH_TASK, lock=f"{row.aggregate}:{row.aggregate_id}")
        jobs.append(deferrer.make_new_job(event_id=row.pk))
    if jobs:
        queue.job_manager.batch_defer_jobs(jobs=jobs)
