"""Fetching: only from the internet, whatever the address is dressed up as, and not for ever."""

import gzip
import ipaddress
import socket
import ssl
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from http.client import HTTPException
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pytest_django import Settings

from fantasize.core import fetch as fetching
from fantasize.core.fetch import FetchError, fetch, is_public
from fantasize.core.tests.spellings import LOOPBACK, PUBLIC, spelt
from fantasize.core.tests.strangers import PNG, Canary, Mute, drip, say, say_png


@pytest.fixture
def canary() -> Iterator[Canary]:
    server = Canary()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def friend(canary: Canary, settings: Settings) -> str:
    """The canary as a stand-in that the settings name: its URL."""
    settings.FETCH_ALLOWED_HOSTS = [f"127.0.0.1:{canary.server_port}"]
    return f"http://127.0.0.1:{canary.server_port}"


@pytest.fixture(autouse=True)
def _nobody_allowed(settings: Settings) -> None:
    settings.FETCH_ALLOWED_HOSTS = []


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
    assert 0.3 < time.monotonic() - started < 2


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
    started = time.monotonic()
    with pytest.raises(FetchError):
        get(friend)
    assert time.monotonic() - started < 0.75


def test_a_resolver_that_does_not_answer_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()
    monkeypatch.setattr(fetching, "CONNECT_SECONDS", 0.2)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: over.wait(10))
    started = time.monotonic()
    with pytest.raises(FetchError):
        get("https://slow.example/")
    over.set()
    assert time.monotonic() - started < 2


def test_no_thread_or_socket_stays_behind(friend: str) -> None:
    before = threading.active_count()
    for _ in range(20):
        get(friend)
    assert threading.active_count() <= before + 4


# --- where it does not go -----------------------------------------------------------------------------


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


# --- who answers ---------------------------------------------------------------------------------------


def _signed(name: str, folder: Path) -> Path:
    """A certificate for ``name``, signed by itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    try:
        san: x509.GeneralName = x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        san = x509.DNSName(name)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([san]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{name}.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.mark.parametrize(
    ("certified", "is_known", "is_taken"),
    [("localhost", True, True), ("localhost", False, False), ("other.example", True, False)],
)
def test_a_server_proves_who_it_is(
    canary: Canary,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    certified: str,
    is_known: bool,  # noqa: FBT001 - a parameter
    is_taken: bool,  # noqa: FBT001 - as above
) -> None:
    path = _signed(certified, tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    canary.socket = context.wrap_socket(canary.socket, server_side=True)
    monkeypatch.setenv("SSL_CERT_FILE", str(path if is_known else _signed("stranger.example", tmp_path)))
    settings.FETCH_ALLOWED_HOSTS = [f"localhost:{canary.server_port}"]
    url = f"https://localhost:{canary.server_port}/"
    if is_taken:
        assert get(url) == PNG
    else:
        with pytest.raises(FetchError):
            get(url)
        assert canary.asked == []


def test_a_handshake_that_never_ends_is_cut_off(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "TOTAL_SECONDS", 0.4)
    mute = Mute()
    mute.start()
    port = mute.listener.getsockname()[1]
    settings.FETCH_ALLOWED_HOSTS = [f"127.0.0.1:{port}"]
    started = time.monotonic()
    with pytest.raises(FetchError):
        get(f"https://127.0.0.1:{port}/")
    assert time.monotonic() - started < 2
    mute.over.set()
    mute.join()
    mute.listener.close()
