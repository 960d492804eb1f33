"""Fetching: no address, redirect, name or proxy leads to where only the shop itself may go."""

import socket
import threading
import time
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from http.client import HTTPException
from typing import Any

import pytest
from pytest_django import Settings

from fantasize.core import fetch as fetching
from fantasize.core.fetch import FetchError, fetch, is_public
from fantasize.core.tests.spellings import LOOPBACK, PUBLIC, spelt
from fantasize.core.tests.strangers import Canary, say

pytestmark = pytest.mark.usefixtures("nobody_allowed")


def get(url: str, *, max_bytes: int = 1000) -> bytes:
    return fetch(url, max_bytes=max_bytes, content_types={"image/png"})


@pytest.fixture
def own_port(canary: Canary, monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes the canary's port the one that https has: nothing but its address keeps anybody from it."""
    monkeypatch.setitem(fetching._PORTS, "https", canary.server_port)


@pytest.mark.usefixtures("own_port")
def test_no_spelling_leads_home(canary: Canary) -> None:
    urls = spelt(canary.server_port)
    assert len(urls) > 300
    for url in urls:
        with pytest.raises(FetchError):
            get(url)
    assert canary.connections == 0


@pytest.mark.usefixtures("own_port")
def test_without_the_look_at_the_address_many_do(canary: Canary, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control."""
    monkeypatch.setattr(fetching, "is_public", lambda _: True)
    monkeypatch.setattr(fetching, "CONNECT_SECONDS", 0.1)
    for host in LOOPBACK:
        with pytest.raises(FetchError):
            get(f"https://{host}/")
    assert canary.connections > 20


def test_a_naive_fetch_is_led_home(canary: Canary) -> None:
    """Another control: what the standard library makes of them."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    for host in LOOPBACK:
        with suppress(OSError, ValueError, HTTPException):
            opener.open(f"http://{host}:{canary.server_port}/", timeout=0.3).close()
    assert len(canary.asked) > 20


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_does_not_lead_home(friend: str, canary: Canary, settings: Settings, status: int) -> None:
    """From a server that may be asked to one that may not: the same process by other names."""
    places = [f"http://{host}:{canary.server_port}/in" for host in ("localhost", "127.1", "[::1]", "0", "127.0.0.2")]
    for place in (*places, "file:///etc/passwd", "//[::1]/", "https://169.254.169.254/latest/meta-data/"):
        canary.answer = partial(say, body=b"", status=status, Location=place)
        with pytest.raises(FetchError):
            get(friend)
    assert set(canary.asked) == {"/"}


def _answers(*lists: list[str]) -> Callable[..., list[Any]]:
    """A resolver that answers differently every time; what is a number already stays itself."""
    left = list(lists)
    real = socket.getaddrinfo

    def resolve(host: str, port: int, *args: Any, **options: Any) -> list[Any]:
        if host != "rebinding.example":
            return real(host, port, *args, **options)
        addresses = left.pop(0) if len(left) > 1 else left[0]
        return [entry for address in addresses for entry in real(address, port, *args, **options)]

    return resolve


@pytest.mark.usefixtures("own_port")
def test_a_name_that_changes_its_mind_gains_nothing(canary: Canary, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first answer is public, all others are ours; even with the right port."""
    monkeypatch.setattr(fetching, "CONNECT_SECONDS", 0.2)
    for _ in range(3):
        monkeypatch.setattr(socket, "getaddrinfo", _answers([PUBLIC], ["127.0.0.1"]))
        with pytest.raises(FetchError):
            get("https://rebinding.example/")
    assert canary.connections == 0


def test_checking_first_and_connecting_by_name_would_be_led_home(
    canary: Canary, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control for the name that changes its mind."""
    monkeypatch.setattr(socket, "getaddrinfo", _answers([PUBLIC], ["127.0.0.1"]))
    (checked,) = socket.getaddrinfo("rebinding.example", canary.server_port, type=socket.SOCK_STREAM)
    assert is_public(str(checked[4][0]))
    socket.create_connection(("rebinding.example", canary.server_port)).close()
    deadline = time.monotonic() + 2
    while not canary.connections and time.monotonic() < deadline:
        threading.Event().wait(0.01)
    assert canary.connections == 1


@pytest.mark.usefixtures("own_port")
@pytest.mark.parametrize("addresses", [[PUBLIC, "127.0.0.1"], ["127.0.0.1", PUBLIC], [PUBLIC, "::1"]])
def test_one_inner_address_among_several_is_enough_to_refuse(
    canary: Canary, monkeypatch: pytest.MonkeyPatch, addresses: list[str]
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", _answers(addresses))
    with pytest.raises(FetchError, match="public"):
        get("https://rebinding.example/")
    assert canary.connections == 0


def test_a_proxy_in_the_environment_is_not_asked(canary: Canary, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{canary.server_port}")
    monkeypatch.setattr(fetching, "CONNECT_SECONDS", 0.2)
    with pytest.raises(FetchError):
        get(f"https://{PUBLIC}/")
    assert canary.connections == 0


def test_a_stand_in_is_its_port_too(friend: str, settings: Settings) -> None:
    settings.FETCH_ALLOWED_HOSTS = ["127.0.0.1:1", "127.0.0.1", "127.0.0.1:80"]
    with pytest.raises(FetchError):
        get(friend)


@pytest.mark.parametrize("address", [PUBLIC, "8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "2a00:1450:4001:80b::200e"])
def test_the_internet_is_public(address: str) -> None:
    assert is_public(address)
