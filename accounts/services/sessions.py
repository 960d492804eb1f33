"""Sessions: beginning them, renewing them with tokens that work once, ending them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from accounts import tokens
from accounts.enums import RevokeReason, SessionKind, SignInMethod
from accounts.models import RefreshToken, Session, User
from accounts.models.session import SessionQuerySet
from accounts.services import devices
from fantasize.core import clock, mail
from fantasize.core.errors import UnauthenticatedError

_MAX_USER_AGENT = 300
_NOTE_USE_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Device:
    """What somebody signs in with, as far as the call tells.

    Attributes:
        user_agent: what the program calls itself.
        ip_address: where the call came from.
        site: what rate limits count as one client: the address, or the network of an IPv6 one.
        token: what the device was given when somebody last signed in on it, if it shows that.
    """

    user_agent: str = ""
    ip_address: str | None = None
    site: str = "local"
    token: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Grant:
    """A session, and the only copy of its newest refresh token; none in the admin, where a cookie holds the session."""

    session: Session
    refresh: str


@transaction.atomic
def begin(
    *,
    user: User,
    device: Device,
    method: SignInMethod = SignInMethod.PASSWORD,
    has_mfa: bool = False,
    kind: SessionKind = SessionKind.API,
) -> Grant:
    """Sign ``user`` in on ``device``; the session ends after ``settings.REFRESH_TOKEN_DAYS``, however it is used."""
    now = clock.now()
    session = Session.objects.create(
        user=user,
        kind=kind,
        method=method,
        created_at=now,
        proven_at=now,
        mfa_at=now if has_mfa else None,
        last_used_at=now,
        expires_at=now + timedelta(days=settings.REFRESH_TOKEN_DAYS),
        user_agent=device.user_agent[:_MAX_USER_AGENT],
        ip_address=device.ip_address,
    )
    return Grant(session, "") if kind == SessionKind.ADMIN else _hand_out(session, parent=None)


def resume(*, session_id: UUID, user: User) -> Session | None:
    """The user's live session in the admin, whose use is noted (to the minute); None if it has ended."""
    now = clock.now()
    session = Session.objects.live(now).filter(pk=session_id, user=user, kind=SessionKind.ADMIN).first()
    if session is None:
        return None
    session.user = user
    if now - session.last_used_at > _NOTE_USE_EVERY:
        session.last_used_at = now
        session.save(update_fields=["last_used_at"])
    return session


def describe(session: Session) -> Mapping[str, Any]:
    """What a mail says of a session."""
    return {
        # Never what the program calls itself: a stranger would write into our mail.
        "device": devices.name_of(session.user_agent),
        "address": session.ip_address or "Unknown",
        "when": clock.now(),
    }


def rotate(*, refresh: str) -> Grant:
    """Exchange a refresh token for its one child.

    A token that is shown again was stolen, or its child was: the whole session ends, and stays ended although the
    caller gets an error. Hence no transaction may lie around this call.

    Raises:
        UnauthenticatedError: ``refresh_reused``, or ``refresh_invalid`` for everything else.
    """
    token_hash = tokens.hash_refresh_token(refresh)
    token = RefreshToken.objects.select_related("session__user").filter(token_hash=token_hash).first()
    if token is None:
        raise _invalid()
    with transaction.atomic(durable=True):
        grant = _exchange(token)
    if grant is None:
        raise UnauthenticatedError(
            "This refresh token has been used before, so its session has ended. Sign in again.", code="refresh_reused"
        )
    return grant


def end(*, session_id: UUID, reason: RevokeReason) -> int:
    """End one session, and with it every token it gave out; returns how many ended (0 if it had before)."""
    return _end(Session.objects.filter(pk=session_id), reason)


def end_by_refresh_token(*, refresh: str, reason: RevokeReason) -> int:
    """End the session that a refresh token belongs to; returns how many ended."""
    return _end(Session.objects.filter(refresh_tokens__token_hash=tokens.hash_refresh_token(refresh)), reason)


def end_all(*, user: User, reason: RevokeReason) -> int:
    """End every session of ``user``; returns how many ended."""
    return _end(Session.objects.filter(user=user), reason)


def end_others(*, session: Session, reason: RevokeReason) -> int:
    """End every session of the user but this one; returns how many ended."""
    return _end(Session.objects.filter(user=session.user_id).exclude(pk=session.pk), reason)


def _exchange(token: RefreshToken) -> Grant | None:
    """The child of ``token``; None, and the session ended and its owner told, if it has been used before.

    Raises:
        UnauthenticatedError: ``refresh_invalid``: the session is over or its user inactive; nothing is claimed.
    """
    if not _claim(token):
        # Of all who come too late, one ends the session: so there is one mail.
        if end(session_id=token.session_id, reason=RevokeReason.REUSE):
            mail.send_later("accounts/refresh_reused", to=token.session.user.email, context=describe(token.session))
        return None
    session, now = token.session, clock.now()
    if not (session.is_live(now) and session.user.is_active):
        raise _invalid()
    session.last_used_at = now
    session.save(update_fields=["last_used_at"])
    return _hand_out(session, parent=token)


def _claim(token: RefreshToken) -> bool:
    """Mark the token used, unless it is: one UPDATE on one row, so that of any number of callers one succeeds."""
    return RefreshToken.objects.filter(pk=token.pk, used_at=None).update(used_at=clock.now()) == 1


def _hand_out(session: Session, *, parent: RefreshToken | None) -> Grant:
    refresh = tokens.new_refresh_token()
    token_hash = tokens.hash_refresh_token(refresh)
    RefreshToken.objects.create(session=session, token_hash=token_hash, parent=parent, created_at=clock.now())
    return Grant(session, refresh)


def _end(sessions: SessionQuerySet, reason: RevokeReason) -> int:
    return sessions.filter(revoked_at=None).update(revoked_at=clock.now(), revoke_reason=reason)


def _invalid() -> UnauthenticatedError:
    return UnauthenticatedError("The refresh token is not valid. Sign in again.", code="refresh_invalid")
