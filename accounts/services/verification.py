"""Whether somebody's e-mail address has to be proven before they may sign in."""

from django.conf import settings

from accounts.models import User
from fantasize.core.errors import UnauthenticatedError

MANDATORY = "mandatory"


def require_verified(user: User) -> None:
    """Refuse a user whose address is unproven, in a shop that asks for it.

    Raises:
        UnauthenticatedError: ``email_unverified``.
    """
    if settings.EMAIL_VERIFICATION == MANDATORY and user.email_verified_at is None:
        raise UnauthenticatedError("Confirm your e-mail address first.", code="email_unverified")


def state_after_registration() -> str:
    """What a registration's answer says of the mail that went out; the same whether or not the address was new."""
    return "sent"
