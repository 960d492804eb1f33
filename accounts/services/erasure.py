"""Forgetting somebody. Their row stays, so that orders and events still point somewhere; who they were does not."""

from django.db import transaction

from accounts.enums import RevokeReason
from accounts.models import RefreshToken, User
from accounts.services import sessions
from fantasize.core import clock

# RFC 2606: no mail can ever reach it.
_DOMAIN = "erased.invalid"


@transaction.atomic
def erase(*, user: User) -> None:
    """Anonymise ``user`` for good: personal fields, addresses, devices, rights and every way to sign in are gone.

    Locks the user's row; repeating it changes nothing.
    """
    row = User.objects.select_for_update().get(pk=user.pk)
    sessions.end_all(user=row, reason=RevokeReason.ERASED)
    row.sessions.update(user_agent="", ip_address=None)
    RefreshToken.objects.filter(session__user=row).delete()
    row.addresses.all().delete()
    row.groups.clear()
    row.user_permissions.clear()
    _blank(row)


def _blank(row: User) -> None:
    row.email = f"{row.pk.hex}@{_DOMAIN}"
    row.username, row.first_name, row.last_name = None, "", ""
    row.is_active = row.is_staff = row.is_superuser = False
    row.email_verified_at = row.last_login = None
    row.erased_at = row.erased_at or clock.now()
    row.set_unusable_password()
    row.save()
