"""Usernames: one each, without regard to case."""

from accounts.models import User
from fantasize.core.errors import InvalidError


def require_free_username(username: str | None, *, owner: User | None = None) -> None:
    """Refuse a username that somebody other than ``owner`` has. The database has the last word.

    Raises:
        InvalidError: ``taken``, at ``/username``.
    """
    if username is None:
        return
    holder = User.objects.known_as(username).first()
    if holder is not None and holder != owner:
        raise username_taken()


def username_taken() -> InvalidError:
    """What is said to whoever asks for somebody else's username."""
    return InvalidError.at("/username", "This username is taken.", code="taken")
