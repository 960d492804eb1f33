"""The one place where the shop calls a payment provider."""

import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import structlog
from django.db import transaction

from fantasize.core.errors import UnavailableError
from orders.payments.base import GatewayDownError

log = structlog.get_logger(__name__)
T = TypeVar("T")

# So many failures in a row, and the provider is left alone for a while; then one call tries.
FAILURES = 5
PAUSE_SECONDS = 20.0
RETRY_AFTER_SECONDS = 10


@dataclass(slots=True)
class _Breaker:
    """Spares shoppers the wait for a provider that does not answer. Of this process alone."""

    failures: int = 0
    open_until: float = 0.0

    @property
    def is_open(self) -> bool:
        return time.monotonic() < self.open_until

    def fail(self) -> None:
        self.failures += 1
        if self.failures >= FAILURES:
            self.open_until = time.monotonic() + PAUSE_SECONDS

    def succeed(self) -> None:
        self.failures, self.open_until = 0, 0.0


_breakers: defaultdict[str, _Breaker] = defaultdict(_Breaker)


def call_out(gateway: str, operation: Callable[[], T]) -> T:
    """What ``operation`` brings from the provider. Never in a transaction: nothing is locked while we wait.

    Raises:
        RuntimeError: inside a transaction.
        UnavailableError: the provider does not answer (``payment_provider_unavailable``).
        GatewayRefusedError: it will not do it.
    """
    with transaction.atomic(durable=True):
        """A durable block refuses to begin inside another one; this one has nothing to do."""
    breaker = _breakers[gateway]
    if breaker.is_open:
        raise unavailable()
    try:
        result = operation()
    except GatewayDownError as error:
        breaker.fail()
        log.warning("payments.provider_failed", gateway=gateway, reason=str(error))
        raise unavailable() from error
    breaker.succeed()
    return result


def forget_failures() -> None:
    """Ask everybody again at once."""
    _breakers.clear()


def unavailable() -> UnavailableError:
    """That there is no page to pay on just now."""
    return UnavailableError(
        "The payment provider does not answer. What you ordered is kept for you; try again in a moment.",
        code="payment_provider_unavailable",
        title="Payment provider unavailable",
        extra={"retry_after": RETRY_AFTER_SECONDS},
    )
