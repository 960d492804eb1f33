"""What people say about themselves."""

from django.db import IntegrityError, transaction

from accounts.models import User
from accounts.services.usernames import require_free_username, username_taken

FIELDS = frozenset({"username", "first_name", "last_name"})


def update(*, user: User, **values: str | None) -> User:
    """Change some of username, first name and last name.

    Raises:
        InvalidError: the username is taken (at ``/username``).
    """
    require_free_username(values.get("username"), owner=user)
    for name in values.keys() & FIELDS:
        setattr(user, name, values[name])
    try:
        with transaction.atomic():
            user.save(update_fields=values.keys() & FIELDS)
    except IntegrityError:
        # Somebody took it between the question and the answer.
        raise username_taken() from None
    return user
