"""Values that are kept in this process's memory and in Redis, as long as nothing they depend on changes."""

import pickle
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotDoneError
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Any, TypeVar

from cachetools import LRUCache
from django.conf import settings
from django.core.cache import cache

from fantasize.core import clock
from fantasize.core.caching.backend import attempt
from fantasize.core.caching.changes import REMEMBERED_SECONDS, Changes, changes

T = TypeVar("T")
# How long a call waits for another one that computes the same; then it computes for itself.
PATIENCE_SECONDS = 5.0
# Larger values are not kept.
MAX_BYTES = 1_000_000
_KEY_PREFIX = "kept:1:"
# What reading a value raises that another release of ours has written.
_UNREADABLE = (pickle.UnpicklingError, AttributeError, EOFError, ImportError, IndexError, TypeError, ValueError)


@dataclass(slots=True)
class _Needs:
    """What a value that is being computed turned out to depend on, and until when it is true."""

    names: set[str] = field(default_factory=set)
    until: float = float("inf")

    def add(self, names: Iterable[str], until: float) -> None:
        self.names.update(names)
        self.until = min(self.until, until)


_needs: ContextVar[_Needs | None] = ContextVar("needs", default=None)


def is_keeping() -> bool:
    """Whether something is being computed that may be kept."""
    return _needs.get() is not None


def depends_on(names: Iterable[str], *, until: float = float("inf")) -> None:
    """Say that what is being computed is stale when one of ``names`` changes; nothing if nothing is being kept."""
    if needs := _needs.get():
        needs.add(names, until)


def keep_until(moment: datetime | None) -> None:
    """Say that what is being computed is not true any more at ``moment``."""
    if moment is not None:
        depends_on((), until=moment.timestamp())


@contextmanager
def _recording() -> Iterator[_Needs]:
    """Gather what is said meanwhile; whatever this is a part of depends on it too."""
    needs = _Needs()
    token = _needs.set(needs)
    try:
        yield needs
    finally:
        _needs.reset(token)
    depends_on(needs.names, until=needs.until)


@dataclass(frozen=True, slots=True)
class _Kept:
    """A value, the position of the changes that it was computed after, and how long it is good."""

    value: Any
    position: int
    names: tuple[str, ...]
    expires_at: float
    until: float


