"""``manage.py run_factory``: makes what was paid for, until told to stop."""

import signal
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import structlog
from django import db
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from redis.exceptions import RedisError

from orders.services import fulfilment
from orders.services.fulfilment import DatabaseInbox, Inbox, StreamInbox
from orders.transports import ReportError, ShopApi, ShopAwayError, stream_at

log = structlog.get_logger(__name__)

_TICK_SECONDS = 0.1
_LONGEST_PAUSE_SECONDS = 5.0


class Stop:
    """Whether the factory was told to stop. A flag that is looked at: an event may not be set by a signal's handler."""

    is_requested = False

    def listen(self) -> None:
        """Hear SIGTERM and SIGINT."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.request)

    def request(self, *_: object) -> None:
        """Stop soon."""
        self.is_requested = True

    def wait(self, seconds: float) -> bool:
        """Wait, but no longer than until the factory is to stop; whether the time is over."""
        until = time.monotonic() + seconds
        while not self.is_requested and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, _TICK_SECONDS))
        return not self.is_requested


class Factory:
    """Takes orders, makes one after the other, and reports each."""

    def __init__(self, inbox: Inbox, report: Callable[[UUID], None], *, seconds: float, stop: Stop) -> None:
        self._inbox = inbox
        self._report = report
        self._seconds = seconds
        self._stop = stop
        self._made: set[UUID] = set()
        self._failures = 0

    def run(self) -> None:
        """Work until told to stop. What fails is tried again, ever more patiently."""
        while not self._stop.is_requested:
            try:
                self._turn()
            except (RedisError, db.Error, ReportError) as error:
                self._pause_after(error)
            else:
                self._failures = 0

    def _turn(self) -> None:
        """Make the next order, if there is one; if anything goes wrong, it is offered again."""
        db.close_old_connections()
        task = self._inbox.take()
        if task and fulfilment.make(task.order_id, work=self._work, report=self._report_patiently):
            self._made.discard(task.order_id)
            self._inbox.settle(task)
            log.info("factory.settled", order=str(task.order_id))

    def _work(self, order_id: UUID) -> bool:
        """Whether the order is made; one whose report was refused is not made a second time."""
        if order_id not in self._made:
            log.info("factory.making", order=str(order_id))
            if not self._stop.wait(self._seconds):
                return False
            self._made.add(order_id)
        return True

    def _report_patiently(self, order_id: UUID) -> None:
        """Report, and while the shop is away keep at it: whoever took the order over would make it again."""
        while True:
            try:
                self._report(order_id)
            except ShopAwayError as error:
                if not self._pause_after(error):
                    raise
            else:
                return

    def _pause_after(self, error: Exception) -> bool:
        """Wait the longer the more often it failed in a row; whether there is time to try again."""
        patience = min(2.0**self._failures, _LONGEST_PAUSE_SECONDS)
        seconds = max(patience, getattr(error, "retry_after", 0.0))
        self._failures += 1
        log.warning("factory.interrupted", error=type(error).__name__, reason=str(error), pause_seconds=seconds)
        return self._stop.wait(seconds)


class Command(BaseCommand):
    """Run the factory in the foreground."""

    help = "Make orders that are processing and report them to the API, until SIGTERM; unfinished work is done again."

    def handle(self, *args: Any, **options: Any) -> None:
        """Work, with the stream when there is a Redis, else from PostgreSQL.

        Raises:
            CommandError: it is not told where the shop is, or has no key to it.
        """
        api, stop = _shop_api(), Stop()
        stop.listen()
        inbox = StreamInbox(stream_at(settings.REDIS_URL)) if settings.REDIS_URL else DatabaseInbox(stop.wait)
        log.info("factory.started", shop=api.base_url, inbox=type(inbox).__name__)
        Factory(inbox, api.report_processed, seconds=settings.FACTORY_SECONDS, stop=stop).run()
        log.info("factory.stopped")


def _shop_api() -> ShopApi:
    url = urlsplit(settings.FACTORY_API_URL or settings.PUBLIC_BASE_URL)
    if url.scheme not in {"http", "https"} or not url.hostname:
        raise CommandError("FACTORY_API_URL must be the shop's URL, such as https://shop.example.")
    if not settings.FACTORY_API_KEY:
        raise CommandError("FACTORY_API_KEY must be a key of API_KEYS with orders.view_order+orders.change_order.")
    return ShopApi(url.geturl(), settings.FACTORY_API_KEY)
