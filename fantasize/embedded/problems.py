"""The front's own error answers, in the shape that the API uses everywhere."""

import json
import os
import re
import uuid
from http import HTTPStatus

from fantasize.embedded.http1 import Head

_REQUEST_ID = re.compile(rb"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
# Code and title of each, the same as the API's own where it has one.
_KINDS = {
    400: ("bad_request", "Bad request"),
    408: ("request_timeout", "Request timeout"),
    413: ("too_large", "Too large"),
    431: ("headers_too_large", "Headers too large"),
    502: ("unavailable", "Temporarily unavailable"),
    503: ("unavailable", "Temporarily unavailable"),
}


def problem_response(status: int, detail: str, *, request: Head | None = None, retry_after: int | None = None) -> bytes:
    """A complete ``application/problem+json`` answer (RFC 9457) that closes the connection.

    Args:
        status: HTTP status.
        detail: one sentence about this occurrence.
        request: the request that it answers, when its head was understood.
        retry_after: seconds after which to try again.
    """
    request_id = _request_id(request)
    body = json.dumps(_problem(status, detail, request_id, retry_after)).encode()
    lines = [
        f"HTTP/1.1 {status} {HTTPStatus(status).phrase}",
        "Content-Type: application/problem+json",
        f"Content-Length: {len(body)}",
        f"X-Request-ID: {request_id}",
        "Cache-Control: no-store",
        "Connection: close",
        *([f"Retry-After: {retry_after}"] if retry_after is not None else []),
    ]
    head = "\r\n".join([*lines, "", ""]).encode()
    return head if request and request.method == b"HEAD" else head + body


def _problem(status: int, detail: str, request_id: str, retry_after: int | None) -> dict[str, object]:
    code, title = _KINDS[status]
    problem: dict[str, object] = {
        "type": f"{os.environ.get('PUBLIC_BASE_URL', '').rstrip('/')}/api-docs/errors#{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "instance": f"urn:uuid:{request_id}",
        "success": False,
        "code": code,
        "request_id": request_id,
        "errors": [],
    }
    return problem if retry_after is None else {**problem, "retry_after": retry_after}


def _request_id(request: Head | None) -> str:
    sent = request.values(b"x-request-id") if request else []
    is_usable = len(sent) == 1 and _REQUEST_ID.fullmatch(sent[0])
    return sent[0].decode().lower() if is_usable else str(uuid.uuid4())
