"""Connections from the front to the processes behind it, patient while one of them restarts."""

import asyncio
import contextlib
import os
import socket
from dataclasses import dataclass, field

from fantasize.embedded.http1 import MessageStream

_MAX_IDLE = 64
_RETRY_SECONDS = 0.05


class UnavailableError(Exception):
    """Nothing accepted a connection in time."""


@dataclass(slots=True)
class Connection:
    """One connection to an upstream; ``is_reused`` means that it may have been closed meanwhile."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    is_reused: bool = False
    _sender: socket.socket | None = None

    async def send(self, data: bytes) -> None:
        """Send, waiting while the upstream is busy.

        It goes past the transport, which would forget an answer already received when a write fails: an upstream may
        well answer and hang up before it has read everything.
        """
        if self._sender is None:
            self._sender = socket.socket(fileno=os.dup(self.writer.get_extra_info("socket").fileno()))
            self._sender.setblocking(False)
        await asyncio.get_running_loop().sock_sendall(self._sender, data)

    def responses(self) -> MessageStream:
        """A fresh parser for the next response."""
        return MessageStream(self.reader, is_client=False)

    def close(self) -> None:
        """Close without waiting."""
        if self._sender:
            self._sender.close()
        with contextlib.suppress(Exception):
            self.writer.transport.abort()


@dataclass(slots=True)
class Upstream:
    """A process that speaks HTTP on a private address."""

    host: str
    port: int
    patience: float = 20.0
    _idle: list[Connection] = field(default_factory=list)

    @classmethod
    def parse(cls, address: str) -> "Upstream":
        """From ``host:port``."""
        host, _, port = address.rpartition(":")
        return cls(host, int(port))

    async def connect(self, *, may_reuse: bool) -> Connection:
        """A connection, kept from before if allowed, else a new one.

        Raises:
            UnavailableError: when nothing accepts within ``patience`` seconds.
        """
        while may_reuse and self._idle:
            connection = self._idle.pop()
            if not connection.reader.at_eof() and not connection.writer.is_closing():
                connection.is_reused = True
                return connection
            connection.close()
        return Connection(*await self._open())

    async def _open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        deadline = asyncio.get_running_loop().time() + self.patience
        while True:
            try:
                return await asyncio.open_connection(self.host, self.port)
            except OSError:
                if asyncio.get_running_loop().time() > deadline:
                    raise UnavailableError from None
                await asyncio.sleep(_RETRY_SECONDS)

    def keep(self, connection: Connection) -> None:
        """Keep a connection whose last response is complete for the next request."""
        if len(self._idle) < _MAX_IDLE:
            self._idle.append(connection)
        else:
            connection.close()

    def close(self) -> None:
        """Close what is kept."""
        while self._idle:
            self._idle.pop().close()
