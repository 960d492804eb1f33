"""Setting a new password: by a code for whoever has forgotten it, by the old one for whoever has not."""

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.auth import is_right_password, require_room
from accounts.enums import CodePurpose, RevokeReason
from accounts.models import Session, User
from accounts.services import codes, devices, doors, mfa, recovery_codes, sessions, sign_in
from accounts.services.sessions import Device
from fantasize.core import clock, mail
from fantasize.core.errors import FieldError, InvalidError


def faults_in(password: str, user: User) -> list[FieldError]:
    """What is wrong with ``password`` for ``user``, at ``/password``."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        return [
            FieldError("/password", fault.code or "invalid", " ".join(fault.messages)) for fault in error.error_list
        ]
    return []


def reset(*, email: str, code: str, password: str, device: Device) -> None:
    """Set a new password by a code that was mailed, which proves the address too. It signs nobody in.

    All sessions end, no device is known any more, and a mail tells of it. If nobody had proven the address before,
    whoever opened the account may have been a stranger: every way in that they set up is closed.

    Raises:
        UnauthenticatedError: ``code_invalid``, the same for an address that nobody has.
        InvalidError: the password is too weak (at ``/password``); the code stays good.
        RateLimitedError: too many guesses at this account, or by this client.
        UnavailableError: guesses cannot be counted just now, or too many passwords are being looked at.
    """
    # By the address alone: what else is known of the account is not for everybody to find out.
    _require_strong(password, User(email=email))
    user = User.objects.active().filter(email=email).first()
    require_room()
    doors.knock(user=user, device=device, identifier=email)
    # Hashed whether or not the code is right, and before anything is locked.
    changed = _reset(user, code, password, make_password(password))
    if changed is None:
        doors.turn_away(device=device)
        raise codes.refusal()
    if not mfa.is_enabled(changed):
        doors.let_in(user=changed, device=device)


def change(*, session: Session, current_password: str, password: str, device: Device) -> None:
    """Set a new password by the one that was; every other session ends, and a mail tells of it.

    Raises:
        InvalidError: the new password is too weak (at ``/password``).
        UnauthenticatedError: ``invalid_credentials``: the current password is wrong.
        RateLimitedError: too many guesses at this account, or by this client.
        UnavailableError: guesses cannot be counted just now, or too many passwords are being looked at.
    """
    user = session.user
    _require_strong(password, user)
    require_room()
    doors.knock(user=user, device=device)
    if not (is_right_password(user, current_password) and _replace(session, user.password, make_password(password))):
        doors.turn_away(device=device)
        raise sign_in.invalid_credentials()
    doors.let_in(user=user, device=device)


def supersede(*, user: User) -> None:
    """Let nothing of the earlier password count, in the transaction in which staff set a new one, and tell the owner.

    All sessions end, and no device is known any more.
    """
    _end_what_was(user)
    what = "Somebody who works for the shop set a new password. All devices have been signed out."
    mail.send_later("accounts/sign_in_changed", to=user.email, context={"what": what})


@transaction.atomic
def _reset(user: User | None, code: str, password: str, hashed: str) -> User | None:
    row = codes.redeem(user=user, purpose=CodePurpose.RESET_PASSWORD, code=code)
    if row is not None:
        # Raised here, it undoes the use of the code.
        _require_strong(password, row)
        row.password = hashed
        if not row.is_email_verified:
            row.email_verified_at = clock.now()
            _close_other_ways_in(row)
        row.save(update_fields=["password", "email_verified_at"])
        _end_what_was(row)
        mail.send_later("accounts/password_changed", to=row.email)
    return row


def _end_what_was(user: User) -> None:
    sessions.end_all(user=user, reason=RevokeReason.PASSWORD)
    devices.forget_all(user=user)


def _close_other_ways_in(user: User) -> None:
    """Forget second factors and linked providers; sessions and devices end with every reset."""
    Authenticator.objects.filter(user=user).delete()
    recovery_codes.forget(user)
    SocialAccount.objects.filter(user=user).delete()


@transaction.atomic
def _replace(session: Session, old: str, new: str) -> bool:
    """Whether the hash was ``old`` until now: of several callers with the same password one succeeds."""
    user = session.user
    if not User.objects.filter(pk=user.pk, password=old).update(password=new):
        return False
    Session.objects.filter(pk=session.pk).update(proven_at=clock.now())
    sessions.end_others(session=session, reason=RevokeReason.PASSWORD)
    mail.send_later("accounts/password_changed", to=user.email)
    return True


def _require_strong(password: str, user: User) -> None:
    faults = faults_in(password, user)
    if faults:
        raise InvalidError("This password will not do.", errors=faults)
