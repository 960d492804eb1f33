"""A real socket process, a real client and a Redis that dies."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection
from pytest_django import Settings
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from catalog.tests.factories import make_product
from fantasize.embedded.redis import ensure_redis, stop_redis
from fantasize.tests.waiting import PATIENCE_SECONDS, wait_until
from orders.enums import OrderStatus
from orders.models import Order
from orders.tests.factories import make_order
from realtime.consumers.database import in_database
from realtime.tests.client import STEPS, move, run
from realtime.tests.redis_servers import kill_redis, use_redis

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]

LARGEST_FRAME = 65536


@dataclass
class Server:
    """A socket process and its Redis."""

    port: int
    process: subprocess.Popen[bytes]
    redis: Path

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/ws/"


def database_url() -> str:
    """The test database's URL, also where the server is behind a Unix socket."""
    database = connection.settings_dict
    host = database["HOST"] or database["OPTIONS"].get("host", "")
    login = ":".join(quote(str(database[name]), safe="") for name in ("USER", "PASSWORD") if database[name])
    return f"postgres://{login}@:{database['PORT']}/{database['NAME']}?host={quote(host, safe='/')}"


def start(port: int, redis_url: str) -> subprocess.Popen[bytes]:
    options = f"--port {port} --ws websockets-sansio --ws-max-size {LARGEST_FRAME} --lifespan on".split()
    secrets = {"SECRET_KEY": settings.SECRET_KEY, "JWT_SIGNING_KEY": str(settings.SIMPLE_JWT["SIGNING_KEY"])}
    process = subprocess.Popen(
        [sys.executable, "-m", "uvicorn", "fantasize.asgi:application", *options],
        cwd=settings.BASE_DIR,
        env={**os.environ, **secrets, "DATABASE_URL": database_url(), "REDIS_URL": redis_url},
    )
    wait_until(lambda: answers(process, port), "the socket process answers")
    return process


def answers(process: subprocess.Popen[bytes], port: int) -> bool:
    assert process.poll() is None, "the socket process ended"
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def serving(home: Path) -> Iterator[Server]:
    redis_url = ensure_redis(home)
    assert redis_url
    port = free_port()
    process = start(port, redis_url)
    try:
        yield Server(port, process, home)
    finally:
        process.kill()
        process.wait()
        stop_redis(home)


@pytest.fixture(scope="module")
def shared_server(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("sockets")) as running:
        yield running


@pytest.fixture
def server(shared_server: Server, settings: Settings) -> Server:
    """A socket process on the test database, waked by this process."""
    redis_url = ensure_redis(shared_server.redis)
    assert redis_url
    use_redis(settings, redis_url)
    settings.CHANNEL_LAYERS["default"]["CONFIG"]["prefix"] = "fantasize"
    return shared_server


async def ask(client: ClientConnection, event: str, data: Any) -> dict[str, Any]:
    await client.send(json.dumps({"event": event, "data": data}))
    return await hear(client)


async def hear(client: ClientConnection) -> dict[str, Any]:
    async with asyncio.timeout(PATIENCE_SECONDS):
        frame: dict[str, Any] = json.loads(await client.recv())
    return frame


async def close_code(client: ClientConnection) -> int | None:
    with suppress(ConnectionClosed):
        while True:
            await hear(client)
    return client.close_code


@asynccontextmanager
async def signed_in(server: Server, token: str) -> AsyncIterator[ClientConnection]:
    async with connect(server.url) as client:
        assert (await ask(client, "authenticate", token))["event"] == "authenticated"
        yield client


def test_no_event_is_missed_or_doubled_while_redis_dies_and_the_client_comes_back(
    server: Server, token: str, order: Order
) -> None:
    seen = []

    async def step(client: ClientConnection, status: OrderStatus) -> None:
        await in_database(move, order, status)
        seen.append((await hear(client))["data"]["seq"])

    async def scenario() -> None:
        async with signed_in(server, token) as client:
            tracking = await ask(client, "track_order", {"order": str(order.pk)})
            seen.extend(event["seq"] for event in tracking["data"]["events"])
            await step(client, STEPS[0])
            kill_redis(server.redis)
            # The same socket goes on, by the sweep alone.
            await step(client, STEPS[1])
            ensure_redis(server.redis)
        await in_database(move, order, STEPS[2])
        async with signed_in(server, token) as client:
            tracking = await ask(client, "track_order", {"order": str(order.pk), "after": seen[-1]})
            assert tracking["data"]["recovered"] is True
            seen.extend(event["seq"] for event in tracking["data"]["events"])
            await step(client, STEPS[3])

    run(scenario)
    assert seen == [1, 2, 3, 4, 5]


def test_shelves_stay_true_while_redis_dies_and_comes_back(server: Server) -> None:
    product = make_product(stock=100)
    available = 100

    async def sell(client: ClientConnection) -> float:
        nonlocal available
        available -= 1
        started = time.monotonic()
        await in_database(make_order, product=product)
        while (await hear(client))["data"]["available"] != available:
            pass
        return time.monotonic() - started

    async def scenario() -> None:
        async with connect(server.url) as client:
            answer = await ask(client, "track_inventory", product.pk)
            assert answer["data"] == {"product": product.pk, "available": 100, "status": "in_stock"}
            await sell(client)
            kill_redis(server.redis)
            # The same socket goes on, by the refresh alone.
            await sell(client)
            ensure_redis(server.redis)
            # The subscription needs a moment to come back.
            assert any([await sell(client) < 1.0 for _ in range(20)])

    run(scenario)


def test_the_server_guards_the_wire(server: Server) -> None:
    async def scenario() -> None:
        async with connect(server.url) as client:
            await client.send("x" * (LARGEST_FRAME + 1))
            assert await close_code(client) == 1009
        async with connect(server.url) as client:
            await client.send("nonsense")
            assert await close_code(client) == 4400
        async with connect(server.url, origin="https://evil.example") as client:  # type: ignore[arg-type] # a NewType of str
            assert await close_code(client) == 4403
        async with connect(server.url.rstrip("/"), origin=f"http://127.0.0.1:{server.port}") as client:  # type: ignore[arg-type] # as above
            assert (await ask(client, "ping", None))["event"] == "pong"
        with pytest.raises(InvalidStatus) as caught:
            await connect(f"ws://127.0.0.1:{server.port}/elsewhere")
        assert caught.value.response.status_code == 404

    run(scenario)


def test_http_is_served_elsewhere(server: Server) -> None:
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(f"http://127.0.0.1:{server.port}/api/products", timeout=PATIENCE_SECONDS)
    with caught.value as answer:
        problem = json.load(answer)
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.headers["X-Request-ID"] == problem["request_id"]
        assert (answer.status, problem["status"], problem["code"]) == (404, 404, "not_found")


def test_stopping_the_process_tells_its_clients_to_come_again(server: Server, token: str, order: Order) -> None:
    """The last one in this file: it stops what all of them share."""

    async def scenario() -> None:
        async with signed_in(server, token) as client:
            await ask(client, "track_order", str(order.pk))
            server.process.send_signal(signal.SIGTERM)
            assert await close_code(client) == 1012

    run(scenario)
    assert server.process.wait(PATIENCE_SECONDS) in {0, -signal.SIGTERM}
