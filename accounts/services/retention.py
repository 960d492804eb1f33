"""What is forgotten by itself once nobody needs it. It may be run at any time, and again."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.sessions.models import Session as BrowserSession
from django.core.files.storage import default_storage
from django.db.models import PROTECT, QuerySet
from django.db.models.functions import Coalesce, Least

from accounts.models import KnownDevice, OneTimeCode, Session, UsedPassword, User
from fantasize.core import clock

# Long enough to look into a break-in.
SESSIONS_KEPT = timedelta(days=90)
# A one-time password is accepted for a minute and a half around its moment.
USED_PASSWORDS_KEPT = timedelta(minutes=10)
UNUSED_ACCOUNTS_KEPT = timedelta(days=30)
# A younger file may belong to a row that is not committed yet.
ORPHANS_KEPT = timedelta(hours=1)
AVATARS = "avatars"
BATCH = 500


def forget_expired() -> dict[str, int]:
    """Delete what has outlived its use, in batches; returns how many rows or files of each kind went."""
    now = clock.now()
    return {
        "sessions": _delete(_old_sessions(now)),
        "browser_sessions": _delete(BrowserSession.objects.filter(expire_date__lt=now)),
        "codes": _delete(OneTimeCode.objects.filter(expires_at__lt=now)),
        "used_passwords": _delete(UsedPassword.objects.filter(used_at__lt=now - USED_PASSWORDS_KEPT)),
        "devices": _delete(KnownDevice.objects.filter(expires_at__lt=now)),
        "accounts": _delete(_never_used_accounts(now)),
        "avatars": _delete_orphaned_avatars(now),
    }


def _old_sessions(now: datetime) -> QuerySet[Session]:
    """Those that ended long ago, by themselves or before their time; their refresh tokens go with them."""
    ended_at = Least("expires_at", Coalesce("revoked_at", "expires_at"))
    return Session.objects.alias(ended_at=ended_at).filter(ended_at__lt=now - SESSIONS_KEPT)


def _never_used_accounts(now: datetime) -> QuerySet[User]:
    """Customers who never proved their address and never signed in, and on whom nothing hangs that must stay."""
    relations = (one for one in User._meta.related_objects if one.on_delete is PROTECT)  # noqa: SLF001 - Django's documented interface
    nothing_hangs_on_them: dict[str, Any] = {f"{relation.name}__isnull": True for relation in relations}
    unused: QuerySet[User] = User.objects.filter(
        created_at__lt=now - UNUSED_ACCOUNTS_KEPT,
        email_verified_at=None,
        last_login=None,
        sessions=None,
        is_staff=False,
        is_superuser=False,
        erased_at=None,
        **nothing_hangs_on_them,
    )
    return unused


def _delete(rows: QuerySet[Any]) -> int:
    """How many of ``rows`` were deleted: a batch per transaction, so that nobody waits long for a lock."""
    deleted = 0
    while ids := list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH]):
        # Asked again: what somebody has begun to use meanwhile stays.
        _, by_model = rows.filter(pk__in=ids).delete()
        gone = by_model.get(rows.model._meta.label, 0)  # noqa: SLF001 - as above
        if not gone:
            break
        deleted += gone
    return deleted


def _delete_orphaned_avatars(now: datetime) -> int:
    """How many pictures were nobody's: left by a process that ended between a commit and its clearing up."""
    if not default_storage.exists(AVATARS):
        return 0
    names = [f"{AVATARS}/{name}" for name in default_storage.listdir(AVATARS)[1]]
    old = {name for name in names if default_storage.get_modified_time(name) < now - ORPHANS_KEPT}
    orphans = old - set(User.objects.exclude(avatar="").values_list("avatar", flat=True))
    for name in orphans:
        default_storage.delete(name)
    return len(orphans)
