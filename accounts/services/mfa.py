"""Second factors: which ones somebody has, what shows one, how they are taken up and given up.

allauth keeps authenticator apps and passkeys. Recovery codes are no factor of their own: they come with the first one
and go with the last.
"""

import re

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts import policies
from accounts.auth import tickets
from accounts.enums import SignInMethod
from accounts.models import Session, User
from accounts.services import doors, recovery_codes, totp
from accounts.services.sessions import Device
from accounts.services.totp import Enrolment
from fantasize.core import clock, mail
from fantasize.core.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError, UnauthenticatedError

RECOVERY_CODE = "recovery_code"
METHODS = ("totp", "webauthn", RECOVERY_CODE)
_SPACING = re.compile(r"[\s-]")
_ONE_TIME_PASSWORD = re.compile(rf"[0-9]{{{totp.DIGITS}}}")
# As mails call them; a name that somebody gave one may be a stranger's words.
_NAMES = {Authenticator.Type.TOTP: "An authenticator app", Authenticator.Type.WEBAUTHN: "A passkey"}


def is_enabled(user: User) -> bool:
    """Whether a second factor is asked of the user; one query."""
    return bool(get_adapter().is_mfa_enabled(user, settings.MFA_SUPPORTED_TYPES))


def has_totp(user: User) -> bool:
    """Whether the user has an authenticator app."""
    return totp.find_authenticator(user) is not None


def recovery_codes_left(user: User) -> int:
    """How many recovery codes the user has not used."""
    return recovery_codes.count_left(user)


def methods_of(user: User) -> list[str]:
    """What the user can show as a second factor: of ``totp``, ``webauthn`` and ``recovery_code``."""
    own = set(Authenticator.objects.filter(user=user).values_list("type", flat=True))
    methods = [method for method in settings.MFA_SUPPORTED_TYPES if method in own]
    return [*methods, RECOVERY_CODE] if methods and recovery_codes_left(user) else methods


def challenge(*, user: User, method: SignInMethod) -> str:
    """The ``mfa_token``: ``user`` has shown a first factor, ``method``, and owes the second.

    It is void after five minutes, after a sign-in, and when the password or the second factors change.
    """
    return tickets.issue(tickets.SecondStepTicket, sub=str(user.pk), method=method.value, state=_state_of(user))


def read_challenge(mfa_token: str) -> tuple[User, SignInMethod]:
    """Who owes a second factor, and what they showed first.

    Raises:
        UnauthenticatedError: ``mfa_token_invalid``.
    """
    claims = tickets.read(tickets.SecondStepTicket, mfa_token)
    user = None if claims is None else User.objects.active().filter(pk=claims["sub"]).first()
    if claims is None or user is None or not constant_time_compare(claims["state"], _state_of(user)):
        raise UnauthenticatedError("This step has expired. Sign in again.", code="mfa_token_invalid")
    return user, SignInMethod(claims["method"])


def prove(*, user: User, code: str, device: Device) -> None:
    """Accept a one-time password or a recovery code; either works once. Spaces, dashes and case do not matter.

    Raises:
        UnauthenticatedError: ``mfa_code_invalid``.
        RateLimitedError: too many guesses at this account, or by this client.
        UnavailableError: guesses cannot be counted just now.
    """
    doors.knock(user=user, device=device)
    if not _is_right(user, _plain(code)):
        doors.turn_away(device=device)
        raise UnauthenticatedError("The code is wrong, or it has been used.", code="mfa_code_invalid")


def start_totp(*, user: User) -> Enrolment:
    """Offer ``user`` an authenticator app; nothing changes before ``activate_totp``.

    Raises:
        ConflictError: ``totp_enabled``: there is one already.
    """
    _require_no_totp(user)
    return totp.start(user)


def activate_totp(*, user: User, code: str, device: Device, session: Session | None = None) -> list[str]:
    """Ask for one-time passwords from now on, because ``code`` shows that the app knows the secret.

    Args:
        user: who.
        code: what the app shows.
        device: counted like every other guess.
        session: where it happens; it has shown its second factor herewith.

    Returns:
        Fresh recovery codes, the only copy of them; none for whoever still has some.

    Raises:
        ConflictError: ``totp_enabled``, or ``totp_not_started``.
        InvalidError: the code is wrong (at ``/code``).
        RateLimitedError: too many guesses.
    """
    _require_no_totp(user)
    secret = totp.pending_secret(user)
    if secret is None:
        raise ConflictError("Begin again: the secret has expired.", code="totp_not_started")
    doors.knock(user=user, device=device)
    codes = _activate(user, secret, _plain(code), session)
    totp.forget_pending_secret(user)
    doors.let_in(user=user, device=device)
    return codes


@transaction.atomic
def remove_totp(*, user: User) -> None:
    """Forget the authenticator app. Locks the user's row.

    Raises:
        NotFoundError: there is none.
        ConflictError: ``mfa_required_by_role``: it is the last factor of somebody who must have one.
    """
    lock(user)
    authenticator = totp.find_authenticator(user)
    if authenticator is None:
        raise NotFoundError
    remove(user, authenticator)


