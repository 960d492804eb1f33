"""The one place that knows what time it is, so that tests can say so."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime

from django.utils import timezone

_frozen: ContextVar[datetime | None] = ContextVar("frozen_now", default=None)


def now() -> datetime:
    """The current time, aware, in UTC."""
    return _frozen.get() or timezone.now()


@contextmanager
def frozen_at(moment: datetime) -> Iterator[None]:
    """Make ``now()`` answer ``moment`` (aware) inside the block, in this thread or task."""
    token = _frozen.set(moment)
    try:
        yield
    finally:
        _frozen.reset(token)
