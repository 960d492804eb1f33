import asyncio
import json
from ipaddress import ip_network

import pytest

from fantasize.embedded.tests.wire import (
    ask,
    client,
    echo,
    front_of,
    get,
    headers_of,
    talk,
)

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
