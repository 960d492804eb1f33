import asyncio
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from ipaddress import ip_network

import pytest
import websockets
from websockets.asyncio.server import ServerConnection

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


async def _quiet(handler: Handler, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        await handler(reader, writer)
    except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
        pass
    finally:
        writer.close()


@asynccontextmanager
async def upstream(handler: Handler) -> AsyncIterator[Upstream]:
    server = await asyncio.start_server(lambda r, w: _quiet(handler, r, w), "127.0.0.1", 0)
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


SPOOFED = (
    "X-Forwarded-For: 6.6.6.6",
    "X-Forwarded-Proto: https",
    "X-Forwarded-Host: evil.test",
    "X-Forwarded-Prefix: /x",
    "Forwarded: for=6.6.6.6",
    "X-Real-IP: 6.6.6.6",
    "X_Forwarded_For: 6.6.6.6",
    "Connection: keep-alive, X-Named",
    "X-Named: hop",
    "TE: trailers",
)


def test_a_client_cannot_speak_for_a_proxy() -> None:
    async def play() -> dict[str, str]:
        async with front_of(echo("web")) as port, client(port) as connection:
            return await ask(*connection, get("/", *SPOOFED, "X-Kept: yes"))

    seen = headers_of(asyncio.run(play()))
    assert seen == {
        "host": "shop.test",
        "x-kept": "yes",
        "x-forwarded-for": "127.0.0.1",
        "x-forwarded-proto": "http",
        "x-forwarded-host": "shop.test",
        "connection": "keep-alive",
    }


def test_a_trusted_proxy_speaks_for_its_clients() -> None:
    async def play() -> dict[str, str]:
        async with front_of(echo("web"), trusted=[ip_network("127.0.0.0/8")]) as port, client(port) as connection:
            return await ask(*connection, get("/", *SPOOFED))

    seen = headers_of(asyncio.run(play()))
    assert seen["x-forwarded-for"] == "6.6.6.6, 127.0.0.1"
    assert seen["x-forwarded-proto"] == "https"
    assert "x-real-ip" not in seen


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +3\r\n\r\nabc",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\nabc\n0\n\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        b"GET / HTTP/1.1\nHost: x\n\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n folded\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nA: b\0c\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/2.0\r\nHost: x\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"CONNECT db:5432 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET ftp://x/ HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET nowhere HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00",
    ],
)
def test_what_could_be_read_in_two_ways_is_refused(request_bytes: bytes) -> None:
    reached: list[bytes] = []

    async def record(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        reached.append(await reader.read(1))

    async def play() -> bytes:
        async with front_of(record) as port:
            return await talk(port, request_bytes + get("/smuggled"))

    said = asyncio.run(play())
    assert said.startswith(b"HTTP/1.1 400 ")
    assert said.count(b"Content-Type: ") == 1
    problem = json.loads(said.partition(b"\r\n\r\n")[2])
    assert (problem["status"], problem["code"], problem["success"]) == (400, "bad_request", False)
    assert b"application/problem+json" in said
    assert reached == []


def test_an_absolute_target_names_the_host() -> None:
    async def play() -> dict[str, str]:
        async with front_of(echo("web")) as port, client(port) as connection:
            request = b"GET http://other.test:81/p?q=1 HTTP/1.1\r\nHost: shop.test\r\n\r\n"
            return await ask(*connection, request)

    seen = asyncio.run(play())
    assert seen["head"].startswith("GET /p?q=1 HTTP/1.1\r\n")
    assert headers_of(seen)["host"] == "other.test:81"


def test_a_body_in_chunks_arrives_with_its_length_and_without_trailers() -> None:
    async def play() -> dict[str, str]:
        async with front_of(echo("web")) as port, client(port) as (reader, writer):
            chunks = b"3;x=y\r\nabc\r\n4\r\ndefg\r\n0\r\nX-Forwarded-For: 6.6.6.6\r\n\r\n"
            head = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
            seen = await ask(reader, writer, head + chunks)
            assert (await ask(reader, writer, get("/next")))["head"].startswith("GET /next")
            return seen

    seen = asyncio.run(play())
    assert seen["body"] == "abcdefg"
    assert headers_of(seen)["content-length"] == "7"
    assert "transfer-encoding" not in headers_of(seen)
    assert "6.6.6.6" not in seen["head"]


def test_a_wish_for_another_protocol_does_not_lose_the_body() -> None:
    async def play() -> list[dict[str, str]]:
        async with front_of(echo("web")) as port, client(port) as (reader, writer):
            wish = "Connection: Upgrade\r\nUpgrade: h2c\r\n"
            plain = f"POST /a HTTP/1.1\r\nHost: x\r\n{wish}Content-Length: 3\r\n\r\nabc".encode()
            chunked = (
                f"POST /b HTTP/1.1\r\nHost: x\r\n{wish}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n".encode()
            )
            bare = f"GET /c HTTP/1.1\r\nHost: x\r\n{wish}\r\n".encode()
            return [await ask(reader, writer, request) for request in (plain, chunked, bare, get("/d"))]

    seen = asyncio.run(play())
    assert [item["body"] for item in seen] == ["abc", "abc", "", ""]
    assert all("upgrade" not in headers_of(item) for item in seen)


def test_a_head_that_is_too_large_is_refused() -> None:
    async def play() -> bytes:
        async with front_of(echo("web")) as port:
            return await talk(port, b"GET / HTTP/1.1\r\nHost: x\r\nA: " + b"a" * 200_000)

    said = asyncio.run(play())
    assert said.startswith(b"HTTP/1.1 431 ")


def test_a_head_that_dribbles_is_cut_off() -> None:
    async def play() -> bytes:
        async with front_of(echo("web"), head_seconds=0.2) as port:
            return await talk(port, b"GET / HTTP/1.1\r\nHost:")

    assert asyncio.run(play()).startswith(b"HTTP/1.1 408 ")


def test_an_idle_connection_is_closed_silently() -> None:
    async def play() -> bytes:
        async with front_of(echo("web"), idle_seconds=0.1) as port, client(port) as (reader, _):
            async with asyncio.timeout(2):
                return await reader.read()

    assert asyncio.run(play()) == b""


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n", b"2\r\nhi\r\n0\r\n\r\n"),
        (b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nuntil the end", b"d\r\nuntil the end\r\n0\r\n\r\n"),
        (b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", b"\r\n\r\nhi"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", b"204 No Content\r\n\r\n"),
        (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\nETag: x\r\n\r\n", b"Content-Length: 9\r\n\r\n"),
    ],
)
def test_every_framing_of_an_answer_is_relayed(answer: bytes, said: bytes) -> None:
    async def play() -> bytes:
        async with front_of(answering(answer)) as port:
            return await talk(port, get("/"))

    assert asyncio.run(play()).endswith(said)


def test_an_old_client_gets_an_answer_that_ends_with_the_connection() -> None:
    answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"

    async def play() -> bytes:
        async with front_of(answering(answer)) as port:
            return await talk(port, b"GET / HTTP/1.0\r\n\r\n")

    said = asyncio.run(play())
    assert said.endswith(b"Connection: close\r\n\r\nhi")


def test_a_truncated_answer_looks_truncated() -> None:
    async def play() -> bytes:
        async with front_of(answering(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")) as port:
            try:
                return await talk(port, get("/") + get("/next"))
            except ConnectionResetError:
                return b""

    said = asyncio.run(play())
    assert said.count(b"HTTP/1.1") <= 1
    assert not said.endswith(b"half" + b"\0" * 6)


def test_head_has_no_body_and_the_connection_lives_on() -> None:
    async def play() -> bytes:
        async with front_of(answering(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")) as port:
            return await talk(port, b"HEAD / HTTP/1.1\r\nHost: x\r\n\r\n" * 2)

    assert asyncio.run(play()).count(b"Content-Length: 5\r\n\r\n") == 2


def test_a_large_body_streams_both_ways() -> None:
    size = 8_000_000

    async def mirror(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
        left = size
        while left:
            piece = await reader.read(65536)
            left -= len(piece)
            writer.write(piece)
            await writer.drain()

    async def play() -> int:
        async with front_of(mirror) as port, client(port) as (reader, writer):
            writer.write(b"PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % size)
            sending = asyncio.create_task(asyncio.to_thread(bytes, size))
            writer.write(await sending)
            await reader.readuntil(b"\r\n\r\n")
            return len(await reader.readexactly(size))

    assert asyncio.run(play()) == size


def test_an_early_refusal_reaches_a_client_that_still_sends() -> None:
    refusal = b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"

    async def play() -> bytes:
        async with front_of(answering(refusal)) as port:
            body = b"x" * 1_000_000
            return await talk(port, b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))

    assert asyncio.run(play()).startswith(b"HTTP/1.1 413 ")


def test_expect_continue_is_answered_before_the_body() -> None:
    async def play() -> tuple[bytes, dict[str, str]]:
        async with front_of(echo("web")) as port, client(port) as (reader, writer):
            writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
            interim = await reader.readuntil(b"\r\n\r\n")
            return interim, await ask(reader, writer, b"hi")

    interim, seen = asyncio.run(play())
    assert interim == b"HTTP/1.1 100 Continue\r\n\r\n"
    assert seen["body"] == "hi"


def test_an_upstream_that_is_away_for_a_moment_is_not_noticed() -> None:
    async def play() -> dict[str, str]:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
        away = Upstream("127.0.0.1", port)
        async with serving(Front(away, away)) as public, client(public) as (reader, writer):
            asking = asyncio.create_task(ask(reader, writer, get("/")))
            await asyncio.sleep(0.2)
            server = await asyncio.start_server(lambda r, w: _quiet(echo("back"), r, w), "127.0.0.1", port)
            seen = await asking
            server.close()
            return seen

    assert asyncio.run(play())["upstream"] == "back"


def test_an_upstream_that_stays_away_is_said() -> None:
    async def play() -> bytes:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
        away = Upstream("127.0.0.1", port, patience=0.1)
        async with serving(Front(away, away)) as public:
            request_id = "8b6dd5b2-9d3f-4d43-9d55-0d6ac1c4b1aa"
            return await talk(public, get("/", f"X-Request-ID: {request_id}"))

    said = asyncio.run(play())
    assert said.startswith(b"HTTP/1.1 503 ")
    assert b"Retry-After: 2\r\n" in said
    problem = json.loads(said.partition(b"\r\n\r\n")[2])
    assert problem["instance"] == "urn:uuid:8b6dd5b2-9d3f-4d43-9d55-0d6ac1c4b1aa"
    assert (problem["code"], problem["retry_after"]) == ("unavailable", 2)


def test_a_safe_request_is_repeated_and_an_unsafe_one_never() -> None:
    calls: list[bytes] = []

    async def dies_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        calls.append(head.split(b" ")[0])
        if len(calls) != 2:
            writer.transport.abort()
        else:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    async def play() -> list[bytes]:
        async with front_of(dies_once) as port:
            got = await talk(port, get("/"))
            posted = await talk(port, b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
            return [got[:12], posted[:12]]

    assert asyncio.run(play()) == [b"HTTP/1.1 200", b"HTTP/1.1 502"]
    assert calls == [b"GET", b"GET", b"POST"]


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
