"""What people say about themselves."""

from django.db import IntegrityError, transaction

from accounts.models import User
from accounts.services import usernames
from fantasize.core.errors import InvalidError

FIELDS = frozenset({"username", "first_name", "last_name"})


def update(*, user: User, **values: str | None) -> User:
    """Change some of username, first name and last name.

    Raises:
        InvalidError: the username is taken (at ``/username``).
    """
    if usernames.faults_in(values.get("username"), owner=user):
        raise _taken()
    for name in values.keys() & FIELDS:
        setattr(user, name, values[name])
    try:
        with transaction.atomic():
            user.save(update_fields=values.keys() & FIELDS)
    except IntegrityError:
        # Somebody took it between the question and the answer.
        raise _taken() from None
    return user


def _taken() -> InvalidError:
    return InvalidError(usernames.TAKEN.detail, errors=[usernames.TAKEN])
