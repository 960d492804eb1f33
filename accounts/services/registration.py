"""Opening an account."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from django.contrib.auth.hashers import check_password, make_password
from django.db import IntegrityError, transaction

from accounts.enums import CodePurpose
from accounts.models import Address, User
from accounts.services import addresses, codes, passwords, usernames, verification
from fantasize.core import mail
from fantasize.core.errors import FieldError, InvalidError

# What the answer says of the mail that went out, whether or not the address was new.
MAIL_STATE = "sent"
_SAID = ("password", "username", "first_name", "last_name")


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

    Somebody new gets a code that proves the address. In a shop that asks for it, so does whoever registers an address
    again that nobody has proven or signed in with. With the password of the time before they are taken for the same
    person, and what they say now counts. With another one there are two, and nobody can tell which of them reads the
    mail: the account keeps what neither said, and no password. The code lets in whoever reads it, to choose one.

    Returns:
        The new user; for a known address one that was made up and is not saved.

    Raises:
        InvalidError: the password is too weak (at ``/password``), or the username taken (at ``/username``).
    """
    user = User(email=email.strip().lower(), username=username, first_name=first_name, last_name=last_name)
    _refuse([*passwords.faults_in(password, user), *usernames.faults_in(username)])
    _set_password(user, password)
    try:
        user_id = _open(user, address)
    except IntegrityError:
        # Somebody took the username meanwhile, or else the address.
        _refuse(usernames.faults_in(username))
        user_id = _open(user, address)
    if user_id is None:
        _tell_owner(user.email)
    else:
        codes.send_later(user_id, email=user.email, purpose=CodePurpose.VERIFY_EMAIL)
    return user


def _set_password(user: User, password: str) -> None:
    """Give ``user`` the hash that the address has already, if it is of this password, or else a new one.

    One hash is computed whatever is known of the address, so that the time of the answer tells nothing of it.
    """
    earlier = User.objects.filter(email=user.email).first()
    if earlier is None or not _is_unused(earlier):
        user.set_password(password)
    elif check_password(password, earlier.password):
        user.password = earlier.password
    else:
        user.set_unusable_password()


@transaction.atomic
def _open(user: User, address: Mapping[str, Any] | None) -> UUID | None:
    """Whose account it is now: a new one, or one that nobody has used; None if the address is somebody's.

    Takes the same queries in all three cases. Locks the row that has the address.
    """
    row = User.objects.select_for_update(no_key=True).filter(email=user.email).first()
    is_theirs = row is None or _is_unused(row)
    pk = (row or user).pk if is_theirs else uuid4()
    if row is None:
        user.save(force_insert=True)
    else:
        said = user if row.password == user.password or not is_theirs else User(password=make_password(None))
        User.objects.filter(pk=pk).update(created_at=user.created_at, **{name: getattr(said, name) for name in _SAID})
    Address.objects.filter(user=pk).delete()
    if not is_theirs:
        return None
    if address is not None and (row is None or row.password == user.password):
        addresses.add(user=row or user, **address)
    return pk


def _is_unused(user: User) -> bool:
    """Whether it was registered, by whomever, and nothing came of it. Staff are no strangers: somebody made them so."""
    is_blank = not (user.is_email_verified or user.last_login or user.is_staff or user.is_superuser)
    return verification.is_mandatory() and is_blank and user.is_active


def _tell_owner(email: str) -> None:
    if codes.may_write_to(email, "already_registered"):
        mail.send_later("accounts/already_registered", to=email)


def _refuse(faults: list[FieldError]) -> None:
    if faults:
        raise InvalidError("The account cannot be opened like this.", errors=faults)
