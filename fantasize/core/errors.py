"""What can go wrong, as the domain says it. The API and the sockets turn these into their own answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class FieldError:
    """One fault in the input.

    Attributes:
        location: where it is: a JSON pointer (``/lines/0/quantity``), a query parameter's or a header's name.
        code: stable snake_case code.
        detail: one sentence for a person.
        source: which kind of place ``location`` names: ``pointer``, ``parameter`` or ``header``.
    """

    location: str
    code: str
    detail: str
    source: str = "pointer"


class DomainError(Exception):
    """A refusal with a stable code. Never carries SQL, paths, class names or secrets.

    Attributes:
        status: the HTTP status that says the same.
        code: stable snake_case code, the same over HTTP and WebSocket.
        title: what kind of problem it is; the same for every occurrence.
        detail: one sentence about this occurrence.
        extra: further members of the answer (``retry_after``, ``allowed_transitions``, ...).
        errors: every fault found in the input.
    """

    status: ClassVar[int] = 400
    code: str = "bad_request"
    title: str = "Bad request"

    def __init__(
        self,
        detail: str = "",
        *,
        code: str = "",
        title: str = "",
        errors: Sequence[FieldError] = (),
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        self.code = code or self.code
        self.title = title or self.title
        self.detail = detail or self.title + "."
        self.errors = tuple(errors)
        self.extra = dict(extra or {})
        super().__init__(self.detail)


class MalformedError(DomainError):
    """The request cannot be understood at all (400)."""


class UnauthenticatedError(DomainError):
    """Who asks is not known (401)."""

    status = 401
    code = "not_authenticated"
    title = "Authentication required"


class ForbiddenError(DomainError):
    """The actor may see the thing but not do this (403)."""

    status = 403
    code = "permission_denied"
    title = "Not allowed"


class NotFoundError(DomainError):
    """Absent, or not readable for this actor: the two look the same (404)."""

    status = 404
    code = "not_found"
    title = "Not found"


class ConflictError(DomainError):
    """The state of things does not allow it (409)."""

    status = 409
    code = "conflict"
    title = "Conflict"


class GoneError(DomainError):
    """It was here and will not come back (410)."""

    status = 410
    code = "gone"
    title = "Gone"


class PreconditionFailedError(DomainError):
    """The caller acts on a stale version (412); ``extra`` holds ``current_version``."""

    status = 412
    code = "precondition_failed"
    title = "Changed meanwhile"


class TooLargeError(DomainError):
    """The body is larger than what is accepted (413)."""

    status = 413
    code = "too_large"
    title = "Too large"


class InvalidError(DomainError):
    """Well-formed but against the rules (422); ``errors`` names every fault."""

    status = 422
    code = "invalid"
    title = "Invalid input"

    @classmethod
    def at(cls, location: str, detail: str, *, code: str = "invalid") -> "InvalidError":
        """One fault at one JSON pointer."""
        return cls(detail, errors=[FieldError(location, code, detail)])


class PreconditionRequiredError(DomainError):
    """The call must say which version it acts on (428)."""

    status = 428
    code = "precondition_required"
    title = "If-Match required"


class RateLimitedError(DomainError):
    """Too many calls (429); ``extra`` holds ``retry_after`` in seconds."""

    status = 429
    code = "rate_limited"
    title = "Too many requests"


class UnavailableError(DomainError):
    """Something this depends on is down (503); trying again later is right."""

    status = 503
    code = "unavailable"
    title = "Temporarily unavailable"
