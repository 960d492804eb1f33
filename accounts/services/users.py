"""Other people's accounts: what staff may do with them."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Q

from accounts import events, policies
from accounts.enums import RevokeReason, Role
from accounts.models import User
from accounts.services import sessions
from accounts.services.access import Access, forget_cached_rights, lock_rights
from fantasize.core import mail, outbox
from fantasize.core.errors import ConflictError, ForbiddenError, InvalidError

Edit = Callable[[Access], Access]


def change(
    *,
    actor: User,
    user: User,
    role: Role | None = None,
    own_roles: Iterable[Group] | None = None,
    is_active: bool | None = None,
) -> User:
    """Make ``user`` a ``role``, give them those of the shop's own roles, let them in or keep them out; as told.

    Raises as :func:`change_access` does.
    """

    def edit(access: Access) -> Access:
        if role is not None:
            access = access.as_(role)
        if own_roles is not None:
            access = access.with_own_roles(frozenset(own_roles))
        return access if is_active is None else replace(access, is_active=is_active)

    return change_access(actor=actor, user=user, edit=edit)


@transaction.atomic
def change_access(*, actor: User, user: User, edit: Edit) -> User:
    """Change what ``user`` may do from what it is to what ``edit`` makes of it; nothing happens if that is the same.

    Other rights end every access token and socket of theirs; their sign-ins go on, except for who may not sign in any
    more. Changes of rights happen one after the other: locks the administrators' role, then the user's row. Events:
    ``user.role_changed``, ``user.deactivated``, ``user.reactivated``.

    Raises:
        ForbiddenError: the actor may not change this account; ``cannot_grant`` if they gave or took what they have not.
        ConflictError: ``own_rights``, or ``last_administrator``.
        InvalidError: a role for somebody who is no staff (at ``/groups``).
    """
    row, actor = _lock(user), User.objects.get(pk=actor.pk)
    _require_may_edit(actor, row)
    previous, before = row.role, Access.of(row)
    after = edit(before)
    if after != before:
        _require_allowed(actor, row, before, after)
        after.write(row)
        _tell(actor, row, previous, before, after)
    _show(row, user)
    return user


@transaction.atomic
def end_sessions(*, actor: User, user: User) -> int:
    """Sign ``user`` out everywhere; returns how many sessions ended. Event: ``user.sessions_ended``.

    Raises:
        ForbiddenError: the actor may not change this account.
    """
    row = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    _require_may_edit(actor, row)
    count = sessions.end_all(user=row, reason=RevokeReason.STAFF)
    outbox.publish(events.sessions_ended(row.pk, count=count, actor=actor.actor))
    return count


def _lock(user: User) -> User:
    lock_rights()
    row: User = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    return row


def _require_may_edit(actor: User, user: User) -> None:
    if not policies.can_edit_user(actor, user):
        raise ForbiddenError("You may not change this account.")


def _require_allowed(actor: User, user: User, before: Access, after: Access) -> None:
    if after.differs_in_rights(before):
        _require_grantable(actor, before, after)
    if actor.pk == user.pk:
        raise ConflictError("Nobody changes their own rights. Ask somebody else.", code="own_rights")
    if after.roles and not after.is_staff:
        raise InvalidError.at("/groups", "Somebody with a role must be staff.", code="staff_only")
    if before.is_administrator and not after.is_administrator and not _has_other_administrators(user):
        raise ConflictError("This is the last administrator. Appoint another one first.", code="last_administrator")


def _require_grantable(actor: User, before: Access, after: Access) -> None:
    """Superusers make superusers; roles are given and taken by who has all that they give.

    Raises:
        ForbiddenError: ``cannot_grant``.
    """
    may_crown = actor.is_superuser or before.is_superuser == after.is_superuser
    may_manage = policies.can_manage_roles(actor)
    if not (
        may_crown and may_manage and policies.can_grant(actor, policies.permissions_of(before.roles ^ after.roles))
    ):
        raise ForbiddenError("You cannot give or take rights that you do not have.", code="cannot_grant")


def _has_other_administrators(user: User) -> bool:
    has_the_rights = Q(is_superuser=True) | Q(groups__name=Role.ADMINISTRATOR)
    return bool(User.objects.active().staff().filter(has_the_rights).exclude(pk=user.pk).exists())


def _tell(actor: User, user: User, previous: Role, before: Access, after: Access) -> None:
    """Write down what happened, tell the person, and end what they may not go on with."""
    if after.differs_in_rights(before):
        names = [role.name for role in after.roles]
        changed = events.role_changed(user.pk, previous=previous, role=user.role, groups=names, actor=actor.actor)
        outbox.publish(changed)
        mail.send_later("accounts/role_changed", to=user.email, context={"role": user.role.label})
    if before.is_active and not after.is_active:
        sessions.end_all(user=user, reason=RevokeReason.DEACTIVATED)
        outbox.publish(events.deactivated(user.pk, actor=actor.actor))
    if after.is_active and not before.is_active:
        outbox.publish(events.reactivated(user.pk, actor=actor.actor))


def _show(row: User, user: User) -> None:
    """Let the caller's instance see what became of it."""
    for name in ("is_active", "is_staff", "is_superuser", "rights_version"):
        setattr(user, name, getattr(row, name))
    forget_cached_rights(user)
