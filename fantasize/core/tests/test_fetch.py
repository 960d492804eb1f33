"""Fetching: only from the internet, whatever the address is dressed up as, and not for ever."""

import gzip
import socket
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from fantasize.core import fetch as fetching
from fantasize.core.fetch import FetchError, fetch
from fantasize.core.tests.strangers import PNG, Canary, drip, say, say_png

pytestmark = pytest.mark.usefixtures("nobody_allowed")


def get(url: str, *, max_bytes: int = 1000) -> bytes:
    return fetch(url, max_bytes=max_bytes, content_types={"image/png"})


# --- what works -------------------------------------------------------------------------


def test_a_picture_is_fetched(friend: str, canary: Canary) -> None:
    assert get(f"{friend}/a/b.png?size=1&x=%20#part") == PNG
    assert canary.asked == ["/a/b.png?size=1&x=%20"]


def test_the_type_may_have_parameters_and_any_case(friend: str, canary: Canary) -> None:
    canary.answer = lambda handler: say(handler, PNG, Content_Type="Image/PNG; q=1")
    assert get(friend) == PNG


def test_a_chunked_body_is_read(friend: str, canary: Canary) -> None:
    def chunked(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "image/png")
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        handler.wfile.write(b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")

    canary.answer = chunked
    assert get(friend) == b"abcde"


def test_redirects_are_followed_three_times(friend: str, canary: Canary) -> None:
    def onwards(handler: BaseHTTPRequestHandler) -> None:
        step = int(handler.path.strip("/") or 0)
        if step < canary_steps:
            say(handler, b"", 302, Location=f"/{step + 1}")
        else:
            say_png(handler)

    canary.answer = onwards
    canary_steps = 3
    assert get(friend) == PNG
    canary_steps = 4
    with pytest.raises(FetchError, match="too often"):
        get(friend)


# --- what is refused of answers -------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ({"body": bytes(1001)}, "too large"),
        ({"body": PNG, "Content_Length": "5000000000"}, "too large|incomplete"),
        ({"body": PNG, "Content_Length": "900"}, "incomplete"),
        ({"body": PNG, "Content_Type": "text/html"}, "type"),
        ({"body": PNG, "Content_Type": "image/svg+xml"}, "type"),
        ({"body": gzip.compress(bytes(10_000_000)), "Content_Encoding": "gzip"}, "compressed"),
        ({"body": PNG, "status": 404}, "404"),
        ({"body": PNG, "status": 206}, "206"),
        ({"body": PNG, "status": 304}, "304"),
        ({"body": PNG, "status": 500}, "500"),
    ],
)
def test_answers_that_are_not_taken(friend: str, canary: Canary, answer: dict[str, Any], why: str) -> None:
    def close(handler: BaseHTTPRequestHandler) -> None:
        say(handler, **answer)
        handler.close_connection = True

    canary.answer = close
    with pytest.raises(FetchError, match=why):
        get(friend)


def test_a_body_without_end_is_cut_at_the_limit(friend: str, canary: Canary) -> None:
    sent = 0

    def endless(handler: BaseHTTPRequestHandler) -> None:
        nonlocal sent
        handler.send_response(200)
        handler.send_header("Content-Type", "image/png")
        handler.end_headers()
        while sent < 200_000_000:
            handler.wfile.write(bytes(65536))
            sent += 65536

    canary.answer = endless
    with pytest.raises(FetchError, match="too large"):
        get(friend)
    assert sent < 200_000_000


@pytest.mark.parametrize(
    "rubbish", [b"", b"hello\r\n", b"HTTP/1.1 abc\r\n\r\n", b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n"]
)
def test_servers_that_speak_something_else(friend: str, canary: Canary, rubbish: bytes) -> None:
    def speak(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(rubbish)
        handler.close_connection = True

    canary.answer = speak
    with pytest.raises(FetchError):
        get(friend)


# --- time ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "beginning",
    [
        b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nX-Slow: ",
        b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 900\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"",
    ],
)
def test_a_server_that_drips_is_cut_off(
    friend: str, canary: Canary, monkeypatch: pytest.MonkeyPatch, beginning: bytes
) -> None:
    monkeypatch.setattr(fetching, "TOTAL_SECONDS", 0.4)
    canary.answer = drip(beginning)
    started = time.monotonic()
    with pytest.raises(FetchError):
        get(friend)
    assert 0.3 < time.monotonic() - started < 30


def test_a_time_out_alone_would_wait_for_the_drip(friend: str, canary: Canary) -> None:
    """The control: every byte starts a socket's time-out anew."""
    canary.answer = drip(b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 20\r\n\r\n")
    started = time.monotonic()
    with urllib.request.urlopen(friend, timeout=0.4) as response:  # noqa: S310 - our own server
        assert len(response.read()) == 20
    assert time.monotonic() - started > 0.6


def test_redirects_share_one_deadline(friend: str, canary: Canary, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "TOTAL_SECONDS", 0.5)

    def tarry(handler: BaseHTTPRequestHandler) -> None:
        threading.Event().wait(0.2)
        say(handler, b"", 302, Location="/again")

    canary.answer = tarry
    # With a deadline each they would all be followed: "It redirects too often."
    with pytest.raises(FetchError, match="does not answer"):
        get(friend)
    assert len(canary.asked) <= 3


def test_a_resolver_that_does_not_answer_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()
    monkeypatch.setattr(fetching, "CONNECT_SECONDS", 0.2)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: over.wait(60))
    started = time.monotonic()
    with pytest.raises(FetchError):
        get("https://slow.example/")
    over.set()
    assert time.monotonic() - started < 30


def test_no_thread_or_socket_stays_behind(friend: str) -> None:
    before = threading.active_count()
    for _ in range(20):
        get(friend)
    assert threading.active_count() <= before + 4
