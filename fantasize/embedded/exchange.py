"""One request, from its head to the end of its answer."""

import asyncio
import contextlib
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import IO

from fantasize.embedded.forwarding import Peer, request_bytes, response_bytes, upgrade_bytes
from fantasize.embedded.http1 import BadMessageError, ClosedError, Head, Header, MessageStream
from fantasize.embedded.upstream import Connection, Upstream

_SAFE = frozenset({b"GET", b"HEAD", b"OPTIONS"})
_BODYLESS = frozenset({204, 304})
# A WSGI application needs a length, so a body in chunks is gathered first; only small ones come so.
_CHUNKED_LIMIT = 16 * 1024 * 1024
# Any other body that the shop may take is gathered too, so that no client holds a thread of the web by dribbling. What
# says that it is larger is passed on as it comes: the shop refuses it by its head.
_GATHERED_LIMIT = 128 * 1024 * 1024
_IN_MEMORY = 256 * 1024
_PIECE = 64 * 1024
_CLIENT_SECONDS = 30
_ANSWER_SECONDS = 120
_LINGER_SECONDS = 2


class BrokenUpstreamError(Exception):
    """The upstream went away, or spoke nonsense, before it answered."""


class TooLargeError(Exception):
    """A body in chunks exceeds what the front gathers."""


