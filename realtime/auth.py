"""Who is at the other end of a socket, and whether they still may be."""

from collections.abc import Iterable
from uuid import UUID

from accounts.models import Session
from accounts.services import mfa
from accounts.tokens import Principal, authenticate_access
from fantasize.core import clock, limits
from fantasize.core.errors import DomainError, ForbiddenError, NotFoundError, UnauthenticatedError
from orders.policies import LinkHolder
from orders.services import links

__all__ = ["Principal", "authenticate", "find_standings", "hold", "objection_to", "token_expired"]

# Of a live session's user: is_staff, is_superuser, rights_version.
Standing = tuple[bool, bool, int]


def authenticate(token: str) -> Principal:
    """Who the access token speaks for, with their role loaded: the event loop may not query it later.

    Raises:
        UnauthenticatedError: the token, its session or its user does not count.
        ForbiddenError: ``mfa_enrolment_required``: their role asks for a second factor that was not shown.
    """
    principal = authenticate_access(token)
    mfa.require(principal.session)
    _ = principal.user.role
    return principal


def hold(token: str, *, site: str) -> LinkHolder:
    """Whom the token of a link to an order speaks for. Wrong ones are counted, by where they come from.

    Raises:
        NotFoundError: nobody, or the link has run out.
        LinkRevokedError: it was taken back.
        OverLimitError: one wrong token too many.
    """
    try:
        return links.get_holder(token)
    except NotFoundError:
        verdict = limits.hit("general", f"address:{site}")
        if verdict:
            verdict.require()
        raise


def find_standings(sessions: Iterable[UUID]) -> dict[UUID, Standing]:
    """What the users of these sessions may be right now; sessions that ended are left out. One query."""
    rows = (
        Session.objects.live(clock.now())
        .filter(pk__in=set(sessions), user__is_active=True)
        .values_list("pk", "user__is_staff", "user__is_superuser", "user__rights_version")
    )
    return {pk: (staff, superuser, version) for pk, staff, superuser, version in rows}


def objection_to(principal: Principal, standing: Standing | None) -> DomainError | None:
    """Why a socket that signed in as ``principal`` may not stay; None when it may."""
    if standing is None:
        return UnauthenticatedError("The session has ended.", code="session_ended")
    user = principal.user
    if standing != (user.is_staff, user.is_superuser, user.rights_version):
        return ForbiddenError("Your rights have changed. Connect again.", code="rights_changed")
    return None


def token_expired() -> UnauthenticatedError:
    """The refusal of a socket whose token has run out."""
    return UnauthenticatedError("The access token has expired.", code="token_expired")