class Store:
    """Keeps values under keys. Threads that want the same value at the same time have it computed once.

    A value is never kept under a state that it does not show: the position of the changes is read before the database.
    """

    def __init__(self, known: Changes, max_bytes: int) -> None:
        self._changes = known
        self._lock = Lock()
        self._near: LRUCache[str, tuple[int, _Kept]] = LRUCache(max_bytes, getsizeof=lambda row: row[0])
        self._under_way: dict[str, Future[_Kept | None]] = {}

    def forget(self) -> None:
        """Empty this process's memory."""
        with self._lock:
            self._near.clear()

    def find_near(self, key: str) -> Any:
        """The value in this process's memory; None if there is none that is good."""
        if not self._changes.catch_up():
            return None
        with self._lock:
            row = self._near.get(key)
        return self._value_of(row[1] if row else None)

    def find_many(self, keys: Collection[str]) -> dict[str, Any]:
        """Those values that are good, in this process's memory or in Redis: one round trip at most."""
        found = {key: self.find_near(key) for key in keys}
        away = [key for key, value in found.items() if value is None]
        if away and self._changes.catch_up(within=0):
            contents: dict[str, bytes] = attempt(lambda: cache.get_many([_KEY_PREFIX + key for key in away]), {})
            found |= {key: self._value_of(self._good_in(key, contents.get(_KEY_PREFIX + key))) for key in away}
        return {key: value for key, value in found.items() if value is not None}

    def get_or_compute(
        self,
        key: str,
        *,
        names: Collection[str],
        ttl: int,
        compute: Callable[[], T],
        is_kept: Callable[[T], bool] = lambda value: value is not None,
    ) -> T:
        """The value under ``key``, else what ``compute`` returns, kept for ``ttl`` seconds at most if ``is_kept``.

        The cache never makes it fail.

        Args:
            key: of everything that the value differs by.
            names: what makes it stale; ``depends_on`` and ``keep_until`` say more while it is computed.
            ttl: seconds.
            compute: called by one thread for all that want it now.
            is_kept: which values may be given to others. None never is.
        """
        value = self.find_near(key)
        if value is not None:
            return value  # type: ignore[no-any-return]  # what is kept under a key was computed for it
        mine: Future[_Kept | None] = Future()
        first = self._under_way.setdefault(key, mine)
        if first is not mine:
            value = self._value_of(_outcome_of(first))
            return compute() if value is None else value
        try:
            return self._lead(key, mine, names, ttl, compute, is_kept)
        finally:
            del self._under_way[key]
            if not mine.done():
                mine.set_result(None)

    def _lead(
        self,
        key: str,
        mine: "Future[_Kept | None]",
        names: Collection[str],
        ttl: int,
        compute: Callable[[], T],
        is_kept: Callable[[T], bool],
    ) -> T:
        """Find the value in Redis or compute it, for all who wait for ``mine``."""
        is_known = self._changes.catch_up(within=0)
        kept = self._find_far(key) if is_known else None
        if kept is not None:
            mine.set_result(kept)
            return self._value_of(kept)  # type: ignore[no-any-return]  # as above
        position, began_at = self._changes.position, clock.now().timestamp()
        with _recording() as needs:
            depends_on(names)
            value = compute()
        if is_kept(value):
            expires_at = min(began_at + min(ttl, REMEMBERED_SECONDS / 2), needs.until)
            kept = _Kept(value, position, tuple(needs.names), expires_at, needs.until)
            mine.set_result(kept)
            if is_known:
                self._put(key, kept, int(expires_at - began_at))
        return value

    def _find_far(self, key: str) -> _Kept | None:
        """What is good in Redis, which is near from now on."""
        return self._good_in(key, attempt(lambda: cache.get(_KEY_PREFIX + key), None))

    def _good_in(self, key: str, content: bytes | None) -> _Kept | None:
        kept = _read(content) if content else None
        if content is None or kept is None or not self._is_good(kept):
            return None
        self._put_near(key, len(content), kept)
        return kept

    def _put(self, key: str, kept: _Kept, seconds: int) -> None:
        facts = (kept.value, kept.position, kept.names, kept.expires_at, kept.until)
        content = pickle.dumps(facts, pickle.HIGHEST_PROTOCOL)
        if seconds > 0 and len(content) <= MAX_BYTES:
            self._put_near(key, len(content), kept)
            attempt(lambda: cache.set(_KEY_PREFIX + key, content, seconds), None)

    def _put_near(self, key: str, size: int, kept: _Kept) -> None:
        with self._lock:
            if size <= self._near.maxsize:
                self._near[key] = (size, kept)

    def _value_of(self, kept: _Kept | None) -> Any:
        if kept is None or not self._is_good(kept):
            return None
        depends_on(kept.names, until=kept.until)
        return kept.value

    def _is_good(self, kept: _Kept) -> bool:
        return clock.now().timestamp() < kept.expires_at and self._changes.is_current(kept.position, kept.names)


def _outcome_of(flight: "Future[_Kept | None]") -> _Kept | None:
    try:
        return flight.result(PATIENCE_SECONDS)
    except NotDoneError:
        return None


def _read(content: bytes) -> _Kept | None:
    try:
        return _Kept(*pickle.loads(content))  # noqa: S301 - written by ourselves, in our own Redis
    except _UNREADABLE:
        return None


store = Store(changes, settings.CACHE_LOCAL_BYTES)


def forget_everything() -> None:
    """Begin anew in this process, as one that has just started."""
    changes.forget()
    store.forget()
