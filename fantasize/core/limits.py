"""Rate limits: exact in every sliding window and across processes, by one atomic step in Redis.

While Redis is away, what guards accounts stays closed and everything else is counted in this process.
"""

import math
import re
import time
from dataclasses import dataclass
from functools import lru_cache

import structlog
from django.conf import settings
from limits import RateLimitItem, RateLimitItemPerSecond
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import MovingWindowRateLimiter
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from fantasize.core.errors import RateLimitedError, UnavailableError

log = structlog.get_logger(__name__)

# Guessing must not become free because Redis is down.
FAIL_CLOSED = frozenset({"auth", "auth_address"})
RETRY_AFTER_SECONDS = 2.0
_TIMEOUT_SECONDS = 0.5

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
            RateLimitedError: with ``retry_after``.
        """
        if not self.is_allowed:
            raise RateLimitedError(
                f"At most {self.quota} calls in {self.window} seconds.", extra={"retry_after": self.reset_after}
            )


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
    return _judge(policy, key, is_counted=True)


def test(policy: str, key: str) -> Verdict | None:
    """What ``hit`` would say, without counting."""
    return _judge(policy, key, is_counted=False)


def clear(policy: str, key: str) -> None:
    """Forget the calls of ``key`` under ``policy`` (after a success, for a policy that counts failures)."""
    item = parse(settings.RATE_LIMITS[policy])
    if item is not None:
        limiter = _limiter(policy)
        limiter.clear(item, policy, key)


def _judge(policy: str, key: str, *, is_counted: bool) -> Verdict | None:
    item = parse(settings.RATE_LIMITS[policy])
    if item is None:
        return None
    if settings.REDIS_URL and not breaker.is_open():
        try:
            verdict = _ask(_shared(settings.REDIS_URL), item, policy, key, is_counted=is_counted)
        except (RedisError, OSError) as error:
            breaker.trip(error)
        else:
            breaker.recover()
            return verdict
    if settings.REDIS_URL and policy in FAIL_CLOSED:
        raise UnavailableError(extra={"retry_after": math.ceil(RETRY_AFTER_SECONDS)})
    return _ask(_local(), item, policy, key, is_counted=is_counted)
