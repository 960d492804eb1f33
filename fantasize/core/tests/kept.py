"""What tests of the cache share: stores that stand for processes, and a Redis that can be taken away."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from redis.exceptions import ConnectionError as RedisConnectionError

from fantasize.core.caching import changes as log
from fantasize.core.caching.changes import Changes
from fantasize.core.caching.storage import Store

NAMES = ("test.answers",)


def take_redis_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """Until ``monkeypatch.undo()``."""

    def refuse(*_args: Any, **_options: Any) -> None:
        raise RedisConnectionError

    monkeypatch.setattr(log._RedisJournal, "_client", refuse)
    for name in ("get", "set"):
        monkeypatch.setattr(cache, name, refuse)


def counter() -> Callable[[], int]:
    calls = iter(range(1, 1000))
    return lambda: next(calls)


def another_process(max_bytes: int = 1_000_000) -> Store:
    """A store with a memory of its own, on the same Redis."""
    return Store(Changes(log._RedisJournal()), max_bytes)


def forget_the_time_between(store: Store) -> None:
    """As if the process had not looked into the list of changes for a while."""
    store._changes._read_at = float("-inf")


def keep(store: Store, compute: Callable[[], Any], key: str = "a", ttl: int = 60) -> Any:
    return store.get_or_compute(key, names=NAMES, ttl=ttl, compute=compute)
