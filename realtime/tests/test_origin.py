"""Which pages may open a socket."""

from typing import Any

import pytest
from pytest_django import Settings

from realtime.consumers.origin import CLOSE_WRONG_ORIGIN, OriginGate, is_allowed
from realtime.tests.client import Client, run


@pytest.fixture(autouse=True)
def shop(settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["shop.example", "[::1]"]
    settings.PUBLIC_BASE_URL = "https://www.shop.example/start"
    settings.CORS_ALLOWED_ORIGINS = ["http://localhost:3000"]


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("https://shop.example", "shop.example"),
        ("http://shop.example:5000", "shop.example:5000"),
        ("http://[::1]:5000", "[::1]:5000"),
        ("https://www.shop.example", "127.0.0.1:5001"),
        ("http://localhost:3000", "shop.example"),
    ],
)
def test_our_own_pages_and_the_allowed_ones_pass(origin: str, host: str) -> None:
    assert is_allowed(origin, host)


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("https://evil.example", "shop.example"),
        ("https://evil.example", "evil.example"),
        ("https://shop.example.evil.example", "shop.example"),
        ("https://shop.example:444", "shop.example"),
        ("ftp://shop.example", "shop.example"),
        ("null", "shop.example"),
        ("", "shop.example"),
        ("https://", ""),
        ("https://shop.example/", "shop.example"),
    ],
)
def test_others_do_not(origin: str, host: str) -> None:
    assert not is_allowed(origin, host)


async def accept(scope: dict[str, Any], receive: Any, send: Any) -> None:
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.send", "text": "welcome"})


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [(b"origin", b"https://Shop.example"), (b"host", b"shop.Example")],
    ],
)
def test_an_allowed_page_or_a_program_is_served(headers: list[tuple[bytes, bytes]]) -> None:
    async def scenario() -> None:
        client = Client(OriginGate(accept), headers=headers)
        await client.connect()
        assert await client.hear_text() == "welcome"

    run(scenario)


@pytest.mark.parametrize(
    "origins",
    [
        [b"https://evil.example"],
        [b"https://shop.example", b"https://evil.example"],
        [b"\xff"],
    ],
)
def test_another_page_is_accepted_and_closed_so_that_it_learns_the_code(origins: list[bytes]) -> None:
    async def scenario() -> None:
        headers = [(b"host", b"shop.example"), *((b"origin", origin) for origin in origins)]
        client = Client(OriginGate(accept), headers=headers)
        await client.connect()
        assert await client.hear_close() == CLOSE_WRONG_ORIGIN

    run(scenario)
