"""Asking again who somebody is, before they change how one gets in."""

from datetime import datetime, timedelta

from accounts.auth import is_right_password, require_room
from accounts.models import Session
from accounts.services import doors, mfa, sign_in
from accounts.services.sessions import Device
from fantasize.core import clock
from fantasize.core.errors import ForbiddenError

_RECENT = timedelta(minutes=10)


def require_recent(session: Session) -> None:
    """Let pass who has shown a password, code or key a moment ago; and the second factor, once there is one.

    Raises:
        ForbiddenError: ``reverification_required``.
    """
    mfa.require_shown(session)
    if clock.now() - session.proven_at > _RECENT:
        raise ForbiddenError("Show your password or a code first.", code="reverification_required")


def reverify(*, session: Session, device: Device, password: str = "", code: str = "") -> datetime:
    """Note that the session's owner is there, by their password or by their second factor (``code``).

    The password counts where the sign-in has seen the second factor, or there is none.

    Returns:
        Until when that counts.

    Raises:
        ForbiddenError: ``reverification_required``: only a code will do.
        UnauthenticatedError: ``invalid_credentials`` or ``mfa_code_invalid``.
        RateLimitedError: too many guesses at this account, or by this client.
        UnavailableError: guesses cannot be counted just now, or too many passwords are being looked at.
    """
    if code:
        mfa.prove(user=session.user, code=code, device=device)
    else:
        mfa.require_shown(session)
        _prove_password(session, password, device)
    doors.let_in(user=session.user, device=device)
    now = clock.now()
    session.proven_at = now
    session.mfa_at = now if code else session.mfa_at
    session.save(update_fields=["proven_at", "mfa_at"])
    return now + _RECENT


def _prove_password(session: Session, password: str, device: Device) -> None:
    require_room()
    doors.knock(user=session.user, device=device)
    if not is_right_password(session.user, password):
        doors.turn_away(device=device)
        raise sign_in.invalid_credentials()
