"""Read-through caching with namespace versions. The cache may be empty, slow or gone: answers stay right."""

import time
from collections.abc import Callable
from typing import Any

import structlog
from django.core.cache import cache
from django.db import transaction
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)

# After a failure the cache is left alone this long, so that a dead Redis costs one time-out and not one per request.
RETRY_AFTER_SECONDS = 2.0
_UNREACHABLE: tuple[type[Exception], ...] = (RedisError, OSError)


class _Breaker:
    """Remembers when the cache failed last, for this process."""

    open_until = 0.0

    def is_open(self) -> bool:
        return time.monotonic() < self.open_until

    def trip(self, error: Exception) -> None:
        self.open_until = time.monotonic() + RETRY_AFTER_SECONDS
        log.warning("cache.unreachable", error=type(error).__name__)


breaker = _Breaker()


class Namespace:
    """A group of cached answers that go stale together.

    A key holds the namespace's version, so that ``invalidate`` is one write however many answers there are.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._is_stale = False

    def get_or_compute(self, key: str, *, ttl: int, compute: Callable[[], Any]) -> Any:
        """The cached answer under ``key``, else ``compute()``, kept ``ttl`` seconds. The cache never makes it fail."""
        full_key = self._full_key(key)
        if full_key is None:
            return compute()
        missing = object()
        value = _attempt(lambda: cache.get(full_key, missing), missing)
        if value is missing:
            value = compute()
            _attempt(lambda: cache.set(full_key, value, ttl), None)
        return value

    def invalidate_on_commit(self) -> None:
        """Make every cached answer of the namespace stale once the current transaction is committed."""
        transaction.on_commit(self.invalidate, robust=True)

    def invalidate(self) -> None:
        """Make every cached answer of the namespace stale now; remembered and repeated if the cache is away."""
        self._is_stale = not _attempt(self._start_version, default=False)

    def _start_version(self) -> bool:
        cache.set(self._version_key, time.time_ns(), None)
        return True

    @property
    def _version_key(self) -> str:
        return f"version:{self.name}"

    def _full_key(self, key: str) -> str | None:
        """The key under the present version; None when the cache cannot be trusted just now."""
        if self._is_stale:
            self.invalidate()
        if self._is_stale:
            return None
        version = _attempt(lambda: cache.get_or_set(self._version_key, time.time_ns, None), None)
        return None if version is None else f"{self.name}:{version}:{key}"


def _attempt(operation: Callable[[], Any], default: Any) -> Any:
    if breaker.is_open():
        return default
    try:
        return operation()
    except _UNREACHABLE as error:
        breaker.trip(error)
        return default
