"""HTTP/1.1 messages read strictly from a stream: heads, body pieces, and exactly where each message ends."""

import asyncio
from collections import deque
from dataclasses import dataclass, field

import httptools

HEAD_LIMIT = 64 * 1024
_PIECE = 64 * 1024
_END = b""

Header = tuple[bytes, bytes]


class BadMessageError(Exception):
    """The peer does not speak HTTP/1.1 as the RFC says; nothing after this point can be trusted.

    Attributes:
        status: 400, or 431 when the head is too large.
    """

    def __init__(self, detail: str, status: int = 400) -> None:
        super().__init__(detail)
        self.status = status


class ClosedError(Exception):
    """The peer closed the connection before the message was complete."""


@dataclass(slots=True)
class Head:
    """The start line and headers of a request or a response.

    Attributes:
        method: of a request; empty for a response.
        target: of a request, as sent; the reason phrase of a response.
        status: of a response; 0 for a request.
        version: ``1.0`` or ``1.1``.
        keep_alive: whether the sender lets the connection live on.
        is_upgrade: whether the bytes after the head belong to another protocol.
    """

    method: bytes = b""
    target: bytes = b""
    status: int = 0
    version: str = ""
    headers: list[Header] = field(default_factory=list)
    keep_alive: bool = False
    is_upgrade: bool = False

    def values(self, name: bytes) -> list[bytes]:
        """Every value of the header ``name`` (lower case), in order."""
        return [value for key, value in self.headers if key.lower() == name]

    @property
    def content_length(self) -> int | None:
        """The declared length; the parser has refused doubtful ones."""
        values = self.values(b"content-length")
        return int(values[0]) if values else None

    @property
    def is_chunked(self) -> bool:
        """Whether the body comes in chunks."""
        return bool(self.values(b"transfer-encoding"))

    @property
    def is_websocket(self) -> bool:
        """Whether a request asks for a WebSocket."""
        names = [value.lower() for value in self.values(b"upgrade")]
        return self.is_upgrade and self.method == b"GET" and names == [b"websocket"] and not self.has_body

    @property
    def has_body(self) -> bool:
        """Whether a request announces a body."""
        return self.is_chunked or bool(self.content_length)


class _Events:
    """The parser's callbacks: they only append to a queue, so that a caller can read at its own pace."""

    def __init__(self) -> None:
        self.queue: deque[Head | bytes | BadMessageError] = deque()
        self.parser: httptools.HttpRequestParser | httptools.HttpResponseParser
        self.is_muted = False
        self.is_in_head = False
        self.is_resumed = False
        self._head = Head()

    def on_message_begin(self) -> None:
        self.is_in_head = True
        self._head = Head()

    def on_url(self, piece: bytes) -> None:
        self._head.target += piece

    on_status = on_url

    def on_header(self, name: bytes, value: bytes) -> None:
        if self.is_in_head:  # trailers come later and are dropped
            self._head.headers.append((name, value))

    def on_headers_complete(self) -> None:
        self.is_in_head = False
        head, parser = self._head, self.parser
        head.version, head.keep_alive = parser.get_http_version(), parser.should_keep_alive()
        head.is_upgrade = parser.should_upgrade()
        if isinstance(parser, httptools.HttpRequestParser):
            head.method = parser.get_method()
            # The parser would skip the body of a request that asks for another protocol; ours is read as usual.
            self.is_resumed = head.is_upgrade and not head.is_websocket
        else:
            head.status = parser.get_status_code()
        if not self.is_muted:
            self.queue.append(head)

    def on_body(self, piece: bytes) -> None:
        self.queue.append(piece)

    def on_message_complete(self) -> None:
        if not self.is_resumed:
            self.queue.append(_END)


class MessageStream:
    """The messages that arrive on one connection, in order."""

    def __init__(self, reader: asyncio.StreamReader, *, is_client: bool) -> None:
        """Read requests when the peer is a client, else responses."""
        self._reader = reader
        self._parser_class = httptools.HttpRequestParser if is_client else httptools.HttpResponseParser
        self._events = _Events()
        self._head_bytes = 0
        self._rest = b""
        self._new_parser()

    def _new_parser(self) -> None:
        self._events.parser = self._parser_class(self._events)

    @property
    def has_more(self) -> bool:
        """Whether the next piece is already here."""
        return bool(self._events.queue)

    @property
    def is_idle(self) -> bool:
        """Whether nothing of a next message has arrived."""
        return not self._events.queue and not self._events.is_in_head

    async def wait_begun(self) -> None:
        """Wait for the first byte of the next message.

        Raises:
            ClosedError: when the peer closes instead.
        """
        while self.is_idle:
            await self._fill()

    async def read_head(self) -> Head:
        """The next message's head.

        Raises:
            BadMessageError: when it is malformed or too large.
            ClosedError: when the peer closes before its end.
        """
        head = await self._next()
        if not isinstance(head, Head):
            raise BadMessageError("Unexpected data before a message.")
        return head

    async def read_piece(self) -> bytes:
        """The next piece of the current body; empty at its end. Raises as :meth:`read_head`."""
        piece = await self._next()
        if isinstance(piece, Head):
            raise BadMessageError("A message began inside another.")
        return piece

    async def read_raw(self) -> bytes:
        """Bytes of the protocol that the connection was upgraded to; empty when the peer has closed."""
        if self._rest:
            rest, self._rest = self._rest, b""
            return rest
        return await self._reader.read(_PIECE)

    async def _next(self) -> Head | bytes:
        while not self._events.queue:
            await self._fill()
        event = self._events.queue.popleft()
        if isinstance(event, BadMessageError):
            raise event
        return event

    async def _fill(self) -> None:
        data = await self.read_raw()
        if not data:
            raise ClosedError
        self._feed(data)
        self._head_bytes = self._head_bytes + len(data) if self._events.is_in_head else 0
        if self._head_bytes > HEAD_LIMIT:
            self._events.queue.append(BadMessageError("The request's head is too large.", 431))

    def _feed(self, data: bytes) -> None:
        try:
            self._events.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._rest = data[upgrade.args[0] :]
            if self._events.is_resumed:
                self._resume_body()
        except httptools.HttpParserError as error:
            self._events.queue.append(BadMessageError(f"{error}."))

    def _resume_body(self) -> None:
        """Read on with a parser that has seen the same head without its wish for another protocol."""
        head = next(event for event in reversed(self._events.queue) if isinstance(event, Head))
        framing = b"".join(
            b"%s: %s\r\n" % header
            for header in head.headers
            if header[0].lower() in {b"content-length", b"transfer-encoding"}
        )
        self._new_parser()
        self._events.is_muted, self._events.is_resumed = True, False
        rest, self._rest = self._rest, b""
        self._feed(b"POST / HTTP/1.1\r\n%s\r\n" % framing)
        self._events.is_muted = False
        if rest:
            self._feed(rest)
