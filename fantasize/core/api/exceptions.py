"""From any exception to the refusal that the caller sees. Nothing of what happened inside gets out."""

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

import structlog
from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
)
from django.db import DataError, IntegrityError, InterfaceError, OperationalError
from django.db.models import ProtectedError, RestrictedError
from django.http import Http404, HttpRequest, UnreadablePostError
from redis.exceptions import RedisError
from rest_framework import exceptions as drf

from fantasize.core.api import throttling
from fantasize.core.api.problems import (
    InternalError,
    MethodNotAllowedError,
    NotAcceptableError,
    ProblemResponse,
    UnsupportedMediaTypeError,
    shorten,
)
from fantasize.core.errors import (
    ConflictError,
    DomainError,
    FieldError,
    ForbiddenError,
    InvalidError,
    MalformedError,
    NotFoundError,
    RateLimitedError,
    TooLargeError,
    UnauthenticatedError,
    UnavailableError,
)
from fantasize.core.limits import OverLimitError

log = structlog.get_logger(__name__)

_UNIQUE_VIOLATION = "23505"
_FOREIGN_KEY_VIOLATION = "23503"
_BY_STATUS: Mapping[int, type[DomainError]] = {
    error.status: error
    for error in (
        MalformedError,
        UnauthenticatedError,
        ForbiddenError,
        NotFoundError,
        MethodNotAllowedError,
        NotAcceptableError,
        ConflictError,
        TooLargeError,
        UnsupportedMediaTypeError,
        InvalidError,
        RateLimitedError,
        UnavailableError,
    )
}


def problem_response(error: Exception, context: Mapping[str, Any]) -> ProblemResponse:
    """DRF's exception handler: every exception of a view becomes a problem document."""
    view, request = context["view"], context["request"]
    refusal = as_domain_error(error)
    headers = {}
    if isinstance(refusal, UnauthenticatedError):
        headers["WWW-Authenticate"] = view.get_authenticate_header(request) or "Bearer"
    if isinstance(refusal, OverLimitError):
        throttling.remember(request, refusal.verdict)
    return ProblemResponse(request, refusal, headers)


def problem_for_status(request: HttpRequest, status: int, headers: Mapping[str, str] | None = None) -> ProblemResponse:
    """The problem that says no more than ``status`` does; for refusals that Django has put into words for browsers."""
    otherwise = InternalError if status >= HTTPStatus.INTERNAL_SERVER_ERROR else MalformedError
    return ProblemResponse(request, _BY_STATUS.get(status, otherwise)(), headers)


def as_domain_error(error: Exception) -> DomainError:
    """The refusal that ``error`` amounts to; what nobody expected is logged and becomes an ``InternalError``."""
    if isinstance(error, DomainError):
        return error
    if isinstance(error, drf.APIException):
        return _from_drf(error)
    return _from_django(error) or _from_database(error) or _unexpected(error)


def _from_drf(error: drf.APIException) -> DomainError:
    if isinstance(error, drf.ValidationError):
        return InvalidError("The input is not valid.", errors=list(field_errors(error.detail)))
    if isinstance(error, (drf.NotAuthenticated, drf.AuthenticationFailed)):
        # DRF makes a 403 of it for views without a scheme to name; ours all have one.
        return UnauthenticatedError()
    kind = _BY_STATUS.get(error.status_code, InternalError)
    detail = error.detail if isinstance(error.detail, str) else ""
    if kind in (NotFoundError, InternalError):
        return kind()
    return kind(shorten(str(detail)))


def _from_django(error: Exception) -> DomainError | None:
    if isinstance(error, Http404):
        return NotFoundError()
    if isinstance(error, PermissionDenied):
        return ForbiddenError()
    if isinstance(error, RequestDataTooBig):
        return TooLargeError()
    if isinstance(error, (SuspiciousOperation, UnreadablePostError)):
        return MalformedError()
    return None


def _from_database(error: Exception) -> DomainError | None:
    """A dependency that is away or busy is a 503; a rule of the database that was broken is the caller's conflict."""
    if isinstance(error, (OperationalError, InterfaceError, RedisError)):
        log.warning("api.dependency_failed", error=type(error).__name__, sqlstate=_sqlstate(error))
        return UnavailableError(extra={"retry_after": 5})
    if isinstance(error, (ProtectedError, RestrictedError)):
        return ConflictError("Other things still refer to it.", code="in_use", title="In use")
    if isinstance(error, IntegrityError) and _sqlstate(error) == _UNIQUE_VIOLATION:
        return ConflictError("There is one like it already.", code="duplicate", title="Duplicate")
    if isinstance(error, IntegrityError) and _sqlstate(error) == _FOREIGN_KEY_VIOLATION:
        # Somebody deleted, or began to use, a row while the call was looking at it.
        return ConflictError("Something that it refers to has changed meanwhile.", code="in_use", title="In use")
    if isinstance(error, DataError):
        log.warning("api.value_out_of_range", exc_info=error)
        return InvalidError("A value is out of range.")
    return None


def _sqlstate(error: Exception) -> str | None:
    return getattr(error.__cause__, "sqlstate", None)


def _unexpected(error: Exception) -> DomainError:
    log.error("api.unexpected_error", exc_info=error)
    return InternalError("Something went wrong on our side. The request id helps us to find it.")


def field_errors(detail: Any, pointer: str = "") -> Iterator[FieldError]:
    """Every fault in DRF's tree of error details, with its JSON pointer (RFC 6901)."""
    if isinstance(detail, Mapping):
        for key, value in detail.items():
            is_here = key == "non_field_errors"
            yield from field_errors(value, pointer if is_here else f"{pointer}/{escape_pointer(str(key))}")
    elif isinstance(detail, (list, tuple)):
        for index, value in enumerate(detail):
            is_leaf = isinstance(value, str)
            yield from field_errors(value, pointer if is_leaf else f"{pointer}/{index}")
    else:
        yield FieldError(pointer, str(getattr(detail, "code", "invalid")), shorten(str(detail)))


def escape_pointer(token: str) -> str:
    """One token of a JSON pointer, cut to what may be echoed."""
    return shorten(token).replace("~", "~0").replace("/", "~1")
