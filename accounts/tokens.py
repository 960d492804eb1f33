"""Access tokens (JWT) and refresh tokens (opaque): how they are made, and what an access token proves."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from rest_framework_simplejwt.exceptions import ExpiredTokenError, TokenError
from rest_framework_simplejwt.tokens import AccessToken

from accounts.models import Session, User
from fantasize.core import clock
from fantasize.core.errors import UnauthenticatedError
from fantasize.core.statements import Slot, Statement

# Ours have some 600 characters; nothing longer is worth decoding.
_MAX_LENGTH = 2048
_REFRESH_PREFIX = "fzr_"
_REFRESH_BYTES = 32

_SESSION = Statement(lambda: Session.objects.select_related("user").filter(pk=Slot("session"), user=Slot("user")))


@dataclass(frozen=True, slots=True)
class Principal:
    """Who a valid access token speaks for, as the database knows them now.

    Attributes:
        user: an active user.
        session: their live session; revoking it ends the token.
        claims: what the token says (its ``role`` may be out of date, ``user.role`` is not).
        expires_at: when the token ends by itself.
    """

    user: User
    session: Session
    claims: Mapping[str, Any]
    expires_at: datetime


def issue_access(session: Session, *, lifetime: timedelta | None = None) -> str:
    """A signed access token of ``session``; it lives ``settings.ACCESS_TOKEN_MINUTES`` unless told."""
    now = clock.now()
    token = AccessToken()
    token.set_iat(at_time=now)
    token.set_exp(from_time=now, lifetime=lifetime)
    user_id = str(session.user_id)
    user = session.user
    token.payload |= {"sub": user_id, "userId": user_id, "sid": str(session.pk), "role": user.role.value}
    token.payload["rights"] = user.rights_version
    return str(token)


def authenticate_access(token: str) -> Principal:
    """Who ``token`` speaks for; one query. The API and the sockets ask this alike.

    Checks signature, algorithm, type, issuer, audience and expiry, and that session and user still count.

    Raises:
        UnauthenticatedError: ``token_expired``, or ``token_invalid`` for everything else.
    """
    claims = _verified_claims(token)
    session_id, user_id = _ids_in(claims)
    session = next(iter(_SESSION.fetch(session=session_id, user=user_id)), None)
    if session is None or not session.is_live(clock.now()) or not session.user.is_active:
        raise _invalid()
    if claims.get("rights") != session.user.rights_version:
        # Whoever has other rights now refreshes; the token tells of the old ones.
        raise _expired()
    return Principal(session.user, session, claims, datetime.fromtimestamp(claims["exp"], UTC))


def new_refresh_token() -> str:
    """A fresh random refresh token (256 bits); only its hash is stored."""
    return _REFRESH_PREFIX + secrets.token_urlsafe(_REFRESH_BYTES)


def hash_refresh_token(token: str) -> str:
    """What is stored of a refresh token. It is random, so one round of SHA-256 is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def _verified_claims(token: str) -> Mapping[str, Any]:
    if len(token) > _MAX_LENGTH:
        raise _invalid()
    try:
        verified = AccessToken(token)  # type: ignore[arg-type] # it takes the text, whatever its hint says
    except ExpiredTokenError:
        raise _expired() from None
    except (TokenError, RecursionError, ValueError):
        # RecursionError: a header of a thousand brackets.
        raise _invalid() from None
    claims: Mapping[str, Any] = verified.payload
    # Once more by our clock: the library only knows the system's.
    if claims["exp"] <= clock.now().timestamp():
        raise _expired()
    return claims


def _ids_in(claims: Mapping[str, Any]) -> tuple[UUID, UUID]:
    """Session and user id."""
    try:
        return UUID(claims["sid"]), UUID(claims["sub"])
    except (KeyError, ValueError, AttributeError, TypeError):
        raise _invalid() from None


def _invalid() -> UnauthenticatedError:
    return UnauthenticatedError("The access token is not valid.", code="token_invalid")


def _expired() -> UnauthenticatedError:
    return UnauthenticatedError("The access token has expired. Refresh it.", code="token_expired")
