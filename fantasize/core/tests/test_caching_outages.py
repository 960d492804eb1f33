"""What the cache does when Redis is away, has lost everything, or holds what nobody can read."""

import pickle
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.cache import cache

from fantasize.core import caching
from fantasize.core.caching import Namespace
from fantasize.core.caching import changes as log
from fantasize.core.caching.changes import Changes
from fantasize.core.caching.storage import Store
from fantasize.core.tests import kept
from fantasize.core.tests.kept import NAMES, another_process, counter, forget_the_time_between, keep


@pytest.fixture
def take_redis_away(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """Call it to take Redis away; ``bring_back`` ends the outage."""
    yield lambda: kept.take_redis_away(monkeypatch)
    caching.breaker.open_until = 0.0


@pytest.fixture
def bring_back(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    def undo() -> None:
        monkeypatch.undo()
        caching.breaker.open_until = 0.0

    return undo


@pytest.mark.parametrize(
    "content", [b"rubbish", pickle.dumps(("too", "few")), pickle.dumps(None), b"cnowhere\nNone\n."]
)
def test_what_cannot_be_read_is_computed_anew(content: bytes) -> None:
    cache.set("kept:1:a", content, 60)
    assert keep(another_process(), lambda: "computed") == "computed"
    assert keep(another_process(), lambda: "never") == "computed"


def test_without_redis_answers_are_computed_and_redis_is_not_asked_again_at_once(
    take_redis_away: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    compute, answers = counter(), Namespace("test.answers")
    caching.forget_everything()
    take_redis_away()
    assert answers.get_or_compute("a", ttl=60, compute=compute) == 1
    assert caching.breaker.is_open()
    monkeypatch.undo()
    assert answers.get_or_compute("a", ttl=60, compute=compute) == 2
    caching.breaker.open_until = 0.0
    assert [answers.get_or_compute("a", ttl=60, compute=compute) for _ in range(2)] == [3, 3]


def test_what_is_near_is_not_served_for_longer_than_it_can_be_checked(
    take_redis_away: Callable[[], None], bring_back: Callable[[], None]
) -> None:
    compute, store = counter(), another_process()
    assert keep(store, compute) == 1
    take_redis_away()
    assert keep(store, compute) == 1
    forget_the_time_between(store)
    assert [keep(store, compute) for _ in range(2)] == [2, 3]
    bring_back()
    # Nobody knows what others could not tell meanwhile.
    assert [keep(store, compute) for _ in range(2)] == [4, 4]


def test_what_changed_while_redis_was_away_is_not_served_afterwards(
    take_redis_away: Callable[[], None], bring_back: Callable[[], None]
) -> None:
    compute, store, other = counter(), another_process(), another_process()
    assert [keep(store, compute), keep(other, compute)] == [1, 1]
    take_redis_away()
    store._changes.publish(NAMES)
    assert keep(store, compute) == 2
    bring_back()
    assert [keep(store, compute) for _ in range(2)] == [3, 3]
    forget_the_time_between(other)
    assert keep(other, compute) == 3


def test_a_redis_that_lost_everything_makes_everything_stale() -> None:
    compute, store, idle = counter(), another_process(), another_process()
    assert [keep(store, compute), keep(idle, compute)] == [1, 1]
    log._RedisJournal._client().flushdb()
    store._changes.publish(NAMES)
    forget_the_time_between(idle)
    forget_the_time_between(store)
    assert keep(store, compute) == 2
    assert keep(idle, compute) != 1


def test_more_changes_than_are_remembered_make_everything_stale(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "MAX_NAMES", 5)
    compute, store = counter(), another_process()
    assert keep(store, compute) == 1
    another_process()._changes.publish([f"other:{number}" for number in range(6)])
    forget_the_time_between(store)
    assert [keep(store, compute) for _ in range(2)] == [2, 2]
    assert len(store._changes._changed) <= 5


def test_old_changes_leave_redis(monkeypatch: pytest.MonkeyPatch) -> None:
    journal = log._RedisJournal()
    journal.publish(["old"])
    monkeypatch.setattr(log, "REMEMBERED_SECONDS", 1)
    monkeypatch.setattr(log, "_MICROSECONDS", 1)
    at = journal.publish(["new"])
    assert journal.read(0)[2] == {"new": at}


@pytest.mark.parametrize("journal", [log._RedisJournal, log._LocalJournal])
def test_both_journals_tell_the_same(journal: Callable[[], Any]) -> None:
    book = journal()
    book.publish(())
    began, position, changed = book.read(0)
    assert (began > 0, position >= began, changed) == (True, True, {})
    first, second = book.publish(["a", "b"]), book.publish(["a"])
    assert position < first < second
    assert book.read(0) == (began, second, {"a": second, "b": first})
    assert book.read(first) == (began, second, {"a": second})
    assert book.read(second) == (began, second, {})


def test_a_shop_without_redis_goes_by_its_own_memory() -> None:
    compute, store = counter(), Store(Changes(log._LocalJournal()), 1_000_000)
    assert [keep(store, compute), keep(store, compute)] == [1, 1]
    store._changes.publish(NAMES)
    assert [keep(store, compute), keep(store, compute)] == [2, 2]
