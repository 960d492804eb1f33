"""The one public port: sends sockets to their process and everything else to web. Holds no state of the shop.

``python -m fantasize.embedded.front --fd N --web HOST:PORT --sockets HOST:PORT`` serves the listening sockets that
it inherits, so that a front that was killed loses no connection that was not yet accepted.
"""

import argparse
import asyncio
import contextlib
import ipaddress
import resource
import signal
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field

from fantasize.embedded.exchange import BrokenUpstreamError, Exchange, TooLargeError
from fantasize.embedded.forwarding import Network, Peer, check_request
from fantasize.embedded.http1 import BadMessageError, ClosedError, Head, MessageStream
from fantasize.embedded.problems import problem_response
from fantasize.embedded.upstream import UnavailableError, Upstream

SOCKET_PREFIXES = (b"/ws", b"/socket.io")

_LINGER_SECONDS = 1
_RETRY_AFTER_SECONDS = 2


@dataclass(slots=True)
class Front:
    """Routes, and how patient the front is.

    Attributes:
        web: serves everything that no prefix claims.
        sockets: serves ``SOCKET_PREFIXES``.
        trusted: proxies before this one, which may speak for their clients.
        idle_seconds: how long a client may keep a connection without asking anything.
        head_seconds: how long a request's head may take from its first byte.
        drain_seconds: how long requests in flight and open sockets may take to end when told to stop.
    """

    web: Upstream
    sockets: Upstream
    trusted: list[Network] = field(default_factory=list)
    idle_seconds: float = 75
    head_seconds: float = 10
    drain_seconds: float = 8
    is_draining: bool = False
    _idle: set["asyncio.Task[None]"] = field(default_factory=set)
    _busy: set["asyncio.Task[None]"] = field(default_factory=set)

    def route(self, head: Head) -> Upstream:
        """The upstream whose path this is."""
        path = head.target.partition(b"?")[0]
        is_socket = any(path == prefix or path.startswith(prefix + b"/") for prefix in SOCKET_PREFIXES)
        return self.sockets if is_socket else self.web

    async def serve(self, listeners: list[socket.socket], stop: asyncio.Event) -> None:
        """Accept on ``listeners`` until ``stop``; then let what is in flight end."""
        servers = [await asyncio.start_server(self._accept, sock=listener, backlog=1024) for listener in listeners]
        await stop.wait()
        self.is_draining = True
        for server in servers:
            server.close()
        for task in self._idle:
            task.cancel()
        if self._busy:
            await asyncio.wait(self._busy, timeout=self.drain_seconds)
        self.web.close()
        self.sockets.close()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = _ClientConnection(self, MessageStream(reader, is_client=True), writer)
        try:
            with contextlib.suppress(ClosedError, ConnectionError, TimeoutError, asyncio.CancelledError):
                await connection.converse()
        except RuntimeError:
            # What uvloop says of writing to a client that has gone.
            if not writer.is_closing():
                raise
        finally:
            writer.close()

    @contextlib.contextmanager
    def waiting(self) -> Iterator[None]:
        """Mark the current connection as one that may be closed at any time."""
        with _member(self._idle):
            yield

    @contextlib.contextmanager
    def working(self) -> Iterator[None]:
        """Mark the current connection as one with a request in flight."""
        with _member(self._busy):
            yield


@contextlib.contextmanager
def _member(group: set["asyncio.Task[None]"]) -> Iterator[None]:
    task = asyncio.current_task()
    if task:
        group.add(task)
    try:
        yield
    finally:
        group.discard(task)


@dataclass(slots=True)
class _ClientConnection:
    """The requests of one client connection, answered one after another."""

    front: Front
    stream: MessageStream
    writer: asyncio.StreamWriter

    async def converse(self) -> None:
        keep_alive = True
        while keep_alive and not self.front.is_draining:
            with self.front.waiting():
                async with asyncio.timeout(self.front.idle_seconds):
                    await self.stream.wait_begun()
            with self.front.working():
                keep_alive = await self._answer_next()

    async def _answer_next(self) -> bool:
        try:
            async with asyncio.timeout(self.front.head_seconds):
                request = await self.stream.read_head()
            check_request(request)
        except BadMessageError as error:
            return await self._refuse(problem_response(error.status, str(error)))
        except TimeoutError:
            return await self._refuse(problem_response(408, "The request's head took too long."))
        return await self._answer(request)

    async def _answer(self, request: Head) -> bool:
        peer = Peer.of(self.writer.get_extra_info("peername")[0], self.front.trusted)
        exchange = Exchange(request, self.stream, self.writer, peer, self.front.route(request))
        try:
            return await exchange.run(keep_alive=request.keep_alive and not self.front.is_draining)
        except UnavailableError:
            problem = problem_response(
                503, "This part of the shop is starting.", request=request, retry_after=_RETRY_AFTER_SECONDS
            )
        except BrokenUpstreamError:
            problem = problem_response(
                502,
                "This part of the shop stopped before it answered.",
                request=request,
                retry_after=_RETRY_AFTER_SECONDS,
            )
        except TooLargeError:
            problem = problem_response(413, "The body is too large.", request=request)
        except BadMessageError as error:
            problem = problem_response(error.status, str(error), request=request)
        except TimeoutError:
            problem = problem_response(408, "The body took too long.", request=request)
        return False if exchange.has_answered else await self._refuse(problem)

    async def _refuse(self, problem: bytes) -> bool:
        """Answer, and read on for a moment: unread data would reset the connection before the client sees it."""
        self.writer.write(problem)
        await self.writer.drain()
        self.writer.write_eof()
        async with asyncio.timeout(_LINGER_SECONDS):
            while await self.stream.read_raw():
                pass
        return False


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="The one-port front of bin/serve.")
    parser.add_argument("--fd", type=int, action="append", required=True, help="inherited listening socket")
    parser.add_argument("--web", type=Upstream.parse, required=True, help="HOST:PORT of the web process")
    parser.add_argument("--sockets", type=Upstream.parse, required=True, help="HOST:PORT of the socket process")
    parser.add_argument("--trusted", default="", help="proxies before this one, comma-separated networks")
    return parser.parse_args()


def parse_networks(text: str) -> list[Network]:
    """Comma-separated addresses and networks."""
    return [ipaddress.ip_network(part.strip(), strict=False) for part in text.split(",") if part.strip()]


def _raise_open_files() -> None:
    """One socket needs two descriptors here."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


async def _main(arguments: argparse.Namespace) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    front = Front(arguments.web, arguments.sockets, parse_networks(arguments.trusted))
    await front.serve([socket.socket(fileno=fd) for fd in arguments.fd], stop)


def run() -> None:
    """Serve with uvloop where it exists."""
    _raise_open_files()
    arguments = _arguments()
    try:
        import uvloop  # noqa: PLC0415 - optional
    except ImportError:
        asyncio.run(_main(arguments))
    else:
        uvloop.run(_main(arguments))


if __name__ == "__main__":
    run()
