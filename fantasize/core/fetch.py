"""Fetching what somebody else's address names, without being led into our own network.

A name is resolved once, every address it has must be public, and the connection goes to one of exactly those. No proxy,
no credentials, no compression; few redirects, each checked like the first address; bounded in bytes and time.
"""

import re
import socket
import ssl
import time
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPResponse
from ipaddress import ip_address, ip_network
from threading import Timer
from typing import Any
from urllib.parse import urljoin, urlsplit

from django.conf import settings

CONNECT_SECONDS = 2.0
TOTAL_SECONDS = 10.0
MAX_REDIRECTS = 3
MAX_URL = 2048

_PORTS = {"http": 80, "https": 443}
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
# Printable ASCII without the backslash, which readers of URLs disagree about.
_URL = re.compile(rf"[!-\[\]-~]{{1,{MAX_URL}}}")
_HOST = re.compile(r"[a-z0-9._-]{1,253}|[0-9a-f:.]{2,45}")
_UNICAST = ip_network("2000::/3")
# Public by the book, but leading somewhere else: relays from IPv6 to IPv4, and a cloud's own services.
_LEADING_ASIDE = [ip_network(text) for text in ("192.88.99.0/24", "168.63.129.16/32", "2002::/16", "2001::/32")]
# The system's resolver knows no deadline: threads wait for it, and few of them.
_resolver = ThreadPoolExecutor(4, thread_name_prefix="resolve")


class FetchError(Exception):
    """It was not fetched; says why, without anything that the URL holds."""


@dataclass(frozen=True, slots=True)
class _Target:
    """A URL taken apart, once: nothing else reads it."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """Host and port as URLs and settings spell them."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def is_allowed(self) -> bool:
        """Whether the settings name it: a stand-in of ours, wherever it is."""
        return self.authority in settings.FETCH_ALLOWED_HOSTS


def fetch(url: str, *, max_bytes: int, content_types: Collection[str]) -> bytes:
    """What ``url`` answers to a GET.

    Args:
        url: https, port 443, a public host. What ``settings.FETCH_ALLOWED_HOSTS`` names (``host:port``) may be anywhere
            and speak http.
        max_bytes: of the body.
        content_types: lower-case media types without parameters, one of which the answer must have.

    Raises:
        FetchError: the address is none that we visit, or its server did not answer so within ten seconds.
    """
    deadline = time.monotonic() + TOTAL_SECONDS
    try:
        for _ in range(MAX_REDIRECTS + 1):
            with _answer(_parse(url), deadline) as response:
                if response.status not in _REDIRECTS:
                    return _body(response, max_bytes, content_types)
                url = urljoin(url, response.headers.get("Location", ""))
    except (OSError, HTTPException, ValueError) as error:
        raise FetchError("Its server does not answer as it should.") from error
    raise FetchError("It redirects too often.")


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the internet and to nothing nearer."""
    ip = ip_address(address)
    if ip.version == _UNICAST.version and ip not in _UNICAST:
        return False  # with it go the forms that hold an IPv4 address: mapped, compatible, translated
    return ip.is_global and not ip.is_multicast and not any(ip in network for network in _LEADING_ASIDE)


def _parse(url: str) -> _Target:
    if not _URL.fullmatch(url):
        raise FetchError("It is not a plain URL.")
    parts = urlsplit(url)
    host, path = (parts.hostname or "").removesuffix("."), parts.path or "/"
    if parts.scheme not in _PORTS or "@" in parts.netloc or not _HOST.fullmatch(host):
        raise FetchError("It is not a plain web address.")
    default = _PORTS[parts.scheme]
    port = default if parts.port is None else parts.port
    target = _Target(parts.scheme, host, port, f"{path}?{parts.query}" if parts.query else path)
    if (target.scheme, target.port) != ("https", _PORTS["https"]) and not target.is_allowed:
        raise FetchError("Only https on its own port is visited.")
    return target


@contextmanager
def _answer(target: _Target, deadline: float) -> Iterator[HTTPResponse]:
    connection = HTTPConnection(target.host, target.port)
    connection.auto_open = 0  # it never connects by itself
    headers = {
        "Host": target.authority.removesuffix(f":{_PORTS[target.scheme]}"),
        "Accept-Encoding": "identity",
        "Connection": "close",
        "User-Agent": "Fantasize",
    }
    with _connected(target, deadline) as connection.sock, closing(connection):
        connection.request("GET", target.path, headers=headers)
        with closing(connection.getresponse()) as response:
            yield response


@contextmanager
def _connected(target: _Target, deadline: float) -> Iterator[socket.socket]:
    """A connection to an address that was checked, cut off at the deadline."""
    with _connect(_addresses(target), deadline) as plain, _cut_off(plain, deadline):
        if target.scheme == "http":
            yield plain
            return
        with _trusting().wrap_socket(plain, server_hostname=target.host) as secure:
            yield secure


@cache
def _trusting() -> ssl.SSLContext:
    """Believes the system's authorities, as they are at the first call: reading them takes longer than most fetches."""
    return ssl.create_default_context()


def _addresses(target: _Target) -> list[Any]:
    """All that the name stands for now; public, every one.

    Raises:
        FetchError: one of them is not.
    """
    lookup = _resolver.submit(socket.getaddrinfo, target.host, target.port, type=socket.SOCK_STREAM)
    found = lookup.result(timeout=CONNECT_SECONDS)
    if not target.is_allowed and not all(is_public(str(entry[4][0])) for entry in found):
        raise FetchError("It is not a public address.")
    return found


def _connect(addresses: list[Any], deadline: float) -> socket.socket:
    """The first that answers, by its number: the name is not asked for again."""
    failure = OSError()
    for family, kind, protocol, _, address in addresses:
        sock = socket.socket(family, kind, protocol)
        try:
            sock.settimeout(max(0.001, min(CONNECT_SECONDS, deadline - time.monotonic())))
            sock.connect(address)
        except OSError as error:
            sock.close()
            failure = error
        else:
            sock.settimeout(TOTAL_SECONDS)
            return sock
    raise failure


@contextmanager
def _cut_off(sock: socket.socket, deadline: float) -> Iterator[None]:
    """End the connection at the deadline, whatever is waiting for it: a time-out of reads begins anew with every byte.

    Raises:
        FetchError: it came to that.
    """
    with sock.dup() as twin:
        timer = Timer(deadline - time.monotonic(), _shut, [twin])
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
    if time.monotonic() >= deadline:
        raise FetchError("It takes too long.")


def _shut(sock: socket.socket) -> None:
    with suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)


def _body(response: HTTPResponse, max_bytes: int, content_types: Collection[str]) -> bytes:
    if response.status != HTTPStatus.OK:
        raise FetchError(f"It answers {response.status}.")
    if response.headers.get_content_type() not in content_types:
        raise FetchError("It is of another type.")
    if response.headers.get("Content-Encoding", "identity") != "identity":
        raise FetchError("It is compressed, which was not asked for.")
    body = response.read(max_bytes + 1)
    if len(body) > max_bytes:
        raise FetchError("It is too large.")
    if response.length:
        raise FetchError("It is incomplete.")
    return body
