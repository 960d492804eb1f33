"""Proving that an e-mail address is one's own."""

from django.conf import settings
from django.db import transaction

from accounts.enums import CodePurpose, SignInMethod
from accounts.models import User
from accounts.services import codes, doors, sign_in
from accounts.services.sessions import Device
from accounts.services.sign_in import SignIn
from fantasize.core import clock, mail
from fantasize.core.errors import UnauthenticatedError

OPTIONAL = "optional"


def is_mandatory() -> bool:
    """Whether the shop lets nobody in before their address is proven."""
    return bool(settings.EMAIL_VERIFICATION != OPTIONAL)


def require_verified(user: User) -> None:
    """Refuse a user whose address is unproven, in a shop that asks for it; a new code is on its way to them.

    Raises:
        UnauthenticatedError: ``email_unverified``.
    """
    if is_mandatory() and not user.is_email_verified:
        codes.request_verification(email=user.email)
        raise UnauthenticatedError("Confirm your e-mail address first: a code is on its way.", code="email_unverified")


def verify(*, email: str, code: str, device: Device) -> SignIn:
    """Prove the address by the code that was sent to it, and sign in.

    It confirms the account as it is, with the password of whoever registered: hence the mail asks to leave the code
    alone unless it was oneself. An account that was registered with two passwords has none: see ``registration``.

    Raises:
        UnauthenticatedError: ``code_invalid``, the same for an address that nobody has; ``mfa_required``.
        RateLimitedError: too many guesses at this account, or by this client.
        UnavailableError: guesses cannot be counted just now.
    """
    user = confirm(email=email, code=code, device=device)
    return sign_in.next_step(user=user, device=device, method=SignInMethod.EMAIL_CODE)


def confirm(*, email: str, code: str, device: Device) -> User:
    """Prove the address by the code that was sent to it; signs nobody in.

    Raises:
        UnauthenticatedError: ``code_invalid``, the same for an address that nobody has.
        RateLimitedError, UnavailableError: as for ``verify``.
    """
    user = User.objects.active().filter(email=email).first()
    doors.knock(user=user, device=device, identifier=email)
    proven = _prove(user, code)
    if proven is None:
        doors.turn_away(device=device)
        raise codes.refusal()
    return proven


@transaction.atomic
def _prove(user: User | None, code: str) -> User | None:
    row = codes.redeem(user=user, purpose=CodePurpose.VERIFY_EMAIL, code=code)
    if row is not None:
        row.email_verified_at = clock.now()
        row.save(update_fields=["email_verified_at"])
        mail.send_later("accounts/welcome", to=row.email, context={"registered_twice": not row.has_usable_password()})
    return row
