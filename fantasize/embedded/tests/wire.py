"""Upstreams, clients and a front in one event loop."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from fantasize.embedded.front import Front
from fantasize.embedded.upstream import Upstream

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def echo(name: str) -> Handler:
    """An upstream that answers each request with what it received, and keeps its connections open."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await reader.readuntil(b"\r\n\r\n"):
            length = next(
                (int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0
            )
            body = await reader.readexactly(length)
            answer = json.dumps({"upstream": name, "head": head.decode(), "body": body.decode()}).encode()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(answer), answer))

    return handle


def answering(answer: bytes) -> Handler:
    """An upstream that gives ``answer`` to whatever comes, then closes."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        writer.close()

    return handle


async def quiet(handler: Handler, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        await handler(reader, writer)
    except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
        pass
    finally:
        writer.close()


@asynccontextmanager
async def upstream(handler: Handler) -> AsyncIterator[Upstream]:
    server = await asyncio.start_server(lambda r, w: quiet(handler, r, w), "127.0.0.1", 0)
    try:
        yield Upstream("127.0.0.1", server.sockets[0].getsockname()[1])
    finally:
        server.close()


@asynccontextmanager
async def serving(front: Front) -> AsyncIterator[int]:
    listener = socket.create_server(("127.0.0.1", 0))
    stop = asyncio.Event()
    task = asyncio.create_task(front.serve([listener], stop))
    try:
        yield listener.getsockname()[1]
    finally:
        stop.set()
        await task


@asynccontextmanager
async def front_of(web: Handler, sockets: Handler | None = None, **options: object) -> AsyncIterator[int]:
    async with (
        upstream(web) as first,
        upstream(sockets or echo("sockets")) as second,
        serving(Front(first, second, **options)) as port,  # type: ignore[arg-type] # named by each test
    ):
        yield port


@asynccontextmanager
async def client(port: int) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


async def talk(port: int, data: bytes) -> bytes:
    """Everything that the front says to ``data`` before it closes or falls silent."""
    said = b""
    async with client(port) as (reader, writer):
        writer.write(data)
        with suppress(TimeoutError):
            async with asyncio.timeout(0.6):
                while piece := await reader.read(65536):
                    said += piece
    return said


async def ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> dict[str, str]:
    """One request on an open connection to an echo upstream, and what the upstream saw."""
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 "), head
    length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    seen: dict[str, str] = json.loads(await reader.readexactly(length))
    return seen


def get(path: str, *headers: str) -> bytes:
    return "\r\n".join([f"GET {path} HTTP/1.1", "Host: shop.test", *headers, "", ""]).encode()


def headers_of(seen: dict[str, str]) -> dict[str, str]:
    lines = (line.partition(": ") for line in seen["head"].split("\r\n")[1:] if line)
    return {name.lower(): value for name, _, value in lines}
