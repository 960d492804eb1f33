"""Opening an account."""

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction

from accounts.models import User
from accounts.services import addresses, codes, passwords, usernames
from fantasize.core import mail
from fantasize.core.errors import FieldError, InvalidError

# What the answer says of the mail that went out, whether or not the address was new.
MAIL_STATE = "sent"


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

    Somebody new gets a code that proves the address.

    Returns:
        The new user; for a known address one that was made up and is not saved.

    Raises:
        InvalidError: the password is too weak (at ``/password``), or the username taken (at ``/username``).
    """
    user = User(email=email.strip().lower(), username=username, first_name=first_name, last_name=last_name)
    _refuse([*passwords.faults_in(password, user), *usernames.faults_in(username)])
    # Hashed before the address is looked at: a known one takes as long.
    user.set_password(password)
    try:
        _open(user, address)
    except IntegrityError:
        # Somebody took the username meanwhile, or else the address is known.
        _refuse(usernames.faults_in(username))
        _tell_owner(user.email)
    else:
        codes.request_verification(email=user.email)
    return user


@transaction.atomic
def _open(user: User, address: Mapping[str, Any] | None) -> None:
    user.save(force_insert=True)
    if address is not None:
        addresses.add(user=user, **address)


def _tell_owner(email: str) -> None:
    if codes.may_write_to(email, "already_registered"):
        mail.send_later("accounts/already_registered", to=email)


def _refuse(faults: list[FieldError]) -> None:
    if faults:
        raise InvalidError("The account cannot be opened like this.", errors=faults)
