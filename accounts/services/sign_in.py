"""The one end of every way in: who has shown all that is asked gets a session, who has not is asked for the rest."""

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction

from accounts import tokens
from accounts.enums import SessionKind, SignInMethod
from accounts.models import Session, User
from accounts.services import devices, doors, mfa, sessions
from accounts.services.sessions import Device
from fantasize.core import clock, mail
from fantasize.core.errors import UnauthenticatedError


@dataclass(frozen=True, slots=True)
class Entry:
    """A session that has just begun.

    Attributes:
        session: where somebody is signed in.
        refresh: its first refresh token; empty in the admin, which gives out none.
        device_token: what the device shows the next time, to be known.
    """

    session: Session
    refresh: str
    device_token: str


@dataclass(frozen=True, slots=True)
class SignIn:
    """Somebody signed in.

    Attributes:
        user: who.
        session: where.
        access: a fresh access token.
        refresh: a fresh refresh token; it works once.
        device_token: what the device shows the next time, to be known.
    """

    user: User
    session: Session
    access: str
    refresh: str
    device_token: str


def next_step(*, user: User, device: Device, method: SignInMethod, access_lifetime: timedelta | None = None) -> SignIn:
    """Sign in somebody who has shown a first factor, unless a second one is asked of them.

    Raises:
        UnauthenticatedError: ``mfa_required``, with ``mfa_token`` and ``methods``; ``invalid_credentials``: inactive.
        RateLimitedError: the client has failed too often meanwhile.
        UnavailableError: guesses cannot be counted just now.
    """
    _require_active(user)
    if mfa.is_enabled(user):
        doors.require_welcome(device=device)
        raise UnauthenticatedError(
            "Show the second factor, too.",
            code="mfa_required",
            title="Second factor required",
            extra={"mfa_token": mfa.challenge(user=user, method=method), "methods": mfa.methods_of(user)},
        )
    return complete(user=user, device=device, method=method, access_lifetime=access_lifetime)


def complete(
    *,
    user: User,
    device: Device,
    method: SignInMethod,
    has_mfa: bool = False,
    access_lifetime: timedelta | None = None,
) -> SignIn:
    """Sign in somebody who has shown everything that is asked; the session gives out tokens.

    Raises:
        UnauthenticatedError: ``invalid_credentials``: the account is inactive.
        RateLimitedError: the client has failed too often meanwhile.
        UnavailableError: guesses cannot be counted just now.
    """
    entry = enter(user=user, device=device, method=method, has_mfa=has_mfa, kind=SessionKind.API)
    access = tokens.issue_access(entry.session, lifetime=access_lifetime)
    return SignIn(user, entry.session, access, entry.refresh, entry.device_token)


def enter(*, user: User, device: Device, method: SignInMethod, has_mfa: bool = False, kind: SessionKind) -> Entry:
    """``complete`` without an access token, for where a cookie holds the session.

    The device becomes known; unless it was, or nobody has ever signed in, a mail tells the owner.

    Raises:
        UnauthenticatedError, RateLimitedError, UnavailableError: as for ``complete``.
    """
    _require_active(user)
    doors.let_in(user=user, device=device)
    return _enter(user, device, method, has_mfa, kind)


@transaction.atomic
def _enter(user: User, device: Device, method: SignInMethod, has_mfa: bool, kind: SessionKind) -> Entry:  # noqa: FBT001 - one caller, above
    is_first, user.last_login = user.last_login is None, clock.now()
    # First of all, for it locks the user's row. What was shown counts for the account as it was then: a new password
    # or a deactivation that came in between has ended all sessions, and this one must not begin after them.
    same = User.objects.filter(pk=user.pk, password=user.password, is_active=True)
    if not same.update(last_login=user.last_login):
        raise invalid_credentials()
    grant = sessions.begin(user=user, device=device, method=method, has_mfa=has_mfa, kind=kind)
    token, is_known = devices.remember(user=user, token=device.token)
    if not (is_first or is_known):
        mail.send_later("accounts/new_sign_in", to=user.email, context=sessions.describe(grant.session))
    return Entry(grant.session, grant.refresh, token)


def _require_active(user: User) -> None:
    if not user.is_active:
        raise invalid_credentials()


def invalid_credentials() -> UnauthenticatedError:
    """The one refusal for whatever is wrong with name and password."""
    return UnauthenticatedError("E-mail address, username or password is wrong.", code="invalid_credentials")
