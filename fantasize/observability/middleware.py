"""The outermost layer: every call has an id and a line in the log."""

import time
import uuid
from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse
from django.utils.encoding import escape_uri_path

log = structlog.get_logger("access")

HEADER = "X-Request-ID"


class RequestIdMiddleware:
    """Gives the call its id, from the client if that sent a UUID; the log, the answer and the problem bear it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer, with ``X-Request-ID``."""
        request_id = _read_id(request.headers.get(HEADER, ""))
        request.request_id = request_id  # type: ignore[attr-defined]
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            started = time.perf_counter()
            response = self.get_response(request)
            response[HEADER] = request_id
            _log(request, response, time.perf_counter() - started)
        return response


def _read_id(text: str) -> str:
    """The client's id in its usual spelling, else a new one."""
    try:
        request_id = uuid.UUID(text)
    except ValueError:
        return str(uuid.uuid4())
    return str(request_id) if str(request_id) == text.lower() else str(uuid.uuid4())


def _log(request: HttpRequest, response: HttpResponse, seconds: float) -> None:
    # The path without its query: that may hold a token. Escaped, so that it cannot forge a line.
    path = escape_uri_path(request.path)
    duration = round(seconds * 1000, 1)
    log.info("request", method=request.method, path=path, status=response.status_code, duration_ms=duration)
