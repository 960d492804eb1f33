"""Sessions: beginning them, renewing them with tokens that work once, ending them."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction

from accounts import tokens
from accounts.enums import RevokeReason
from accounts.models import RefreshToken, Session, User
from accounts.models.session import SessionQuerySet
from fantasize.core import clock
from fantasize.core.errors import UnauthenticatedError

_MAX_USER_AGENT = 300


@dataclass(frozen=True, slots=True)
class Device:
    """What somebody signs in with, as far as the call tells.

    Attributes:
        user_agent: what the program calls itself.
        ip_address: where the call came from.
        site: what rate limits count as one client: the address, or the network of an IPv6 one.
    """

    user_agent: str = ""
    ip_address: str | None = None
    site: str = "local"


@dataclass(frozen=True, slots=True)
class Grant:
    """A session, and the only copy of its newest refresh token."""

    session: Session
    refresh: str


@transaction.atomic
def begin(*, user: User, device: Device) -> Grant:
    """Sign ``user`` in on ``device``; the session ends after ``settings.REFRESH_TOKEN_DAYS``, however it is used."""
    now = clock.now()
    session = Session.objects.create(
        user=user,
        created_at=now,
        last_used_at=now,
        expires_at=now + timedelta(days=settings.REFRESH_TOKEN_DAYS),
        user_agent=device.user_agent[:_MAX_USER_AGENT],
        ip_address=device.ip_address,
    )
    return _hand_out(session, parent=None)


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


def _exchange(token: RefreshToken) -> Grant | None:
    """The child of ``token``; None, and the session ended, if it has been used before.

    Raises:
        UnauthenticatedError: ``refresh_invalid``: the session is over or its user inactive; nothing is claimed.
    """
    if not _claim(token):
        end(session_id=token.session_id, reason=RevokeReason.REUSE)
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
