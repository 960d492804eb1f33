"""Reaching Redis, or doing without it."""

import time
from collections.abc import Callable
from typing import TypeVar

import structlog
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)
T = TypeVar("T")

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


def attempt(operation: Callable[[], T], default: T) -> T:
    """What ``operation`` returns; ``default`` if Redis fails it, or has failed a moment ago."""
    if breaker.is_open():
        return default
    try:
        return operation()
    except _UNREACHABLE as error:
        breaker.trip(error)
        return default
