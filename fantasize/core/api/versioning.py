"""Which version of the API a call speaks: by URL, header or query; bare paths of the earlier system are v1."""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest
from rest_framework.request import Request
from rest_framework.versioning import BaseVersioning

from fantasize.core.api.problems import shorten
from fantasize.core.errors import FieldError, GoneError, MalformedError, NotFoundError

VERSIONS = ("v0", "v1", "v2")
DEPRECATED = "v0"
LEGACY = "v1"
LATEST = "v2"
HEADER = "API-Version"
PARAMETER = "version"

# Every route exists once, here; all other spellings of a path are rewritten to it.
ROUTES_PREFIX = f"/api/{LATEST}"

_API_PATH = re.compile(r"/api(?:/(?P<version>v[0-9]+))?(?P<rest>/.*)?", re.DOTALL)
_LEGACY_ALIASES = {"/register": "/users/register", "/login": "/users/login"}
_LEGACY_EXACT = frozenset({*_LEGACY_ALIASES, "/users/register", "/users/login", "/users/profile", "/notifications"})
_LEGACY_TREES = ("/products", "/packages", "/customizations", "/orders")

# The last day of 2024: deprecated since it began, out of service once it had ended.
_DEPRECATED_SINCE = "@1735603200"
_SUNSET = "Tue, 31 Dec 2024 23:59:59 GMT"


@dataclass(frozen=True, slots=True)
class ApiCall:
    """How a call is addressed.

    Attributes:
        route: the path that the URLconf knows, without a trailing slash.
        version: ``v0``, ``v1`` or ``v2``.
        is_explicit_v2: v2 was named, so the headers that v2 requires are required.
        legacy_path: the bare path of the earlier system it came by (``/login``), else empty.
    """

    route: str = ""
    version: str = LATEST
    is_explicit_v2: bool = False
    legacy_path: str = ""


@dataclass(frozen=True, slots=True)
class _Address:
    """What the path alone says."""

    route: str
    version: str | None
    legacy_path: str = ""


class VersionNegotiation(BaseVersioning):
    """Hands DRF the version that the middleware has negotiated."""

    default_version = LATEST

    def determine_version(self, request: Request, *_args: Any, **_kwargs: Any) -> str:
        """The version of the call."""
        return call_of(request).version


def call_of(request: HttpRequest) -> ApiCall:
    """How ``request`` is addressed; the latest version for one that came past the middleware."""
    call: ApiCall = getattr(request, "api_call", ApiCall(route=request.path_info))
    return call


def is_api_path(path: str) -> bool:
    """Whether answers under ``path`` are the API's."""
    return _read(path) is not None


def negotiate(request: HttpRequest) -> ApiCall | None:
    """How ``request`` is addressed; None if it is not the API's.

    Raises:
        NotFoundError: the URL names a version that does not exist, or holds a NUL.
        MalformedError: header or query name an ``unknown_version``, or two places disagree (``version_conflict``).
    """
    address = _read(request.path_info)
    if address is None:
        return None
    if address.version not in (None, *VERSIONS) or "\0" in address.route:
        raise NotFoundError
    versions = {version for version in (address.version, *_named_elsewhere(request)) if version}
    if len(versions) > 1:
        raise MalformedError(
            "The URL, the API-Version header and the version parameter name different versions.",
            code="version_conflict",
            title="Versions disagree",
        )
    return ApiCall(address.route, next(iter(versions), LATEST), versions == {LATEST}, address.legacy_path)


def require_in_service(call: ApiCall) -> None:
    """Refuse a version that has been switched off.

    Raises:
        GoneError: the version is retired.
    """
    if call.version in settings.API_RETIRED_VERSIONS:
        raise GoneError(
            f"Version {call.version} has been retired. Use {LATEST}.", code="version_retired", title="Version retired"
        )


def deprecation_headers(call: ApiCall) -> dict[str, str]:
    """What an answer says about the end of its path or version (RFC 9745, RFC 8594); nothing for a current one."""
    is_old = call.version == DEPRECATED
    if not (is_old or call.legacy_path):
        return {}
    successor = quote(call.route.replace(ROUTES_PREFIX, f"/api/{LEGACY}", 1))
    headers = {"Deprecation": _DEPRECATED_SINCE, "Link": f'<{successor}>; rel="successor-version"'}
    return {**headers, "Sunset": _SUNSET} if is_old else headers


def _read(path: str) -> _Address | None:
    if match := _API_PATH.fullmatch(path):
        return _Address(ROUTES_PREFIX + (match["rest"] or "").removesuffix("/"), match["version"])
    bare = path.removesuffix("/")
    if bare in _LEGACY_EXACT or any(bare == tree or bare.startswith(f"{tree}/") for tree in _LEGACY_TREES):
        return _Address(ROUTES_PREFIX + _LEGACY_ALIASES.get(bare, bare), LEGACY, legacy_path=bare)
    return None


def _named_elsewhere(request: HttpRequest) -> list[str]:
    """The versions that header and query name."""
    header = request.headers.get(HEADER)
    named = [("header", HEADER, header.strip())] if header is not None else []
    named += [("parameter", PARAMETER, value) for value in request.GET.getlist(PARAMETER)]
    errors = [
        FieldError(name, "unknown_version", f"There is no version {shorten(value)!r}.", source)
        for source, name, value in named
        if value not in VERSIONS
    ]
    if errors:
        detail = f"The versions are {', '.join(VERSIONS)}."
        raise MalformedError(detail, code="unknown_version", title="Unknown version", errors=errors)
    return [value for _, _, value in named]
