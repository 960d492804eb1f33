"""Recovery codes: for whoever has lost their second factor. Shown once, kept as hashes, each good for one use."""

import secrets

from django.db import transaction
from django.utils.crypto import salted_hmac

from accounts.models import RecoveryCode, User
from fantasize.core import clock

COUNT = 10
# 32 letters and digits, none of which looks like another; twelve of them are 60 bits.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH = 12
_GROUP = 4
# What people type for those that are left out.
_LOOK_ALIKES = str.maketrans("OIL", "011")


@transaction.atomic
def renew(user: User) -> list[str]:
    """Ten fresh codes in place of all earlier ones; the only copy of them."""
    codes = [_new_code() for _ in range(COUNT)]
    now = clock.now()
    RecoveryCode.objects.filter(user=user).delete()
    RecoveryCode.objects.bulk_create(
        RecoveryCode(user=user, code_hash=_hash(user, code), created_at=now) for code in codes
    )
    return codes


def count_left(user: User) -> int:
    """How many codes have not been used."""
    return RecoveryCode.objects.filter(user=user, used_at=None).count()


def accept(user: User, code: str) -> bool:
    """Whether ``code`` (in capitals, without spaces and dashes) is an unused one; it is used now.

    One UPDATE of one row, so that of any number of callers one wins.
    """
    mine = RecoveryCode.objects.filter(user=user, code_hash=_hash(user, code.translate(_LOOK_ALIKES)), used_at=None)
    return mine.update(used_at=clock.now()) == 1


def forget(user: User) -> None:
    """Make all codes void."""
    RecoveryCode.objects.filter(user=user).delete()


def _new_code() -> str:
    letters = "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
    return "-".join(letters[start : start + _GROUP] for start in range(0, _LENGTH, _GROUP))


def _hash(user: User, code: str) -> str:
    plain = code.replace("-", "")
    return salted_hmac("accounts.recovery_code", f"{user.pk}:{plain}", algorithm="sha256").hexdigest()