@dataclass(slots=True)
class Exchange:
    """Forwards one request and relays its answer.

    Attributes:
        request: its checked head.
        stream: where its body comes from.
        writer: where the answer goes.
        peer: who asks.
        upstream: who answers.
        has_answered: whether the client has received any part of an answer.
    """

    request: Head
    stream: MessageStream
    writer: asyncio.StreamWriter
    peer: Peer
    upstream: Upstream
    has_answered: bool = False
    _gathered: IO[bytes] | None = None
    _length: int = 0
    _is_body_read: bool = False
    _sending: "asyncio.Task[None] | None" = None

    async def run(self, *, keep_alive: bool) -> bool:
        """Forward and relay; whether the client's connection can be used again.

        Raises:
            UnavailableError: when nothing accepts the request in time.
            BrokenUpstreamError: when the upstream dies before it answers.
            TooLargeError, BadMessageError, ClosedError, TimeoutError: when the client's body cannot be taken.
        """
        if self.request.is_websocket:
            return await self._tunnel()
        try:
            await self._take_body()
            connection, answer, responses = await self._ask_until_answered()
            is_complete = await self._relay_and_release(connection, answer, responses, keep_alive=keep_alive)
        finally:
            await self._stop_sending()
            if self._gathered:
                self._gathered.close()
        return keep_alive and is_complete and self._is_body_read

    async def _relay_and_release(
        self, connection: Connection, answer: Head, responses: MessageStream, *, keep_alive: bool
    ) -> bool:
        is_reusable = False
        try:
            is_complete = await self._relay(answer, responses, keep_alive=keep_alive)
            if self._sending:
                # Read what the upstream did not want of the body, or the client would not see the answer.
                await asyncio.wait({self._sending}, timeout=_LINGER_SECONDS)
            is_reusable = is_complete and answer.keep_alive and self._is_body_read and self.request.method != b"HEAD"
        finally:
            if is_reusable:
                self.upstream.keep(connection)
            else:
                connection.close()
        return is_complete

    async def _take_body(self) -> None:
        if self.request.has_body and b"100-continue" in [value.lower() for value in self.request.values(b"expect")]:
            self.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        if not self.request.has_body:
            self._is_body_read = not await self.stream.read_piece()
        elif self.request.is_chunked or (self.request.content_length or 0) <= _GATHERED_LIMIT:
            await self._gather()

    async def _gather(self) -> None:
        """Take the whole body, on disk if it is large."""
        self._gathered = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - ``run`` closes it
        while piece := await self._read_body():
            self._length += self._gathered.write(piece)
            if self.request.is_chunked and self._length > _CHUNKED_LIMIT:
                raise TooLargeError
        self._gathered.seek(0)

    async def _read_body(self) -> bytes:
        async with asyncio.timeout(_CLIENT_SECONDS):
            piece = await self.stream.read_piece()
        self._is_body_read = not piece
        return piece

    async def _ask_until_answered(self) -> tuple[Connection, Head, MessageStream]:
        """Ask; a safe request once more per broken connection, until the upstream's patience is used up."""
        is_safe = self.request.method in _SAFE and not self.request.has_body
        deadline = asyncio.get_running_loop().time() + self.upstream.patience
        while True:
            connection = await self.upstream.connect(may_reuse=is_safe)
            try:
                return (connection, *await self._ask(connection))
            except (ConnectionError, BrokenUpstreamError):
                connection.close()
                if not is_safe or asyncio.get_running_loop().time() > deadline:
                    raise BrokenUpstreamError from None
            except BaseException:
                connection.close()
                raise

    async def _ask(self, connection: Connection) -> tuple[Head, MessageStream]:
        length = self._length if self._gathered else self.request.content_length
        head = request_bytes(self.request, self.peer, length)
        responses = connection.responses()
        if self._is_body_read and not self._length:
            connection.writer.write(head)
            return await _final_head(responses), responses
        return await self._ask_with_body(connection, head, responses), responses

    async def _ask_with_body(self, connection: Connection, head: bytes, responses: MessageStream) -> Head:
        """Send the body while waiting for the answer, which may come before its end."""
        answer = asyncio.create_task(_final_head(responses))
        self._sending = asyncio.create_task(self._send_body(connection, head))
        try:
            await asyncio.wait({answer, self._sending}, return_when=asyncio.FIRST_COMPLETED)
            if self._sending.done():
                await self._sending
            return await answer
        finally:
            answer.cancel()
            await asyncio.gather(answer, return_exceptions=True)

    async def _stop_sending(self) -> None:
        if self._sending:
            self._sending.cancel()
            await asyncio.gather(self._sending, return_exceptions=True)

    async def _send_body(self, connection: Connection, head: bytes) -> None:
        piece = head
        while piece:
            # An upstream that no longer listens may still have answered: that is for the other task to find out.
            with contextlib.suppress(ConnectionError):
                await connection.send(piece)
            piece = self._gathered.read(_PIECE) if self._gathered else await self._next_piece()

    async def _next_piece(self) -> bytes:
        return b"" if self._is_body_read else await self._read_body()

    async def _relay(self, answer: Head, responses: MessageStream, *, keep_alive: bool) -> bool:
        """Send the answer to the client; whether it was complete and its end is clear to the client."""
        is_bodyless = self.request.method == b"HEAD" or answer.status in _BODYLESS
        is_chunked = not is_bodyless and answer.content_length is None and self.request.version == "1.1"
        is_delimited = is_bodyless or is_chunked or answer.content_length is not None
        head = response_bytes(answer, framing=self._framing(answer, is_chunked, keep_alive and is_delimited))
        self.has_answered = True
        if is_bodyless:
            self.writer.write(head)
        else:
            await self._relay_body(head, answer, responses, is_chunked=is_chunked)
        await self._flush()
        return is_delimited

    def _framing(self, answer: Head, is_chunked: bool, keep_alive: bool) -> list[Header]:  # noqa: FBT001 - two local facts
        framing: list[Header] = []
        if answer.content_length is not None and answer.status != 204:  # noqa: PLR2004 - No Content
            framing.append((b"Content-Length", b"%d" % answer.content_length))
        if is_chunked:
            framing.append((b"Transfer-Encoding", b"chunked"))
        if not keep_alive:
            framing.append((b"Connection", b"close"))
        elif self.request.version == "1.0":
            framing.append((b"Connection", b"keep-alive"))
        return framing

    async def _relay_body(self, head: bytes, answer: Head, responses: MessageStream, *, is_chunked: bool) -> None:
        pending = head
        try:
            while piece := await responses.read_piece():
                pending += b"%x\r\n%s\r\n" % (len(piece), piece) if is_chunked else piece
                if not responses.has_more:
                    self.writer.write(pending)
                    pending = b""
                    await self._flush()
        except ClosedError:
            # Only an answer without any framing ends with its connection; any other is cut short, and must look so.
            if answer.content_length is not None or answer.is_chunked:
                self.writer.transport.abort()
                raise
        self.writer.write(pending + (b"0\r\n\r\n" if is_chunked else b""))

    async def _flush(self) -> None:
        async with asyncio.timeout(_CLIENT_SECONDS):
            await self.writer.drain()

    async def _tunnel(self) -> bool:
        """Pass a WebSocket through; any other answer than 101 is relayed and ends the connection."""
        await self._take_body()
        connection = await self.upstream.connect(may_reuse=False)
        try:
            connection.writer.write(request_bytes(self.request, self.peer, None))
            responses = connection.responses()
            answer = await _final_head(responses, may_switch=True)
            if answer.is_upgrade:
                self.has_answered = True
                self.writer.write(upgrade_bytes(answer))
                await self._pass_through(connection, responses)
            else:
                await self._relay(answer, responses, keep_alive=False)
        except ConnectionError:
            raise BrokenUpstreamError from None
        finally:
            connection.writer.close()
        return False

    async def _pass_through(self, connection: Connection, responses: MessageStream) -> None:
        """Copy both ways until either side closes."""
        ways = {
            asyncio.create_task(_copy(self.stream, connection.writer)),
            asyncio.create_task(_copy(responses, self.writer)),
        }
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)


async def _copy(source: MessageStream, target: asyncio.StreamWriter) -> None:
    while data := await source.read_raw():
        target.write(data)
        await target.drain()


async def _final_head(responses: MessageStream, *, may_switch: bool = False) -> Head:
    """The first head that is not an interim answer."""
    try:
        async with asyncio.timeout(_ANSWER_SECONDS):
            head = await responses.read_head()
            while 100 <= head.status < 200 and not head.is_upgrade:  # noqa: PLR2004 - interim answers
                await responses.read_piece()
                head = await responses.read_head()
    except (BadMessageError, ClosedError, TimeoutError):
        raise BrokenUpstreamError from None
    if head.is_upgrade and not may_switch:
        raise BrokenUpstreamError
    return head
