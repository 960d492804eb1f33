"""Where a call comes from, as far as we can know."""

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

_Address = IPv4Address | IPv6Address
# A home or a phone gets a whole /64: counting single addresses in it would count nothing.
_IPV6_SITE = 64


def client_address(request: HttpRequest) -> str:
    """The address of the client: the peer's, unless the peer is one of ours.

    Behind ``settings.TRUSTED_PROXIES`` it is the right-most address of ``X-Forwarded-For`` that is not ours; what
    stands to the left of it was written by strangers.
    """
    peer = _parse(request.META.get("REMOTE_ADDR", ""))
    if peer is None or not _is_trusted(peer):
        return str(peer or "local")
    for text in reversed(request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")):
        hop = _parse(text.strip())
        if hop is None:
            break
        peer = hop
        if not _is_trusted(hop):
            break
    return str(peer)


def site_of(address: str) -> str:
    """What is counted as one client: an IPv4 address, or the /64 of an IPv6 one."""
    parsed = _parse(address)
    if isinstance(parsed, IPv6Address):
        return str(ip_network((parsed, _IPV6_SITE), strict=False))
    return address


def _parse(text: str) -> _Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _is_trusted(address: _Address) -> bool:
    return any(address in network for network in _networks(tuple(settings.TRUSTED_PROXIES)))


@lru_cache(maxsize=8)
def _networks(proxies: Sequence[str]) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(ip_network(proxy.strip(), strict=False) for proxy in proxies)
