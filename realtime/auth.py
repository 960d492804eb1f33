"""Who is at the other end of a socket, and whether they still may be."""

from collections.abc import Iterable
from uuid import UUID

from accounts.models import Session
from accounts.tokens import Principal, authenticate_access
from fantasize.core import clock
from fantasize.core.errors import DomainError, ForbiddenError, UnauthenticatedError

__all__ = ["Principal", "authenticate", "find_standings", "objection_to", "token_expired"]

# Of a live session's user: is_staff, is_superuser.
Standing = tuple[bool, bool]


def authenticate(token: str) -> Principal:
    """Who the access token speaks for, with their role loaded: the event loop may not query it later.

    Raises:
        UnauthenticatedError: the token, its session or its user does not count.
    """
    principal = authenticate_access(token)
    _ = principal.user.role
    return principal


def find_standings(sessions: Iterable[UUID]) -> dict[UUID, Standing]:
    """What the users of these sessions may be right now; sessions that ended are left out. One query."""
    rows = (
        Session.objects.live(clock.now())
        .filter(pk__in=set(sessions), user__is_active=True)
        .values_list("pk", "user__is_staff", "user__is_superuser")
    )
    return {pk: (is_staff, is_superuser) for pk, is_staff, is_superuser in rows}


def objection_to(principal: Principal, standing: Standing | None) -> DomainError | None:
    """Why a socket that signed in as ``principal`` may not stay; None when it may."""
    if standing is None:
        return UnauthenticatedError("The session has ended.", code="session_ended")
    if standing != (principal.user.is_staff, principal.user.is_superuser):
        return ForbiddenError("Your rights have changed. Connect again.", code="rights_changed")
    return None


def token_expired() -> UnauthenticatedError:
    """The refusal of a socket whose token has run out."""
    return UnauthenticatedError("The access token has expired.", code="token_expired")
