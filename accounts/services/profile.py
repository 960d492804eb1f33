"""What people say about themselves."""

from typing import Any

from django.db import IntegrityError, transaction

from accounts.models import User
from accounts.services import usernames
from fantasize.core.errors import InvalidError, UnauthenticatedError

FIELDS = frozenset({"username", "first_name", "last_name", "language", "wants_news"})


def update(*, user: User, **values: Any) -> User:
    """Change some of username, names, language (ISO 639) and whether the shop may send news. Locks the user's row.

    Raises:
        InvalidError: the username is taken (at ``/username``).
        UnauthenticatedError: the account was closed meanwhile.
    """
    if usernames.faults_in(values.get("username"), owner=user):
        raise _taken()
    for name in values.keys() & FIELDS:
        setattr(user, name, values[name])
    try:
        with transaction.atomic():
            lock_active(user)
            user.save(update_fields=values.keys() & FIELDS)
    except IntegrityError:
        # Somebody took it between the question and the answer.
        raise _taken() from None
    return user


def lock_active(user: User) -> None:
    """Lock the user's row until the commit: what is written about them is not written about somebody erased.

    Raises:
        UnauthenticatedError: the account was closed meanwhile.
    """
    if User.objects.active().select_for_update().filter(pk=user.pk).first() is None:
        raise UnauthenticatedError("The account is closed.")


def _taken() -> InvalidError:
    return InvalidError(usernames.TAKEN.detail, errors=[usernames.TAKEN])
