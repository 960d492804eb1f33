"""Usernames: one each, without regard to case."""

from accounts.models import User
from fantasize.core.errors import FieldError

TAKEN = FieldError("/username", "taken", "This username is taken.")


def faults_in(username: str | None, *, owner: User | None = None) -> list[FieldError]:
    """Whether somebody other than ``owner`` has the username already. The database has the last word."""
    if username is None:
        return []
    holder = User.objects.known_as(username).first()
    return [] if holder in (None, owner) else [TAKEN]
