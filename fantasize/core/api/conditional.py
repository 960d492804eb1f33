"""Conditional requests (RFC 9110, section 13): acting on the version one has seen, and not sending what is known."""

import hashlib
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Protocol

from django.http import HttpRequest, HttpResponse
from django.utils.http import parse_etags

from fantasize.core.api.renderers import render_plain
from fantasize.core.api.versioning import call_of
from fantasize.core.errors import FieldError, PreconditionFailedError, PreconditionRequiredError


class Versioned(Protocol):
    """A row that counts its changes."""

    version: int


def etag_for(version: int, data: Any = None) -> str:
    """The entity tag of a row: ``"<version>"``; with ``data`` that holds more than the row, ``"<version>-<hash>"``."""
    return f'"{version}"' if data is None else f'"{version}-{digest(data)}"'


def digest(data: Any) -> str:
    """A short hash of an answer's data, the same whenever the data is."""
    return hashlib.sha256(render_plain(data)).hexdigest()[:32]


def require_version(request: HttpRequest, row: Versioned, *, is_required: bool = False) -> int | None:
    """The version that the caller acts on, if they say: hand it to the service as ``expected_version``.

    ``is_required`` asks for it on calls that name v2 explicitly.

    Raises:
        PreconditionRequiredError: it is required and ``If-Match`` is missing.
        PreconditionFailedError: ``If-Match`` names other versions than the row's.
    """
    tags = parse_etags(request.headers.get("If-Match", ""))
    if "If-Match" not in request.headers:
        if is_required and call_of(request).is_explicit_v2:
            raise _version_missing()
        return None
    if tags != ["*"] and row.version not in {_version_in(tag) for tag in tags}:
        raise PreconditionFailedError(
            "It has changed since the version that you name.", extra={"current_version": row.version}
        )
    return row.version


def is_known(request: HttpRequest, etag: str) -> bool:
    """Whether ``If-None-Match`` says that the caller has the answer already (weak comparison)."""
    tags = parse_etags(request.headers.get("If-None-Match", ""))
    return tags == ["*"] or etag.removeprefix("W/") in {tag.removeprefix("W/") for tag in tags}


def not_modified(headers: Mapping[str, str]) -> HttpResponse:
    """304 with the headers of the answer that is not sent."""
    kept = {name: value for name, value in headers.items() if name not in ("Content-Type", "Content-Length")}
    answer = HttpResponse(status=HTTPStatus.NOT_MODIFIED, headers=kept)
    del answer["Content-Type"]
    return answer


def _version_in(tag: str) -> int | None:
    """The version in a strong tag; a weak one never matches (RFC 9110, section 13.1.1)."""
    text = tag.strip('"').partition("-")[0] if tag.startswith('"') else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None  # noqa: PLR2004 - fits 64 bits


def _version_missing() -> PreconditionRequiredError:
    detail = "Name the version that you act on in If-Match; it is the ETag of the last answer."
    return PreconditionRequiredError(
        detail, errors=[FieldError("If-Match", "required", "This header is missing.", "header")]
    )
