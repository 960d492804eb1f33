"""The event log: with the transaction or not at all, numbered without holes, handed on at least once."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django import app as queue
from procrastinate.contrib.django.models import ProcrastinateJob

from fantasize.core import clock, events, outbox
from fantasize.core.events import Event
from fantasize.core.models import DomainEvent
from fantasize.core.tests.jobs import work_off

pytestmark = pytest.mark.django_db(transaction=True)

Subscriber = Callable[[Callable[[DomainEvent], None]], None]


@pytest.fixture
def subscribe(monkeypatch: pytest.MonkeyPatch) -> Subscriber:
    """Registers a durable handler of ``thing`` events for one test."""
    monkeypatch.setattr(events, "_durable", {})
    return lambda handler: events.subscribe("thing", handler)


@pytest.fixture
def listen(monkeypatch: pytest.MonkeyPatch) -> Subscriber:
    """Registers a best-effort listener to ``thing`` events for one test."""
    monkeypatch.setattr(events, "_live", {})
    return lambda listener: events.listen_live("thing", listener)


def happened(name: str = "thing.done", thing: str = "1") -> Event:
    return Event("thing", thing, name)


def publish(*published: Event) -> list[DomainEvent]:
    with transaction.atomic():
        return outbox.publish_all(published)


def test_an_event_needs_the_transaction_of_what_it_tells_of() -> None:
    with pytest.raises(transaction.TransactionManagementError):
        outbox.publish(happened())
    assert not DomainEvent.objects.exists()


def test_what_is_rolled_back_was_never_said() -> None:
    with transaction.atomic():
        outbox.publish(happened())
        transaction.set_rollback(True)
    assert not DomainEvent.objects.exists()
    assert not ProcrastinateJob.objects.exists()


def test_numbers_have_no_holes_per_thing() -> None:
    publish(happened(thing="1"), happened(thing="2"), happened(thing="1"))
    publish(happened(thing="1"))
    numbered = DomainEvent.objects.order_by("aggregate_id", "seq").values_list("aggregate_id", "seq")
    assert list(numbered) == [("1", 1), ("1", 2), ("1", 3), ("2", 1)]


def test_a_worker_hands_events_to_their_handlers_in_order(subscribe: Subscriber) -> None:
    heard: list[int] = []
    subscribe(lambda event: heard.append(event.seq))
    publish(happened(), happened(), happened())
    work_off()
    assert heard == [1, 2, 3]
    assert not DomainEvent.objects.filter(dispatched_at=None).exists()


def test_a_handler_that_fails_is_asked_again(subscribe: Subscriber) -> None:
    heard: list[int] = []

    def fail_first(event: DomainEvent) -> None:
        heard.append(event.seq)
        if len(heard) == 1:
            raise RuntimeError

    subscribe(fail_first)
    publish(happened())
    work_off()
    assert DomainEvent.objects.get().dispatched_at is None
    _make_due()
    work_off()
    assert heard == [1, 1]
    assert DomainEvent.objects.get().dispatched_at is not None


def _make_due() -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET scheduled_at = NULL WHERE status = 'todo'")


def test_a_job_whose_worker_was_killed_is_done_by_another(subscribe: Subscriber) -> None:
    heard: list[int] = []
    subscribe(lambda event: heard.append(event.seq))
    publish(happened())
    long_ago = clock.now() - timedelta(minutes=5)
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (%s) RETURNING id", [long_ago])
        dead = cursor.fetchone()[0]
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s", [dead])
    queue.configure_task("fantasize.core.tasks.recover_stalled_jobs").defer(timestamp=0)
    work_off()
    work_off()
    assert heard == [1]


def test_listeners_hear_after_the_commit_and_cannot_undo_it(listen: Subscriber) -> None:
    heard: list[bool] = []

    def complain(_event: DomainEvent) -> None:
        heard.append(transaction.get_connection().in_atomic_block)
        raise RuntimeError

    listen(complain)
    publish(happened())
    assert heard == [False]
    assert DomainEvent.objects.exists()


def test_history_is_recorded_without_telling_anybody(subscribe: Subscriber, listen: Subscriber) -> None:
    heard: list[int] = []
    subscribe(lambda event: heard.append(event.seq))
    listen(lambda event: heard.append(event.seq))
    moment = clock.now() - timedelta(days=365)
    with transaction.atomic():
        outbox.record_silently([Event("thing", "1", "thing.done", occurred_at=moment)])
    work_off()
    assert heard == []
    event = DomainEvent.objects.get()
    assert (event.seq, event.dispatched_at, event.occurred_at) == (1, moment, moment)


def test_what_happened_cannot_be_rewritten() -> None:
    (event,) = publish(happened())
    for change in ({"name": "thing.undone"}, {"data": {"x": 1}}, {"seq": 2}):
        with pytest.raises(DatabaseError):
            DomainEvent.objects.filter(pk=event.pk).update(**change)
    with pytest.raises(DatabaseError):
        DomainEvent.objects.filter(pk=event.pk).delete()
    assert DomainEvent.objects.get().name == "thing.done"


def test_a_thousand_events_cost_as_many_queries_as_two() -> None:
    def queries(count: int, thing: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            publish(*(happened(thing=thing) for _ in range(count)))
        return len(captured)

    assert queries(2, "1") == queries(1000, "2")


def test_events_of_many_things_cost_as_many_queries_as_of_one() -> None:
    counts = []
    for things in (1, 50):
        with CaptureQueriesContext(connection) as captured:
            publish(*(happened(thing=f"{things}-{number}") for number in range(things)))
        counts.append(len(captured))
    assert counts[0] == counts[1]
    locks = set(ProcrastinateJob.objects.values_list("lock", flat=True))
    assert len(locks) == 51


def test_no_events_are_no_jobs() -> None:
    assert publish() == []
    assert not ProcrastinateJob.objects.exists()