@transaction.atomic
def renew_recovery_codes(*, user: User) -> list[str]:
    """Ten fresh recovery codes in place of all earlier ones, and a mail that tells of it. Locks the user's row.

    Raises:
        ConflictError: ``mfa_not_enabled``: there is nothing to recover.
    """
    lock(user)
    if not is_enabled(user):
        raise ConflictError("Recovery codes come with the first second factor.", code="mfa_not_enabled")
    _tell(user, "New recovery codes were made; the earlier ones are void.")
    return recovery_codes.renew(user)


def is_missing(session: Session) -> bool:
    """Whether a role of the session's user asks for a second factor that this sign-in has not seen."""
    return session.mfa_at is None and policies.requires_mfa(session.user)


def require(session: Session) -> None:
    """Refuse a sign-in without the second factor that a role asks for.

    Raises:
        ForbiddenError: ``mfa_enrolment_required``.
    """
    if is_missing(session):
        raise ForbiddenError(
            "Your role asks for a second factor. Set one up, or sign in again with yours.",
            code="mfa_enrolment_required",
            title="Second factor required",
        )


def require_shown(session: Session) -> None:
    """Refuse a sign-in from before there was a second factor, or from beside it: it may not change how one gets in.

    Raises:
        ForbiddenError: ``reverification_required``.
    """
    if session.mfa_at is None and is_enabled(session.user):
        raise ForbiddenError("Show your second factor first.", code="reverification_required")


def lock(user: User) -> None:
    """Let changes of the user's factors, which count them, happen one after the other."""
    User.objects.select_for_update().get(pk=user.pk)


def add(user: User, authenticator: Authenticator, session: Session | None) -> list[str]:
    """Take up a factor, in the caller's transaction with the user locked; recovery codes for whoever has none left.

    A mail tells of it.

    Raises:
        UnauthenticatedError: the session has ended while the caller waited for the lock.
    """
    now = clock.now()
    if session is not None and not Session.objects.live(now).filter(pk=session.pk).update(mfa_at=now):
        raise UnauthenticatedError("Sign in first.")
    if is_enabled(user):
        _tell(user, f"{_NAMES[authenticator.type]} was added.")
    else:
        mail.send_later("accounts/mfa_enabled", to=user.email)
    authenticator.save()
    return [] if recovery_codes_left(user) else recovery_codes.renew(user)


def remove(user: User, authenticator: Authenticator) -> None:
    """Give up a factor, in the caller's transaction with the user locked; the recovery codes go with the last.

    A mail tells of it.

    Raises:
        ConflictError: ``mfa_required_by_role``.
    """
    others = Authenticator.objects.filter(user=user, type__in=settings.MFA_SUPPORTED_TYPES).exclude(pk=authenticator.pk)
    is_last = not others.exists()
    if is_last and policies.requires_mfa(user):
        raise ConflictError("Your role asks for a second factor. Add another one first.", code="mfa_required_by_role")
    authenticator.delete()
    if is_last:
        recovery_codes.forget(user)
        mail.send_later("accounts/mfa_disabled", to=user.email)
    else:
        _tell(user, f"{_NAMES[authenticator.type]} was removed.")


@transaction.atomic
def _activate(user: User, secret: str, code: str, session: Session | None) -> list[str]:
    lock(user)
    _require_no_totp(user)
    if not totp.accept(user, secret, code):
        raise InvalidError.at("/code", "This is not the code that the app shows now.", code="mfa_code_invalid")
    data = {"secret": get_adapter().encrypt(secret)}
    return add(user, Authenticator(user=user, type=Authenticator.Type.TOTP, data=data), session)


def _tell(user: User, what: str) -> None:
    mail.send_later("accounts/sign_in_changed", to=user.email, context={"what": what})


def _require_no_totp(user: User) -> None:
    if has_totp(user):
        raise ConflictError("There is an authenticator app. Remove it first.", code="totp_enabled")


def _is_right(user: User, code: str) -> bool:
    if not _ONE_TIME_PASSWORD.fullmatch(code):
        return recovery_codes.accept(user, code)
    authenticator = totp.find_authenticator(user)
    if authenticator is None or not totp.accept(user, get_adapter().decrypt(authenticator.data["secret"]), code):
        return False
    Authenticator.objects.filter(pk=authenticator.pk).update(last_used_at=clock.now())
    return True


def _plain(code: str) -> str:
    return _SPACING.sub("", code).upper()


def _state_of(user: User) -> str:
    """What ends a challenge when it changes, as a keyed hash."""
    factors = Authenticator.objects.filter(user=user).order_by("pk").values_list("pk", flat=True)
    parts = (user.password, user.last_login, *factors)
    return salted_hmac("accounts.mfa", "|".join(map(str, parts)), algorithm="sha256").hexdigest()
