"""Which web pages may open a socket."""

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import split_domain_port, validate_host

Scope = dict[str, Any]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

CLOSE_WRONG_ORIGIN = 4403


class OriginGate:
    """Lets pages of this shop and of ``CORS_ORIGIN`` through, and clients that are no browser (they send no Origin)."""

    def __init__(self, application: Application) -> None:
        self._application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the socket, or accept and close it: only an accepted socket's client learns the code."""
        if all(is_allowed(origin, _header(scope, b"host")) for origin in _headers(scope, b"origin")):
            await self._application(scope, receive, send)
            return
        await receive()
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.close", "code": CLOSE_WRONG_ORIGIN, "reason": "wrong origin"})


def is_allowed(origin: str, host: str) -> bool:
    """Whether a page of ``origin`` may open a socket at ``host`` (a Host header)."""
    if origin in {_origin_of(settings.PUBLIC_BASE_URL), *settings.CORS_ALLOWED_ORIGINS}:
        return True
    return origin in {f"http://{host}", f"https://{host}"} and _is_ours(host)


def _is_ours(host: str) -> bool:
    """Whether the shop answers to this name; a page that points its own name at us is no page of ours."""
    return validate_host(split_domain_port(host)[0], settings.ALLOWED_HOSTS)


def _origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _header(scope: Scope, name: bytes) -> str:
    return next(iter(_headers(scope, name)), "")


def _headers(scope: Scope, name: bytes) -> list[str]:
    return [value.decode("latin-1").lower() for key, value in scope["headers"] if key == name]
