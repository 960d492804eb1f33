import asyncio
import json
import socket
from contextlib import suppress

import pytest

from fantasize.embedded.exchange import _GATHERED_LIMIT
from fantasize.embedded.front import Front
from fantasize.embedded.tests.wire import (
    answering,
    ask,
    client,
    echo,
    front_of,
    get,
    quiet,
    serving,
    talk,
)
from fantasize.embedded.upstream import Upstream


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
            with suppress(ConnectionResetError):
                return await talk(port, get("/") + get("/next"))
            return b""

    assert asyncio.run(play()).partition(b"\r\n\r\n")[2] in {b"", b"half"}


def test_head_has_no_body_and_the_connection_lives_on() -> None:
    async def play() -> bytes:
        async with front_of(answering(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")) as port:
            return await talk(port, b"HEAD / HTTP/1.1\r\nHost: x\r\n\r\n" * 2)

    assert asyncio.run(play()).count(b"Content-Length: 5\r\n\r\n") == 2


async def send(writer: asyncio.StreamWriter, size: int) -> None:
    while size:
        piece = bytes(min(size, 1 << 20))
        size -= len(piece)
        writer.write(piece)
        await writer.drain()


def test_a_body_that_is_too_large_to_gather_streams_both_ways() -> None:
    size = _GATHERED_LIMIT + 1

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
            sending = asyncio.create_task(send(writer, size))
            await reader.readuntil(b"\r\n\r\n")
            received = 0
            while received < size:
                received += len(await reader.read(1 << 20))
            await sending
            return received

    assert asyncio.run(play()) == size


def test_an_early_refusal_reaches_a_client_that_still_sends() -> None:
    refusal = b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"

    async def play() -> bytes:
        async with front_of(answering(refusal)) as port:
            body = b"x" * 1_000_000
            return await talk(port, b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))

    assert asyncio.run(play()).startswith(b"HTTP/1.1 413 ")


def test_a_body_reaches_the_upstream_once_it_is_whole() -> None:
    """Else a client that dribbles would hold one of the web's few threads for as long as it likes."""
    heads = 0

    async def counting(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal heads
        await reader.readuntil(b"\r\n\r\n")
        heads += 1
        body = await reader.readexactly(300_000)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n" + body[-1:])

    async def play() -> tuple[int, bytes]:
        async with front_of(counting) as port, client(port) as (reader, writer):
            writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 300000\r\n\r\n" + b"x" * 299_999)
            # Another call goes through meanwhile, all of it: so the first has had its turn.
            other = await talk(port, b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 300000\r\n\r\n" + b"y" * 300_000)
            assert other.endswith(b"y")
            before = heads
            writer.write(b"z")
            return before, await reader.readexactly(len(other))

    before, answer = asyncio.run(play())
    assert before == 1
    assert answer.endswith(b"z")


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
            server = await asyncio.start_server(lambda r, w: quiet(echo("back"), r, w), "127.0.0.1", port)
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
