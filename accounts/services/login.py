"""Signing in with a password, staying signed in, signing out."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from accounts import tokens
from accounts.auth import is_right_password, require_room
from accounts.enums import RevokeReason, SignInMethod
from accounts.models import Session, User
from accounts.services import doors, sessions, sign_in, verification
from accounts.services.sessions import Device
from accounts.services.sign_in import SignIn


@dataclass(frozen=True, slots=True)
class TokenPair:
    """Fresh tokens of a session: ``refresh`` works once."""

    session: Session
    access: str
    refresh: str


def check_password(*, identifier: str, password: str, device: Device) -> User:
    """Whoever the e-mail address or username and the password belong to.

    Counted before the password is looked at. Nobody, a wrong password and an inactive account look the same and take
    equally long.

    Raises:
        UnauthenticatedError: ``invalid_credentials``, or ``email_unverified``: a new code is on its way.
        RateLimitedError: too many guesses at this account, or by this client.
        UnavailableError: guesses cannot be counted just now, or too many passwords are being looked at.
    """
    user: User | None = User.objects.known_as(identifier).first()
    require_room()
    doors.knock(user=user, device=device, identifier=identifier)
    if not is_right_password(user, password) or user is None:
        doors.turn_away(device=device)
        raise sign_in.invalid_credentials()
    doors.require_welcome(device=device)
    verification.require_verified(user)
    return user


def login(*, identifier: str, password: str, device: Device, access_lifetime: timedelta | None = None) -> SignIn:
    """Sign in with an e-mail address or username and a password.

    Raises:
        UnauthenticatedError: as for ``check_password``, or ``mfa_required``.
        RateLimitedError, UnavailableError: as for ``check_password``.
    """
    user = check_password(identifier=identifier, password=password, device=device)
    return sign_in.next_step(user=user, device=device, method=SignInMethod.PASSWORD, access_lifetime=access_lifetime)


def refresh(*, refresh: str) -> TokenPair:
    """Exchange a refresh token for an access token and the next refresh token.

    Raises:
        UnauthenticatedError: ``refresh_reused`` (the session has ended) or ``refresh_invalid``.
    """
    grant = sessions.rotate(refresh=refresh)
    return TokenPair(grant.session, tokens.issue_access(grant.session), grant.refresh)


def logout(*, session_id: UUID) -> int:
    """Sign out of one session; returns how many ended."""
    return sessions.end(session_id=session_id, reason=RevokeReason.LOGOUT)


def logout_by_refresh_token(*, refresh: str) -> int:
    """Sign out of the session that a refresh token belongs to; returns how many ended."""
    return sessions.end_by_refresh_token(refresh=refresh, reason=RevokeReason.LOGOUT)


def logout_all(*, user: User) -> int:
    """Sign out everywhere; returns how many sessions ended."""
    return sessions.end_all(user=user, reason=RevokeReason.LOGOUT_ALL)
