"""Who calls: people with an access token, machines with an API key."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request

from accounts import tokens
from accounts.auth import Machine, find_machine
from accounts.models import User
from accounts.services import mfa
from fantasize.core.api.versioning import ROUTES_PREFIX, call_of
from fantasize.core.errors import UnauthenticatedError


class BearerAuthentication(BaseAuthentication):
    """``Authorization: Bearer <access token>``; ``request.auth`` holds the token's claims."""

    def authenticate(self, request: Request) -> tuple[User, Mapping[str, Any]] | None:
        """The token's user; None for a call without one.

        Raises:
            UnauthenticatedError: there is a token and it is not valid.
            ForbiddenError: ``mfa_enrolment_required``: the role asks for a second factor, and the call is none of
                those by which one gets it.
        """
        token = _credentials(request, b"bearer")
        if token is None:
            return None
        principal = tokens.authenticate_access(token)
        if not _is_open_without_mfa(request):
            mfa.require(principal.session)
        return principal.user, principal.claims

    def authenticate_header(self, request: Request) -> str:
        """What a 401 asks for."""
        return 'Bearer realm="api"'


class ApiKeyAuthentication(BaseAuthentication):
    """``Authorization: Api-Key <key>`` or ``X-API-Key: <key>``."""

    def authenticate(self, request: Request) -> tuple[Machine, None] | None:
        """The key's machine; None for a call without one.

        Raises:
            UnauthenticatedError: there is a key and nobody has it.
        """
        key = _credentials(request, b"api-key") or request.headers.get("X-API-Key")
        if key is None:
            return None
        machine = find_machine(key)
        if machine is None:
            raise UnauthenticatedError("The API key is not valid.", code="api_key_invalid")
        return machine, None

    def authenticate_header(self, request: Request) -> str:
        """What a 401 asks for."""
        return 'Api-Key realm="api"'


def session_id_of(request: Request) -> UUID:
    """The session whose access token the call carries.

    Raises:
        UnauthenticatedError: it carries none.
    """
    claims: Any = request.auth
    if claims is None:
        raise UnauthenticatedError("Sign in first.")
    return UUID(claims["sid"])


def _is_open_without_mfa(request: Request) -> bool:
    """Whether the call is one of those by which somebody signs in or out, or learns who they are."""
    route = call_of(request).route
    return route.startswith(f"{ROUTES_PREFIX}/auth/") or (
        request.method in SAFE_METHODS and route == f"{ROUTES_PREFIX}/users/profile"
    )


def _credentials(request: Request, scheme: bytes) -> str | None:
    """What follows ``scheme`` in the Authorization header; None if it names another scheme, or is not there."""
    named, _, credentials = get_authorization_header(request).strip().partition(b" ")
    return credentials.strip().decode("latin-1") if named.lower() == scheme else None
