"""What the socket process serves: WebSockets. HTTP has its own processes (see ``fantasize.wsgi``)."""

import os
from typing import Any
from uuid import uuid4

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fantasize.settings")
django.setup()

from channels.routing import ProtocolTypeRouter  # noqa: E402 - models are imported only after setup
from django.http import HttpRequest  # noqa: E402 - as above

from fantasize.core.api.problems import ProblemResponse  # noqa: E402 - as above
from fantasize.core.errors import NotFoundError  # noqa: E402 - as above
from realtime.consumers import Relay  # noqa: E402 - as above
from realtime.consumers.origin import Application  # noqa: E402 - as above
from realtime.routing import PATHS  # noqa: E402 - as above


async def lifespan(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Run the process's relay for as long as the process serves."""
    await receive()
    async with Relay().running() as relay:
        scope["state"]["relay"] = relay
        await send({"type": "lifespan.startup.complete"})
        await receive()
    await send({"type": "lifespan.shutdown.complete"})


async def not_found(scope: dict[str, Any], receive: Any, send: Any) -> None:  # noqa: ARG001 - ASGI's signature
    """404, to HTTP requests and to handshakes on other paths."""
    request = HttpRequest()
    request.request_id = str(uuid4())  # type: ignore[attr-defined] # as the middleware of the HTTP processes does
    response = ProblemResponse(request, NotFoundError(), {"X-Request-ID": request.request_id})  # type: ignore[attr-defined]
    headers = [(name.lower().encode(), value.encode()) for name, value in response.headers.items()]
    headers.append((b"content-length", str(len(response.content)).encode()))
    kind = "websocket.http.response" if scope["type"] == "websocket" else "http.response"
    await send({"type": f"{kind}.start", "status": response.status_code, "headers": headers})
    await send({"type": f"{kind}.body", "body": response.content})


async def websocket(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """A socket, where there is one."""
    serve: Application = PATHS.get(scope["path"], not_found)
    await serve(scope, receive, send)


application = ProtocolTypeRouter(
    {"lifespan": lifespan, "http": not_found, "websocket": websocket},
)
