"""Signing in, staying signed in, signing out."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from accounts import tokens
from accounts.auth import is_right_password
from accounts.enums import RevokeReason
from accounts.models import Session, User
from accounts.services import sessions, verification
from accounts.services.sessions import Device, Grant
from fantasize.core import clock, limits
from fantasize.core.errors import UnauthenticatedError


@dataclass(frozen=True, slots=True)
class SignIn:
    """Somebody signed in.

    Attributes:
        user: who.
        session: where.
        access: a fresh access token.
        refresh: a fresh refresh token; it works once.
    """

    user: User
    session: Session
    access: str
    refresh: str


def login(*, identifier: str, password: str, device: Device, access_lifetime: timedelta | None = None) -> SignIn:
    """Sign in with an e-mail address or username and a password.

    Counted before the password is looked at: failures per account, whatever address they come from, and per client.
    Nobody, a wrong password and an inactive account look the same and take equally long.

    Raises:
        UnauthenticatedError: ``invalid_credentials``, or ``email_unverified``.
        RateLimitedError: too many failures for this account or from this client.
        UnavailableError: failures cannot be counted just now.
    """
    user = User.objects.known_as(identifier).first()
    account = _account_key(user, identifier)
    _require_allowed(limits.test("auth_address", _client_key(device)))
    _require_allowed(limits.hit("auth", account))
    if not is_right_password(user, password) or user is None:
        limits.hit("auth_address", _client_key(device))
        raise UnauthenticatedError("E-mail address, username or password is wrong.", code="invalid_credentials")
    limits.clear("auth", account)
    verification.require_verified(user)
    return begin(user=user, device=device, access_lifetime=access_lifetime)


def begin(*, user: User, device: Device, access_lifetime: timedelta | None = None) -> SignIn:
    """Sign in somebody who has proven who they are."""
    user.last_login = clock.now()
    user.save(update_fields=["last_login"])
    return _sign_in(sessions.begin(user=user, device=device), access_lifetime)


def refresh(*, refresh: str) -> SignIn:
    """Exchange a refresh token for an access token and the next refresh token.

    Raises:
        UnauthenticatedError: ``refresh_reused`` (the session has ended) or ``refresh_invalid``.
    """
    return _sign_in(sessions.rotate(refresh=refresh))


def logout(*, session_id: UUID) -> int:
    """Sign out of one session; returns how many ended."""
    return sessions.end(session_id=session_id, reason=RevokeReason.LOGOUT)


def logout_by_refresh_token(*, refresh: str) -> int:
    """Sign out of the session that a refresh token belongs to; returns how many ended."""
    return sessions.end_by_refresh_token(refresh=refresh, reason=RevokeReason.LOGOUT)


def logout_all(*, user: User) -> int:
    """Sign out everywhere; returns how many sessions ended."""
    return sessions.end_all(user=user, reason=RevokeReason.LOGOUT_ALL)


def _sign_in(grant: Grant, access_lifetime: timedelta | None = None) -> SignIn:
    access = tokens.issue_access(grant.session, lifetime=access_lifetime)
    return SignIn(grant.session.user, grant.session, access, grant.refresh)


def _account_key(user: User | None, identifier: str) -> str:
    """What failures are counted by: the account, however it was named; an unknown name counts like an account."""
    if user is not None:
        return user.actor
    return f"unknown:{hashlib.sha256(identifier.strip().lower().encode()).hexdigest()}"


def _client_key(device: Device) -> str:
    return f"address:{device.site}"


def _require_allowed(verdict: limits.Verdict | None) -> None:
    if verdict is not None:
        verdict.require()
