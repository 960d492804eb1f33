"""One-time passwords of authenticator apps (RFC 6238: SHA-1, six digits, thirty seconds). Each is good for one use.

allauth keeps the secrets; whether a code is right is asked here, by our clock, because allauth remembers used codes in
a cache only, and for less time than they live.
"""

import base64
import secrets
from dataclasses import dataclass

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor import InvalidToken
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from django.conf import settings
from django.core.cache import cache
from django.utils.crypto import salted_hmac

from accounts.models import UsedPassword, User
from fantasize.core import clock

DIGITS = 6
_PERIOD_SECONDS = 30
_SECRET_BYTES = 20
_PENDING_SECONDS = 15 * 60


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What an authenticator app needs to know.

    Attributes:
        secret: to type in, in base 32.
        uri: the same with the account's name, as ``otpauth://totp/...``.
        svg: the URI as a QR code, an SVG document.
    """

    secret: str
    uri: str
    svg: str


def start(user: User) -> Enrolment:
    """A fresh secret, kept aside for a quarter of an hour; it counts for nothing until it is activated."""
    adapter, secret = get_adapter(), base64.b32encode(secrets.token_bytes(_SECRET_BYTES)).decode()
    cache.set(_pending_key(user), adapter.encrypt(secret), _PENDING_SECONDS)
    uri = adapter.build_totp_url(user, secret)
    return Enrolment(secret, uri, adapter.build_totp_svg(uri))


def pending_secret(user: User) -> str | None:
    """The secret that ``start`` gave out last, if it is still waiting."""
    sealed = cache.get(_pending_key(user))
    return None if sealed is None else get_adapter().decrypt(sealed)


def forget_pending_secret(user: User) -> None:
    """Have ``start`` be asked again."""
    cache.delete(_pending_key(user))


def find_authenticator(user: User) -> Authenticator | None:
    """The user's authenticator app."""
    return Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).first()


def accept(user: User, secret: str, code: str) -> bool:
    """Whether ``code`` is right and was not used before; it is used now. Of any number of callers one is told so.

    The unique row decides, so that no cache and no second process can let a code in again.
    """
    moment = _moment_of(secret, code)
    if moment is None:
        return False
    code_hash = salted_hmac("accounts.totp", f"{secret}:{moment // _PERIOD_SECONDS}", algorithm="sha256").hexdigest()
    _, is_new = UsedPassword.objects.get_or_create(user=user, code_hash=code_hash, defaults={"used_at": clock.now()})
    return is_new


def _moment_of(secret: str, code: str) -> int | None:
    """When ``code`` is due, as a Unix time near now; None for a wrong one."""
    now, generator = int(clock.now().timestamp()), TOTP(base64.b32decode(secret), DIGITS, SHA1(), _PERIOD_SECONDS)  # noqa: S303 - what authenticator apps speak
    for steps in range(-settings.MFA_TOTP_TOLERANCE, settings.MFA_TOTP_TOLERANCE + 1):
        moment = now + steps * _PERIOD_SECONDS
        try:
            generator.verify(code.encode(), moment)
        except InvalidToken:
            continue
        return moment
    return None


def _pending_key(user: User) -> str:
    return f"mfa.totp.pending:{user.pk}"
