"""What somebody shows us of a provider, and what we take from it."""

from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from accounts.enums import SignInMethod
from accounts.validators import is_plain_text, is_seen

_MAX_EMAIL = 254
_MAX_NAME = 150
_MAX_PICTURE = 2000


@dataclass(frozen=True, slots=True)
class Credential:
    """A provider's token as it came in; nothing of it is believed yet.

    Attributes:
        provider: whose token it is.
        token: Google's or Firebase's ID token, Facebook's access token.
        nonce: what the caller had the provider put into the ID token, if anything.
    """

    provider: SignInMethod
    token: str = field(repr=False)
    nonce: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody whom a provider vouches for: ``issuer`` and ``subject`` name them for good, all else may change.

    Attributes:
        issuer: who vouches: ``google``, ``facebook``, ``firebase:<project>``.
        subject: the provider's own name for them.
        email: their address in ASCII, or nothing.
        is_email_verified: whether the provider says that the address is theirs.
        first_name, last_name: one line each, or nothing.
        picture: where their picture is, or nothing; nobody has looked there yet.
        fingerprint: what makes the token work once; nothing for tokens that are made to be used again.
    """

    issuer: str
    subject: str
    email: str = ""
    is_email_verified: bool = False
    first_name: str = ""
    last_name: str = ""
    picture: str = ""
    fingerprint: str = ""


def email_in(value: Any) -> str:
    """``value`` if it is an address in ASCII, else nothing.

    Lower-casing turns some letters into ASCII ones (the Kelvin sign into ``k``): an address outside ASCII could become
    somebody else's.
    """
    if not isinstance(value, str) or not value.isascii() or len(value) > _MAX_EMAIL:
        return ""
    try:
        validate_email(value)
    except ValidationError:
        return ""
    return value


def name_in(value: Any) -> str:
    """``value`` if it can stand as somebody's name, else nothing."""
    if not isinstance(value, str):
        return ""
    name = value.encode(errors="ignore").decode().strip()
    return name if len(name) <= _MAX_NAME and is_plain_text(name) and is_seen(name) else ""


def picture_in(value: Any) -> str:
    """``value`` if it may be a URL, else nothing."""
    is_url = isinstance(value, str) and value.isascii() and value.isprintable() and len(value) <= _MAX_PICTURE
    return value if is_url else ""
