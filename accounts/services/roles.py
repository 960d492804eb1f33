"""Roles: groups that start with the grants the apps declare, and stay the shop's own afterwards."""

from typing import Any

from django.apps import AppConfig
from django.apps import apps as installed_apps
from django.apps.registry import Apps
from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.db.models import F, Q, QuerySet

from accounts import events, policies
from accounts.enums import Role
from accounts.models import RoleGrant, RolePolicy, User
from accounts.services.access import Access, forget_cached_rights, lock_rights
from fantasize.core import grants, outbox
from fantasize.core.errors import ForbiddenError


@transaction.atomic
def sync_roles() -> None:
    """Create the built-in roles and give each the declared permissions it has never had. Repeating it does nothing."""
    for name, declared in grants.declared().items():
        role, _ = Group.objects.get_or_create(name=name)
        granted = set(role.declared_grants.values_list("permission", flat=True))
        _grant(role, declared - granted)


def sync_after_migrate(*, app_config: AppConfig, apps: Apps = installed_apps, **_: Any) -> None:
    """Sync when an app that has declared grants was migrated; Django calls this once per app.

    ``apps`` is the state that the migrations led to: going back before our tables, there is nothing to sync.
    """
    has_our_tables = "rolegrant" in apps.all_models["accounts"]
    if has_our_tables and app_config.label in _labels_with_grants():
        sync_roles()


@transaction.atomic
def assign_role(*, user: User, role: Role) -> None:
    """Make ``user`` what ``role`` says, asking nobody: for whoever sets the shop up. Staff use ``users.change``.

    They are in exactly that built-in group; a shop's own groups are left alone for staff, and a customer has none.
    """
    locked = User.objects.select_for_update().get(pk=user.pk)
    Access.of(locked).as_(role).write(locked)
    user.is_staff, user.is_superuser, user.rights_version = locked.is_staff, locked.is_superuser, locked.rights_version
    forget_cached_rights(user)


@transaction.atomic
def edit(*, actor: User, role: Group, permissions: QuerySet[Permission], requires_mfa: bool) -> None:
    """Say what ``role`` gives and asks; access tokens and sockets of whoever is in it end. Event: ``role.edited``.

    Customers are not in their role one by one; what they may do is looked up at every call. Locks the administrators'
    role.

    Raises:
        ForbiddenError: ``cannot_grant``: the role gave, or would give, what the actor has not.
    """
    lock_rights()
    policy, _ = RolePolicy.objects.get_or_create(role=role)
    before, after = policies.permissions_of([role]), policies.names_of(permissions)
    if before == after and policy.requires_mfa == requires_mfa:
        return
    _require_held(actor, before | after)
    role.permissions.set(permissions)
    policy.requires_mfa = requires_mfa
    policy.save(update_fields=["requires_mfa"])
    _end_tokens_of(role)
    outbox.publish(
        events.role_edited(
            role.pk, given=after - before, taken=before - after, requires_mfa=requires_mfa, actor=actor.actor
        )
    )


@transaction.atomic
def delete(*, actor: User, role: Group) -> None:
    """Delete a role of the shop's own making; whoever had it has it no more. Locks the administrators' role.

    Raises:
        ForbiddenError: ``cannot_grant``: the role gives what the actor has not.
    """
    lock_rights()
    _require_held(actor, policies.permissions_of([role]))
    _end_tokens_of(role)
    outbox.publish(events.role_deleted(role.pk, name=role.name, actor=actor.actor))
    role.delete()


def _require_held(actor: User, permissions: set[str]) -> None:
    fresh = User.objects.get(pk=actor.pk)
    if not (policies.can_manage_roles(fresh) and policies.can_grant(fresh, permissions)):
        raise ForbiddenError("You cannot give or take rights that you do not have.", code="cannot_grant")


def _end_tokens_of(role: Group) -> None:
    role.user_set.update(rights_version=F("rights_version") + 1)


def _labels_with_grants() -> set[str]:
    return {"accounts"} | {name.split(".")[0] for names in grants.declared().values() for name in names}


def _grant(role: Group, names: frozenset[str]) -> None:
    """Give ``role`` those of ``names`` that exist by now; the others come when their app is migrated."""
    wanted = Q(pk__in=[])
    for name in names:
        label, codename = name.split(".")
        wanted |= Q(content_type__app_label=label, codename=codename)
    permissions = Permission.objects.filter(wanted).select_related("content_type")
    role.permissions.add(*permissions)
    RoleGrant.objects.bulk_create(
        RoleGrant(role=role, permission=f"{row.content_type.app_label}.{row.codename}") for row in permissions
    )
