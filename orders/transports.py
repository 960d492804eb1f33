"""The wires between shop and factory: a Redis Stream of orders to make, and the API that hears of those made."""

import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from threading import Timer
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ResponseError
from redis.retry import Retry

STREAM = "fantasize:factory"
GROUP = "factory"
# An entry that nobody finished for so long is offered again; if it is still being worked on, that does no harm.
STALE_SECONDS = 3.0
_BLOCK_SECONDS = 1.0
_REDIS_TIMEOUT_SECONDS = 3
_CONNECT_SECONDS = 2
_TOTAL_SECONDS = 10
_LONGEST_RETRY_AFTER_SECONDS = 60.0
_AWAY = {
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
}


@dataclass(frozen=True, slots=True)
class Task:
    """An order to make.

    Attributes:
        order_id: which.
        entry: its place in the stream; empty when it did not come from there.
    """

    order_id: UUID
    entry: str = ""


class FactoryStream:
    """The orders to make, in Redis, each until it is settled. May lose everything: PostgreSQL knows them too."""

    def __init__(self, url: str) -> None:
        # Any: redis-py types every answer as perhaps awaitable.
        self._redis: Any = Redis.from_url(
            url,
            socket_timeout=_REDIS_TIMEOUT_SECONDS,
            socket_connect_timeout=_REDIS_TIMEOUT_SECONDS,
            retry=Retry(NoBackoff(), 0),
            decode_responses=True,
        )
        self._consumer = socket.gethostname()

    def open(self) -> None:
        """Make the stream and its consumer group, unless they exist."""
        try:
            self._redis.xgroup_create(STREAM, GROUP, id="0", mkstream=True)
        except ResponseError as error:
            if "BUSYGROUP" not in str(error):
                raise

    def add(self, order_ids: Iterable[UUID]) -> None:
        """Hand orders to the factory. One that is there twice is still made once."""
        with self._redis.pipeline(transaction=False) as pipe:
            for order_id in order_ids:
                pipe.xadd(STREAM, {"order": str(order_id)})
            pipe.execute()

    def order_ids(self) -> set[UUID]:
        """The orders that are not settled, whether somebody works on them or not."""
        return {UUID(fields["order"]) for _, fields in self._redis.xrange(STREAM)}

    def take(self) -> Task | None:
        """The next order: one that was left lying, else a new one, for which it waits up to a second.

        Raises:
            RedisError: Redis is away, or has lost the stream.
        """
        stale_ms = int(STALE_SECONDS * 1000)
        entries = self._redis.xautoclaim(STREAM, GROUP, self._consumer, min_idle_time=stale_ms, count=1)[1]
        for entry, fields in entries or self._read_new():
            return Task(UUID(fields["order"]), entry)
        return None

    def _read_new(self) -> Iterator[tuple[str, dict[str, str]]]:
        block_ms = int(_BLOCK_SECONDS * 1000)
        found = self._redis.xreadgroup(GROUP, self._consumer, {STREAM: ">"}, count=1, block=block_ms)
        for _, entries in found or ():
            yield from entries

    def settle(self, task: Task) -> None:
        """Nothing more is to be done about it."""
        with self._redis.pipeline(transaction=True) as pipe:
            pipe.xack(STREAM, GROUP, task.entry)
            pipe.xdel(STREAM, task.entry)
            pipe.execute()


@lru_cache(maxsize=2)
def stream_at(url: str) -> FactoryStream:
    """This process's client of the stream in the Redis at ``url``."""
    return FactoryStream(url)


class ReportError(Exception):
    """The shop did not take a report."""


class ShopAwayError(ReportError):
    """The shop takes no reports at all just now.

    Attributes:
        retry_after: seconds that it asks to be left alone.
    """

    def __init__(self, reason: str, retry_after: float = 0.0) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class ShopApi:
    """The shop as the factory sees it.

    Attributes:
        base_url: of the shop.
        key: an API key with the scopes ``orders.view_order`` and ``orders.change_order``.
    """

    base_url: str
    key: str

    def report_processed(self, order_id: UUID) -> None:
        """Tell the shop that an order is made. Saying it again changes nothing.

        Raises:
            ShopAwayError: no answer within ten seconds, or one that says to try again.
            ReportError: any other answer but 200.
        """
        with self._put(f"/api/v2/orders/{order_id}/status", b'{"status": "processed"}') as answer:
            if answer.status in _AWAY:
                raise ShopAwayError(f"status {answer.status}", _retry_after(answer))
            if answer.status != HTTPStatus.OK:
                raise ReportError(f"status {answer.status}")

    @contextmanager
    def _put(self, path: str, body: bytes) -> Iterator[HTTPResponse]:
        url = urlsplit(self.base_url)
        kind = HTTPSConnection if url.scheme == "https" else HTTPConnection
        connection = kind(url.hostname or "", url.port, timeout=_CONNECT_SECONDS)
        headers = {"Authorization": f"Api-Key {self.key}", "Content-Type": "application/json"}
        try:
            connection.connect()
            with _hung_up_after(_TOTAL_SECONDS, connection.sock):
                connection.request("PUT", url.path.rstrip("/") + path, body, headers)
                with connection.getresponse() as answer:
                    yield answer
        except (OSError, HTTPException) as error:
            raise ShopAwayError(type(error).__name__) from error
        finally:
            connection.close()


@contextmanager
def _hung_up_after(seconds: float, connected: socket.socket) -> Iterator[None]:
    """End a conversation that takes too long, also one whose every single byte comes in time."""

    def hang_up() -> None:
        with suppress(OSError):
            socket.socket.shutdown(connected, socket.SHUT_RDWR)

    connected.settimeout(seconds)
    timer = Timer(seconds, hang_up)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _retry_after(answer: HTTPResponse) -> float:
    text = answer.headers.get("Retry-After", "")
    return min(float(text), _LONGEST_RETRY_AFTER_SECONDS) if text.isascii() and text.isdecimal() else 0.0
