"""What several processes and threads keep, and forget in time."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from fantasize.core.caching import changes as log
from fantasize.core.caching import storage as module
from fantasize.core.caching.changes import Changes
from fantasize.core.caching.storage import Store
from fantasize.core.tests.kept import NAMES, another_process, counter, forget_the_time_between, keep
from fantasize.tests.waiting import PATIENCE_SECONDS


def test_processes_share_what_one_has_computed_and_hear_of_changes() -> None:
    compute, here, there = counter(), another_process(), another_process()
    assert [keep(here, compute), keep(there, compute)] == [1, 1]
    here._changes.publish(NAMES)
    assert keep(here, compute) == 2
    # Within the agreed time the other one may not have looked; then it must.
    forget_the_time_between(there)
    assert keep(there, compute) == 2


def test_without_looking_a_process_would_not_hear() -> None:
    """The control of the test before: what is near is near, until the list of changes is read."""
    compute, here, there = counter(), another_process(), another_process()
    assert [keep(here, compute), keep(there, compute)] == [1, 1]
    here._changes.publish(NAMES)
    there._changes._read_at = float("inf")
    assert keep(there, compute) == 1


class ReadsTooLate(Changes):
    """Believes an answer to be as new as the moment at which it was finished."""

    position = property(lambda _: 2**60, lambda _, __: None)


@pytest.mark.parametrize(("known", "is_right"), [(Changes, True), (ReadsTooLate, False)])
def test_who_read_before_a_commit_keeps_nothing_for_those_after_it(known: type[Changes], *, is_right: bool) -> None:
    """With a control: with the position of the end of the computation, the old answer would stay."""
    store, row = Store(known(log._RedisJournal()), 1_000_000), ["old"]
    has_read, is_committed = threading.Event(), threading.Event()

    def read_slowly() -> str:
        seen = row[0]
        has_read.set()
        assert is_committed.wait(PATIENCE_SECONDS)
        return seen

    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(keep, store, read_slowly)
        assert has_read.wait(PATIENCE_SECONDS)
        row[0] = "new"
        another_process()._changes.publish(NAMES)
        is_committed.set()
        assert slow.result() == "old"
    forget_the_time_between(store)
    assert (keep(store, lambda: row[0]) == "new") is is_right


class _EverybodyForThemselves(dict[str, Any]):
    def setdefault(self, _key: str, default: Any = None) -> Any:
        self[_key] = default
        return default

    def __delitem__(self, key: str) -> None:
        self.pop(key, None)


@pytest.mark.parametrize(("is_shared", "most"), [(True, 1), (False, 200)])
def test_a_herd_has_it_computed_once(*, is_shared: bool, most: int) -> None:
    """With a control: without sharing every one of them computes."""
    store, calls, gate = another_process(), [], threading.Barrier(200)
    if not is_shared:
        store._under_way = _EverybodyForThemselves()
    done = threading.Event()

    def compute() -> str:
        calls.append(1)
        if not is_shared and len(calls) > most / 2:
            done.set()
        assert done.wait(PATIENCE_SECONDS)
        return "answer"

    def ask(number: int) -> Any:
        gate.wait(PATIENCE_SECONDS)
        if is_shared and number == 0:
            threading.Timer(0.3, done.set).start()
        return keep(store, compute)

    with ThreadPoolExecutor(200) as pool:
        assert set(pool.map(ask, range(200))) == {"answer"}
    assert len(calls) == 1 if is_shared else len(calls) > most / 2


def test_who_waits_too_long_computes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE_SECONDS", 0.05)
    store, begun, done = another_process(), threading.Event(), threading.Event()

    def slow() -> str:
        begun.set()
        assert done.wait(PATIENCE_SECONDS)
        return "slow"

    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(keep, store, slow)
        assert begun.wait(PATIENCE_SECONDS)
        assert keep(store, lambda: "own") == "own"
        done.set()
        assert first.result() == "slow"


def test_when_the_first_one_fails_the_others_compute_for_themselves() -> None:
    store, begun, done = another_process(), threading.Event(), threading.Event()

    def fail() -> str:
        begun.set()
        assert done.wait(PATIENCE_SECONDS)
        raise LookupError

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(keep, store, fail)
        assert begun.wait(PATIENCE_SECONDS)
        second = pool.submit(keep, store, lambda: "own")
        done.set()
        with pytest.raises(LookupError):
            first.result()
        assert second.result() == "own"
    assert not store._under_way


def test_what_may_not_be_kept_is_given_to_nobody_else() -> None:
    store, compute = another_process(), counter()
    seen = [
        store.get_or_compute("a", names=NAMES, ttl=60, compute=compute, is_kept=lambda value: value > 1)
        for _ in range(3)
    ]
    assert seen == [1, 2, 2]
    assert store.get_or_compute("b", names=NAMES, ttl=60, compute=lambda: None) is None
    assert store.find_near("b") is None


def test_many_are_found_near_or_far_as_long_as_they_are_good() -> None:
    here, there = another_process(), another_process()
    keep(here, lambda: "a", key="a")
    keep(there, lambda: "b", key="b")
    assert here.find_many(["a", "b", "c"]) == {"a": "a", "b": "b"}
    assert here.find_near("b") == "b"
    there._changes.publish(NAMES)
    assert there.find_many(["a", "b"]) == another_process().find_many(["a", "b"]) == {}


def test_memory_is_bounded_and_what_was_asked_for_least_recently_leaves_first() -> None:
    store = another_process(max_bytes=30_000)
    for number in range(10):
        keep(store, lambda: b"x" * 10_000, key=str(number))
        assert store._near.currsize <= 30_000
        store.find_near("0")
    assert store.find_near("0") is not None
    assert [number for number in range(10) if store.find_near(str(number)) is None] == list(range(1, 9))
    keep(store, lambda: b"x" * 50_000, key="large")
    assert store.find_near("large") is None
    assert keep(another_process(), lambda: b"never computed", key="large") == b"x" * 50_000


def test_what_is_too_large_is_not_kept() -> None:
    store = another_process(max_bytes=10 * module.MAX_BYTES)
    assert len(keep(store, lambda: b"x" * (module.MAX_BYTES + 1))) > module.MAX_BYTES
    assert store.find_near("a") is None
    assert keep(another_process(), lambda: "own") == "own"


def test_nothing_is_kept_for_no_time() -> None:
    compute, store = counter(), another_process()
    assert [keep(store, compute, ttl=0), keep(store, compute, ttl=0)] == [1, 2]
