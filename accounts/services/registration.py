"""Opening an account."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.models import User
from accounts.services import addresses, mail, usernames
from fantasize.core.errors import FieldError, InvalidError


def register(
    *,
    email: str,
    password: str,
    username: str | None = None,
    first_name: str = "",
    last_name: str = "",
    address: Mapping[str, Any] | None = None,
) -> User:
    """Open an account, or look as if: for a known address the answer is the same, and its owner gets a mail.

    Returns:
        The new user; for a known address one that was made up and is not saved.

    Raises:
        InvalidError: the password is too weak (at ``/password``), or the username taken (at ``/username``).
    """
    user = User(email=email.strip().lower(), username=username, first_name=first_name, last_name=last_name)
    _refuse([*_password_faults(password, user), *usernames.faults_in(username)])
    # Hashed before the address is looked at: a known one takes as long.
    user.set_password(password)
    try:
        _open(user, address)
    except IntegrityError:
        # Somebody took the username meanwhile, or else the address is known.
        _refuse(usernames.faults_in(username))
        transaction.on_commit(partial(mail.tell_address_is_known, email=user.email))
    return user


@transaction.atomic
def _open(user: User, address: Mapping[str, Any] | None) -> None:
    user.save(force_insert=True)
    if address is not None:
        addresses.add(user=user, **address)
    transaction.on_commit(partial(mail.welcome, email=user.email))


def _refuse(faults: list[FieldError]) -> None:
    if faults:
        raise InvalidError("The account cannot be opened like this.", errors=faults)


def _password_faults(password: str, user: User) -> list[FieldError]:
    try:
        validate_password(password, user)
    except ValidationError as error:
        return [
            FieldError("/password", fault.code or "invalid", " ".join(fault.messages)) for fault in error.error_list
        ]
    return []
