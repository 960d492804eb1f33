"""Making what was ordered: which orders await the factory, and how each is made by one worker at a time, and once.

PostgreSQL is the record. The stream only says quickly what to do next, and may hold an order twice, too early, too
late or not at all.
"""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from django.db import connection

from fantasize.core import clock
from orders.enums import OrderStatus
from orders.models import Order
from orders.transports import FactoryStream, ReportError, Task

REFILL_EVERY = timedelta(minutes=1)
_POLL_SECONDS = 1.0
# Sets the factory's advisory locks apart from other pairs of numbers.
_LOCK_CLASS = 0x666163


class Inbox(Protocol):
    """Where a factory gets its work from."""

    def take(self) -> Task | None:
        """The next order to make; None after about a second without any."""

    def settle(self, task: Task) -> None:
        """Do not offer it again."""


class StreamInbox:
    """Work from the stream, completed from PostgreSQL at the start, every minute, and after Redis was away."""

    def __init__(self, stream: FactoryStream) -> None:
        self._stream = stream
        self._refill_at: datetime | None = None

    def take(self) -> Task | None:
        """The next order to make.

        Raises:
            RedisError: Redis is away, or has lost the stream; the next call builds it again.
        """
        due, self._refill_at = self._refill_at, None  # so that it is due again whatever fails below
        if due is None or clock.now() >= due:
            refill(self._stream)
            due = clock.now() + REFILL_EVERY
        task = self._stream.take()
        self._refill_at = due
        return task

    def settle(self, task: Task) -> None:
        """Take it out of the stream."""
        self._stream.settle(task)


class DatabaseInbox:
    """Work from PostgreSQL alone, for a shop without Redis: everything that is due, once a second."""

    def __init__(self, wait: Callable[[float], object]) -> None:
        self._wait = wait
        self._batch: deque[UUID] = deque()

    def take(self) -> Task | None:
        """The next order to make."""
        if not self._batch:
            self._wait(_POLL_SECONDS)
            self._batch.extend(list_awaiting())
        return Task(self._batch.popleft()) if self._batch else None

    def settle(self, task: Task) -> None:
        """Nothing to do: its status says that it is made."""


def list_awaiting() -> list[UUID]:
    """The orders that the factory has to make, longest waiting first."""
    awaiting = Order.objects.filter(status=OrderStatus.PROCESSING)
    return list(awaiting.order_by("processing_at", "number").values_list("pk", flat=True))


def is_awaiting(order_id: UUID) -> bool:
    """Whether the factory still has to make this order."""
    return Order.objects.filter(pk=order_id, status=OrderStatus.PROCESSING).exists()


def refill(stream: FactoryStream) -> int:
    """Put every order that awaits the factory into the stream unless it is there; returns how many were missing."""
    stream.open()
    awaiting = list_awaiting()
    present = stream.order_ids()
    missing = [order_id for order_id in awaiting if order_id not in present]
    stream.add(missing)
    return len(missing)


def make(order_id: UUID, *, work: Callable[[UUID], bool], report: Callable[[UUID], None]) -> bool:
    """Make an order and report it; whether nothing more is to be done about it.

    An order that has moved on is left alone, and so is one that somebody else is making. ``work`` says whether it was
    finished. No transaction is open while it works and reports: what keeps others away is a lock of the session, which
    PostgreSQL lets go of when this process dies.

    Raises:
        ReportError: the shop did not take the report, and the order still awaits it.
    """
    with _alone_with(order_id) as is_ours:
        if not is_ours:
            return False
        if not is_awaiting(order_id):
            return True
        if not work(order_id):
            return False
        _report(order_id, report)
        return True


def _report(order_id: UUID, report: Callable[[UUID], None]) -> None:
    """Report; a refusal is no failure once the order has moved on, be it by this report or by somebody else."""
    try:
        report(order_id)
    except ReportError:
        if is_awaiting(order_id):
            raise


@contextmanager
def _alone_with(order_id: UUID) -> Iterator[bool]:
    """Whether nobody else is making the order; nobody will until the end of the block."""
    # Two orders that begin with the same four bytes wait for each other, which is all that happens.
    key = (_LOCK_CLASS, int.from_bytes(order_id.bytes[:4], signed=True))
    is_ours = _ask("SELECT pg_try_advisory_lock(%s, %s)", key)
    try:
        yield is_ours
    finally:
        if is_ours:
            _ask("SELECT pg_advisory_unlock(%s, %s)", key)


def _ask(question: str, key: tuple[int, int]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(question, key)
        return bool(cursor.fetchone()[0])
