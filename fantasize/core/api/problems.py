"""Problem documents (RFC 9457): the one shape of every refusal over HTTP."""

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse

from fantasize.core.errors import DomainError, FieldError

CONTENT_TYPE = "application/problem+json"
# How much of what somebody sent may come back to them, and how many faults one answer lists.
MAX_ECHO = 100
MAX_ERRORS = 100
DEFAULT_RETRY_AFTER = "5"


class MethodNotAllowedError(DomainError):
    """The route exists, the method does not (405)."""

    status = 405
    code = "method_not_allowed"
    title = "Method not allowed"


class NotAcceptableError(DomainError):
    """The caller accepts nothing that is offered (406)."""

    status = 406
    code = "not_acceptable"
    title = "Not acceptable"


class UnsupportedMediaTypeError(DomainError):
    """The body is of a type that is not read here (415)."""

    status = 415
    code = "unsupported_media_type"
    title = "Unsupported media type"


class InternalError(DomainError):
    """A fault of ours (500); says nothing about what happened inside."""

    status = 500
    code = "internal_error"
    title = "Internal error"


class ProblemResponse(HttpResponse):
    """An answer whose body is a problem document."""

    def __init__(self, request: HttpRequest, error: DomainError, headers: Mapping[str, str] | None = None) -> None:
        body = json.dumps(problem_document(request, error), cls=DjangoJSONEncoder)
        super().__init__(body, status=error.status, content_type=CONTENT_TYPE, headers=dict(headers or {}))
        if "retry_after" in error.extra:
            self.headers.setdefault("Retry-After", str(error.extra["retry_after"]))
        elif error.status == HTTPStatus.SERVICE_UNAVAILABLE:
            self.headers.setdefault("Retry-After", DEFAULT_RETRY_AFTER)


def problem_document(request: HttpRequest, error: DomainError) -> dict[str, Any]:
    """The members of the problem, in the order a person reads them."""
    request_id = str(getattr(request, "request_id", ""))
    document = {
        "type": type_uri(error.code),
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
        "instance": f"urn:uuid:{request_id}",
        "success": False,
        "code": error.code,
        "request_id": request_id,
        "errors": error_members(error.errors),
    }
    return document | {name: value for name, value in error.extra.items() if name not in document}


def type_uri(code: str) -> str:
    """The absolute URI of the page that explains ``code``."""
    return f"{settings.PUBLIC_BASE_URL}/api-docs/errors#{code}"


def error_members(errors: Sequence[FieldError]) -> list[dict[str, str]]:
    """Every fault as ``{pointer|parameter|header, code, detail}``."""
    return [{error.source: error.location, "code": error.code, "detail": error.detail} for error in errors[:MAX_ERRORS]]


def shorten(text: str) -> str:
    """``text`` as it may come back to whoever sent it: at most ``MAX_ECHO`` characters, each of them one."""
    text = text.encode("utf-8", "replace").decode()
    return text if len(text) <= MAX_ECHO else text[: MAX_ECHO - 1] + "…"
