"""Roles: groups that start with the grants the apps declare, and stay the shop's own afterwards."""

from typing import Any

from django.apps import AppConfig
from django.apps import apps as installed_apps
from django.apps.registry import Apps
from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.db.models import Q

from accounts.enums import Role
from accounts.models import RoleGrant, User
from fantasize.core import grants


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
    """Make ``user`` what ``role`` says: exactly that built-in group, and the admin open to staff only.

    A shop's own groups are left alone for staff; a customer has none.
    """
    locked = User.objects.select_for_update().get(pk=user.pk)
    built_in = Group.objects.filter(name__in=[Role.MANAGER, Role.ADMINISTRATOR])
    if role == Role.CUSTOMER:
        locked.groups.clear()
    else:
        locked.groups.remove(*built_in.exclude(name=role))
        locked.groups.add(Group.objects.get_or_create(name=role)[0])
    locked.is_staff, locked.is_superuser = role != Role.CUSTOMER, False
    locked.save(update_fields=["is_staff", "is_superuser"])
    _forget_cached_rights(user, locked)


def _forget_cached_rights(user: User, fresh: User) -> None:
    """Let the caller's instance see the new rights too."""
    user.is_staff, user.is_superuser = fresh.is_staff, fresh.is_superuser
    for name in ("role", "_perm_cache", "_user_perm_cache", "_group_perm_cache"):
        user.__dict__.pop(name, None)


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
