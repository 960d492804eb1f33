import asyncio
import socket
from contextlib import AsyncExitStack
from struct import pack

import pytest
import uvloop
import websockets
from websockets.asyncio.server import ServerConnection

from fantasize.embedded.front import Front
from fantasize.embedded.tests.wire import (
    ask,
    client,
    echo,
    front_of,
    get,
    serving,
    talk,
    upstream,
)
from fantasize.embedded.upstream import Upstream


def test_one_connection_reaches_both_upstreams() -> None:
    async def play() -> list[str]:
        async with front_of(echo("web")) as port, client(port) as (reader, writer):
            paths = ["/api/products", "/ws/", "/wsx", "/socket.io/?EIO=4", "/", "/ws?x=1", "/socket.iox/", "/%77s/"]
            return [(await ask(reader, writer, get(path)))["upstream"] for path in paths]

    assert asyncio.run(play()) == ["web", "sockets", "web", "sockets", "web", "sockets", "web", "web"]


def test_pipelined_requests_are_answered_in_order() -> None:
    async def play() -> bytes:
        async with front_of(echo("web")) as port:
            post = b"POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"
            return await talk(port, get("/a") + post + get("/ws/c") + get("/d", "Connection: close"))

    said = asyncio.run(play())
    assert [said.index(part) for part in (b"GET /a", b"POST /b", b"GET /ws/c", b"GET /d")] == sorted(
        said.index(part) for part in (b"GET /a", b"POST /b", b"GET /ws/c", b"GET /d")
    )
    assert b'"body": "hello"' in said


def test_a_head_that_dribbles_is_cut_off() -> None:
    async def play() -> bytes:
        async with front_of(echo("web"), head_seconds=0.2) as port:
            return await talk(port, b"GET / HTTP/1.1\r\nHost:")

    assert asyncio.run(play()).startswith(b"HTTP/1.1 408 ")


def test_a_client_that_has_gone_is_no_fault() -> None:
    complaints: list[object] = []

    async def late(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await asyncio.sleep(0.1)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")

    async def play() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, facts: complaints.append(facts))
        async with front_of(late) as port:
            async with client(port) as (_, writer):
                writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, pack("ii", 1, 0))
                writer.write(get("/"))
                await writer.drain()
                await asyncio.sleep(0.02)
            await asyncio.sleep(0.2)

    uvloop.run(play())
    assert complaints == []


def test_an_idle_connection_is_closed_silently() -> None:
    async def play() -> bytes:
        async with front_of(echo("web"), idle_seconds=0.1) as port, client(port) as (reader, _):
            async with asyncio.timeout(2):
                return await reader.read()

    assert asyncio.run(play()) == b""


def test_a_websocket_passes_through_and_keeps_its_close_code() -> None:
    async def greet(connection: ServerConnection) -> None:
        await connection.send(f"hello {await connection.recv()!r}")
        await connection.send("x" * 500_000)
        await connection.close(1012)

    async def play() -> tuple[str, int, int]:
        async with websockets.serve(greet, "127.0.0.1", 0) as server:
            sockets = Upstream("127.0.0.1", next(iter(server.sockets)).getsockname()[1])
            async with (
                serving(Front(sockets, sockets)) as port,
                websockets.connect(f"ws://127.0.0.1:{port}/ws/") as client,
            ):
                await client.send("you")
                greeting, large = str(await client.recv()), len(await client.recv())
                await client.wait_closed()
                return greeting, large, client.close_code or 0

    assert asyncio.run(play()) == ("hello 'you'", 500_000, 1012)


def test_told_to_stop_it_finishes_what_is_in_flight_and_accepts_no_more() -> None:
    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await asyncio.sleep(0.3)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndone")

    async def play() -> tuple[bytes, bytes]:
        async with upstream(slow) as web, AsyncExitStack() as clients:
            async with serving(Front(web, web)) as port:
                idle, _ = await clients.enter_async_context(client(port))
                reader, writer = await clients.enter_async_context(client(port))
                writer.write(get("/"))
                await asyncio.sleep(0.1)
            with pytest.raises(ConnectionRefusedError):
                await asyncio.open_connection("127.0.0.1", port)
            return await reader.read(), await idle.read()

    answer, idle = asyncio.run(play())
    assert answer.endswith(b"done")
    assert idle == b""
