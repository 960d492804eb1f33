"""Keys for programs: made with no more rights than their maker has, and taken away again."""

from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth.models import Permission
from django.db import transaction
from django.db.models import Q, QuerySet

from accounts import policies
from accounts.models import ApiKey, User
from fantasize.core import clock, grants
from fantasize.core.errors import ForbiddenError, InvalidError


def scopes_for(actor: User) -> QuerySet[Permission]:
    """What ``actor`` may let a program do: the shop's daily work, as far as they may do it; never people's rights."""
    wanted = Q(pk__in=[])
    for name in grants.declared()["manager"]:
        label, codename = name.split(".")
        if actor.has_perm(name):
            wanted |= Q(content_type__app_label=label, codename=codename)
    return Permission.objects.filter(wanted).select_related("content_type")


@transaction.atomic
def create(
    *, actor: User, name: str, scopes: Iterable[Permission], expires_at: datetime | None = None
) -> tuple[ApiKey, str]:
    """A new key, and its only copy in clear.

    Raises:
        ForbiddenError: ``cannot_grant``: a scope that the actor has not, or that no program has.
        InvalidError: it would have expired already (at ``/expiry_date``).
    """
    wanted = {scope.pk for scope in scopes}
    if not (policies.can_manage_keys(actor) and wanted <= set(scopes_for(actor).values_list("pk", flat=True))):
        raise ForbiddenError("A key may do no more than you.", code="cannot_grant")
    if expires_at is not None and expires_at <= clock.now():
        raise InvalidError.at("/expiry_date", "A key expires in the future.", code="in_the_past")
    row = ApiKey(name=name, expiry_date=expires_at, created_by=actor.actor)
    key: str = ApiKey.objects.assign_key(row)
    row.save(force_insert=True)
    row.scopes.set(wanted)
    return row, key


@transaction.atomic
def revoke(*, actor: User, key: ApiKey) -> None:
    """End a key for good; doing it again changes nothing.

    Raises:
        ForbiddenError: the actor does not look after keys.
    """
    if not policies.can_manage_keys(actor):
        raise ForbiddenError
    ApiKey.objects.filter(pk=key.pk).update(revoked=True)
