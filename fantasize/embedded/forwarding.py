"""What the front passes on in a head, and what it refuses: clients may not speak for a proxy."""

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from fantasize.embedded.http1 import BadMessageError, Head, Header

_HOP_BY_HOP = frozenset(
    {b"connection", b"keep-alive", b"proxy-connection", b"te", b"trailer", b"transfer-encoding", b"upgrade"}
)
_OURS = frozenset({b"forwarded", b"x-real-ip", b"expect", b"content-length"})
_WEBSOCKET = [(b"Connection", b"Upgrade"), (b"Upgrade", b"websocket")]

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Peer:
    """Who is at the other end of a client connection.

    Attributes:
        address: without an IPv6 zone, IPv4-mapped addresses as IPv4.
        is_trusted: whether the shop's owner named it as a proxy, so that it may speak for its own clients.
    """

    address: str
    is_trusted: bool

    @classmethod
    def of(cls, host: str, trusted: list[Network]) -> "Peer":
        """The peer with the socket address ``host``."""
        address = ipaddress.ip_address(host.partition("%")[0])
        address = getattr(address, "ipv4_mapped", None) or address
        return cls(str(address), any(address in network for network in trusted))


def check_request(head: Head) -> None:
    """Refuse what another server could read differently.

    Raises:
        BadMessageError: for such a request.
    """
    if head.version not in {"1.0", "1.1"}:
        raise BadMessageError("Only HTTP/1.0 and HTTP/1.1 are spoken here.")
    hosts = head.values(b"host")
    if len(hosts) > 1 or (head.version == "1.1" and not hosts):
        raise BadMessageError("A request needs exactly one Host header.")
    if head.is_chunked and (
        head.version == "1.0" or [v.lower() for v in head.values(b"transfer-encoding")] != [b"chunked"]
    ):
        raise BadMessageError("The only transfer encoding understood is chunked.")
    if head.method == b"CONNECT":
        raise BadMessageError("This is not a forward proxy.")
    _normalise_target(head)


def _normalise_target(head: Head) -> None:
    """Turn ``GET http://host/path`` into ``GET /path`` for that host, as RFC 9112 asks of a server."""
    if head.target.startswith(b"/") or (head.method == b"OPTIONS" and head.target == b"*"):
        return
    try:
        parts = urlsplit(head.target.decode("ascii"))
    except ValueError:
        raise BadMessageError("The request target is malformed.") from None
    if parts.scheme not in {"http", "https"} or not parts.netloc or "@" in parts.netloc:
        raise BadMessageError("The request target is malformed.")
    head.target = (parts.path or "/").encode() + (b"?" + parts.query.encode() if parts.query else b"")
    head.headers = [header for header in head.headers if header[0].lower() != b"host"]
    head.headers.append((b"Host", parts.netloc.encode()))


def request_bytes(head: Head, peer: Peer, length: int | None) -> bytes:
    """The head that an upstream gets.

    Args:
        head: a checked request.
        peer: who sent it.
        length: of the body that follows; None for no body.
    """
    headers = _end_to_end(head) + _forwarded(head, peer)
    headers += _WEBSOCKET if head.is_websocket else [(b"Connection", b"keep-alive")]
    if length is not None:
        headers.append((b"Content-Length", b"%d" % length))
    return _serialise(b"%s %s HTTP/1.1" % (head.method, head.target), headers)


def response_bytes(head: Head, *, framing: list[Header]) -> bytes:
    """The head that the client gets, with the framing and connection headers that hold on its side."""
    headers = [(name, value) for name, value in _end_to_end(head, drop_ours=False) if name.lower() != b"content-length"]
    return _serialise(b"HTTP/1.1 %d %s" % (head.status, head.target), headers + framing)


def upgrade_bytes(head: Head) -> bytes:
    """The 101 head, as the upstream sent it."""
    return _serialise(b"HTTP/1.1 101 Switching Protocols", head.headers)


def _end_to_end(head: Head, *, drop_ours: bool = True) -> list[Header]:
    named = {name.strip().lower() for value in head.values(b"connection") for name in value.split(b",")}
    return [
        (name, value)
        for name, value in head.headers
        if (key := name.lower()) not in _HOP_BY_HOP and key not in named and not (drop_ours and _is_ours(key))
    ]


def _is_ours(name: bytes) -> bool:
    """Whether only a proxy may send it; WSGI reads an underscore and a hyphen as the same name."""
    return name in _OURS or name.startswith(b"x-forwarded-") or b"_" in name


def _forwarded(head: Head, peer: Peer) -> list[Header]:
    claims = [value for value in head.values(b"x-forwarded-for") if value] if peer.is_trusted else []
    scheme = (head.values(b"x-forwarded-proto") or [b"http"])[0] if peer.is_trusted else b"http"
    host = (head.values(b"host") or [b""])[0]
    if peer.is_trusted:
        host = (head.values(b"x-forwarded-host") or [host])[0]
    chain = b", ".join([*claims, peer.address.encode()])
    return [(b"X-Forwarded-For", chain), (b"X-Forwarded-Proto", scheme), (b"X-Forwarded-Host", host)]


def _serialise(start: bytes, headers: list[Header]) -> bytes:
    return b"\r\n".join([start, *(b"%s: %s" % header for header in headers), b"", b""])
