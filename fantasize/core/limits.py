"""Rate limits: exact in every sliding window and across processes, by one atomic step in Redis.

While Redis is away, what guards accounts stays closed and everything else is counted in this process.
"""

import math
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from typing import TypeVar

import structlog
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from limits import RateLimitItem, RateLimitItemPerSecond
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import MovingWindowRateLimiter
from redis import BlockingConnectionPool
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from fantasize.core.errors import RateLimitedError, UnavailableError

log = structlog.get_logger(__name__)
T = TypeVar("T")

# Guessing must not become free because Redis is down.
FAIL_CLOSED = frozenset({"auth", "auth_address"})
RETRY_AFTER_SECONDS = 2.0
_TIMEOUT_SECONDS = 2.0
_CONNECTIONS = 32
_WAIT_SECONDS = 5.0

_RATE = re.compile(r"(?P<amount>[0-9]+)/(?P<multiple>[0-9]*)(?P<unit>[smhd])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a policy says about one call.

    Attributes:
        policy: its name in ``settings.RATE_LIMITS``.
        quota: calls allowed per window.
        window: seconds.
        is_allowed: whether this call may pass.
        remaining: calls left in the window that ends now.
        reset_after: whole seconds until the oldest call leaves the window.
    """

    policy: str
    quota: int
    window: int
    is_allowed: bool
    remaining: int
    reset_after: int

    def require(self) -> None:
        """Refuse the call if the policy does.

        Raises:
            OverLimitError: with ``retry_after``.
        """
        if not self.is_allowed:
            raise OverLimitError(self)


class OverLimitError(RateLimitedError):
    """A policy refuses the call; ``verdict`` says which one, for whoever writes headers."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(
            f"At most {verdict.quota} calls in {verdict.window} seconds.", extra={"retry_after": verdict.reset_after}
        )
        self.verdict = verdict


class _Breaker:
    """Leaves a Redis that failed alone for a moment, so that an outage costs one time-out and not one per call."""

    open_until = 0.0
    is_down = False

    def is_open(self) -> bool:
        return time.monotonic() < self.open_until

    def trip(self, error: Exception) -> None:
        if not self.is_down:
            log.warning("limits.redis_unreachable", error=type(error).__name__)
        self.open_until = time.monotonic() + RETRY_AFTER_SECONDS
        self.is_down = True

    def recover(self) -> None:
        if self.is_down:
            log.info("limits.redis_is_back")
        self.is_down = False


breaker = _Breaker()


def hit(policy: str, key: str) -> Verdict | None:
    """Count one call of ``key`` under ``policy`` and say whether it may pass; None for a policy that is off.

    Raises:
        UnavailableError: the policy guards accounts and Redis is down.
    """
    item = parse(settings.RATE_LIMITS[policy])
    if item is None:
        return None
    return _run(policy, lambda limiter: _verdict(limiter, item, policy, key, limiter.hit(item, policy, key)))


def test(policy: str, key: str) -> Verdict | None:
    """What ``hit`` would say, without counting."""
    item = parse(settings.RATE_LIMITS[policy])
    if item is None:
        return None
    return _run(policy, lambda limiter: _verdict(limiter, item, policy, key, limiter.test(item, policy, key)))


def clear(policy: str, key: str) -> None:
    """Forget the calls of ``key`` under ``policy`` (after a success, where failures are what counts)."""
    item = parse(settings.RATE_LIMITS[policy])
    if item is not None:
        _run(policy, lambda limiter: limiter.clear(item, policy, key))


@lru_cache(maxsize=64)
def parse(rate: str) -> RateLimitItem | None:
    """The limit that ``100/15m`` spells; None for ``off``.

    Raises:
        ImproperlyConfigured: it spells nothing.
    """
    if rate == "off":
        return None
    match = _RATE.fullmatch(rate)
    if match is None:
        raise ImproperlyConfigured(f"A rate limit reads like 100/15m or off, not {rate!r}.")
    seconds = int(match["multiple"] or 1) * _SECONDS[match["unit"]]
    return RateLimitItemPerSecond(int(match["amount"]), seconds, namespace="rate")


def _run(policy: str, operation: Callable[[MovingWindowRateLimiter], T]) -> T:
    """``operation`` on the shared limiter, else on this process's own."""
    if not settings.REDIS_URL:
        return operation(_local)
    if not breaker.is_open():
        try:
            result = operation(_shared(settings.REDIS_URL))
        except (RedisError, OSError) as error:
            breaker.trip(error)
        else:
            breaker.recover()
            return result
    if policy in FAIL_CLOSED:
        raise UnavailableError(extra={"retry_after": math.ceil(RETRY_AFTER_SECONDS)})
    return operation(_local)


@lru_cache(maxsize=4)
def _shared(url: str) -> MovingWindowRateLimiter:
    """The limiter in Redis. Threads wait for a connection; one repetition heals those that a restart has cut."""
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=_CONNECTIONS,
        timeout=_WAIT_SECONDS,
        socket_timeout=_TIMEOUT_SECONDS,
        socket_connect_timeout=_TIMEOUT_SECONDS,
        retry=Retry(NoBackoff(), 1),
    )
    return MovingWindowRateLimiter(RedisStorage(url, connection_pool=pool, key_prefix="fantasize"))


class _LocalLimiter(MovingWindowRateLimiter):
    """In this process's memory, one call at a time: the storage alone lets one too many pass when threads meet."""

    _lock = Lock()

    def hit(self, item: RateLimitItem, *identifiers: str, cost: int = 1) -> bool:
        with self._lock:
            return super().hit(item, *identifiers, cost=cost)


_local = _LocalLimiter(MemoryStorage())


def _verdict(
    limiter: MovingWindowRateLimiter,
    item: RateLimitItem,
    policy: str,
    key: str,
    is_allowed: bool,  # noqa: FBT001 - one caller's answer
) -> Verdict:
    stats = limiter.get_window_stats(item, policy, key)
    # One second more than the fraction asks for: whoever waits this long passes.
    reset_after = max(0, math.floor(stats.reset_time - time.time())) + 1
    return Verdict(policy, item.amount, item.get_expiry(), is_allowed, max(0, stats.remaining), reset_after)
