"""Codes by mail: asked for in a request, made and sent by a background task, good for one use.

Nobody can tell from asking whether there is such an account: the request does the same for every address. The code
itself stands in the mail alone; what is stored is a keyed hash over it and over what the account is like, so that a new
password or a new address voids it.
"""

import hashlib
import secrets
from datetime import timedelta
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils.crypto import salted_hmac
from procrastinate.contrib.django import app as queue

from accounts.enums import CodePurpose
from accounts.models import OneTimeCode, User
from fantasize.core import clock, limits, mail
from fantasize.core.errors import UnauthenticatedError

SEND_TASK = "accounts.tasks.send_code"
DIGITS = 6


def request_verification(*, email: str) -> None:
    """Have a code sent that proves the address, if somebody has it and has not proven it yet."""
    _request(email, CodePurpose.VERIFY_EMAIL)


def request_reset(*, email: str) -> None:
    """Have a code sent that sets a new password, if somebody has this address."""
    _request(email, CodePurpose.RESET_PASSWORD)


def may_write_to(email: str, about: str) -> bool:
    """Count one mail that a stranger may cause, and say whether it may go out: no mailbox is flooded through us."""
    address = hashlib.sha256(email.strip().lower().encode()).hexdigest()
    counts = (("codes_pause", f"{about}:{address}"), ("codes", address))
    return all(verdict is None or verdict.is_allowed for verdict in (limits.hit(*count) for count in counts))


def send(*, user_id: UUID, purpose: CodePurpose) -> None:
    """Make a code, which takes the place of an earlier one, and mail it; nothing if nobody needs one.

    For the background task: between making and sending it is in memory only.

    Raises:
        MailError: the mail server did not take it.
    """
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    email = _store(user_id, purpose, code)
    if email is not None:
        context = {"code": code, "minutes": settings.ONE_TIME_CODE_MINUTES}
        mail.send_now(f"accounts/{purpose.value}", to=email, context=context)


def redeem(*, user: User | None, purpose: CodePurpose, code: str) -> User | None:
    """Use up a code, in the caller's transaction, which must be committed in either case: a wrong one costs a try.

    Nobody's code takes the same queries as somebody's.

    Returns:
        The user's row, locked, if the code is theirs; None if it is wrong, used, void, too old, or has no tries left.
    """
    pk = uuid4() if user is None else user.pk
    row = User.objects.select_for_update().active().filter(pk=pk).first() or User(pk=pk)
    now = clock.now()
    codes = OneTimeCode.objects.filter(user_id=pk, purpose=purpose, used_at=None, expires_at__gt=now)
    has_try = codes.filter(tries__lt=settings.ONE_TIME_CODE_TRIES).update(tries=F("tries") + 1)
    is_right = codes.filter(code_hash=_hash(row, purpose, code)).update(used_at=now)
    return row if has_try and is_right else None


def refusal() -> UnauthenticatedError:
    """What everybody hears whose code does not count."""
    return UnauthenticatedError("The code is wrong or has expired. Ask for a new one.", code="code_invalid")


def send_later(user_id: UUID, *, email: str, purpose: CodePurpose) -> None:
    """Have a code made and mailed to whoever has the id and the address, unless they got one a moment ago."""
    if may_write_to(email, purpose.value):
        queue.configure_task(SEND_TASK).defer(user_id=str(user_id), purpose=purpose.value)


def _request(email: str, purpose: CodePurpose) -> None:
    user_id = User.objects.active().filter(email=email).values_list("pk", flat=True).first()
    # An id that nobody has makes a job like any other.
    send_later(user_id or uuid4(), email=email, purpose=purpose)


@transaction.atomic
def _store(user_id: UUID, purpose: CodePurpose, code: str) -> str | None:
    """Where to send the code, which fits the account as it is until the commit; None if nobody needs one.

    Locks the user's row: else a code for what the account was like before could take the place of one that counts.
    """
    user = User.objects.select_for_update(no_key=True).active().filter(pk=user_id).first()
    if user is None or (purpose == CodePurpose.VERIFY_EMAIL and user.is_email_verified):
        return None
    now = clock.now()
    values = {
        "code_hash": _hash(user, purpose, code),
        "tries": 0,
        "created_at": now,
        "expires_at": now + timedelta(minutes=settings.ONE_TIME_CODE_MINUTES),
        "used_at": None,
    }
    OneTimeCode.objects.update_or_create(user=user, purpose=purpose, defaults=values)
    return str(user.email)


def _hash(user: User, purpose: CodePurpose, code: str) -> str:
    # Registered again, an account has the old password or none: a code that is on its way stays good.
    password = user.password if purpose != CodePurpose.VERIFY_EMAIL else ""
    state = (purpose.value, user.pk, password, user.email, user.email_verified_at, code)
    return salted_hmac("accounts.codes", "\n".join(map(str, state)), algorithm="sha256").hexdigest()
