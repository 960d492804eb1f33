"""Who may do what with accounts. The API, the admin and the sockets ask the same functions."""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.db.models import Q, QuerySet

from accounts.enums import Role
from accounts.models import RolePolicy, User


def is_person(actor: Any) -> bool:
    """Whether the actor is somebody with an account (not a machine, not a stranger)."""
    return isinstance(actor, User) and actor.is_active


def is_staff_actor(actor: Any) -> bool:
    """Whether the actor is staff."""
    return is_person(actor) and bool(actor.is_staff)


def can_view_users(actor: Any) -> bool:
    """Whether the actor may look at other people's accounts."""
    return is_staff_actor(actor) and bool(actor.has_perm("accounts.view_user"))


def can_manage_users(actor: Any) -> bool:
    """Whether the actor may make and change other people's accounts."""
    return is_staff_actor(actor) and bool(actor.has_perm("accounts.change_user"))


def can_manage_roles(actor: Any) -> bool:
    """Whether the actor may say who is staff, and what roles may do."""
    return is_staff_actor(actor) and bool(actor.has_perm("auth.change_group"))


def can_manage_keys(actor: Any) -> bool:
    """Whether the actor may make keys for programs, and take them away."""
    return is_staff_actor(actor) and bool(actor.has_perm("accounts.add_apikey"))


def can_edit_user(actor: Any, user: User) -> bool:
    """Whether the actor may change this account: whoever could become ``user`` by it must be at least as powerful."""
    if not can_manage_users(actor) or user.erased_at is not None:
        return False
    if user.is_superuser:
        return bool(actor.is_superuser)
    return not user.is_staff or (can_manage_roles(actor) and can_grant(actor, user.get_all_permissions()))


def can_erase_user(actor: Any, user: User) -> bool:
    """Whether the actor may have this account forgotten; their own is left to where it asks for their own password."""
    return can_edit_user(actor, user) and actor.pk != user.pk


def can_edit_role(actor: Any, role: Group) -> bool:
    """Whether the actor may change this role: only who has all that it gives may touch it."""
    return can_manage_roles(actor) and can_grant(actor, permissions_of([role]))


def can_grant(actor: Any, permissions: Iterable[str]) -> bool:
    """Whether the actor has all of ``permissions`` (``app.codename``): nobody gives, or takes, what they have not."""
    return is_staff_actor(actor) and (actor.is_superuser or actor.get_all_permissions().issuperset(permissions))


def permissions_held_by(actor: User) -> QuerySet[Permission]:
    """What the actor may give: what they have."""
    if actor.is_superuser:
        return Permission.objects.all()
    return Permission.objects.filter(Q(group__user=actor) | Q(user=actor)).distinct()


def permissions_of(roles: Iterable[Group]) -> set[str]:
    """What any of ``roles`` gives, as ``app.codename``; one query."""
    return names_of(Permission.objects.filter(group__in=list(roles)))


def names_of(permissions: QuerySet[Permission]) -> set[str]:
    """The permissions as ``app.codename``; one query."""
    pairs = permissions.order_by().values_list("content_type__app_label", "codename")
    return {f"{label}.{codename}" for label, codename in pairs}


def requires_mfa(user: User) -> bool:
    """Whether one of the user's roles asks staff for a second factor; at most one query.

    A superuser is held to what administrators are.
    """
    if not (user.is_staff or user.is_superuser):
        return False
    asked_of = Q(role__user=user)
    if user.is_superuser:
        asked_of |= Q(role__name=Role.ADMINISTRATOR)
    return RolePolicy.objects.filter(asked_of, requires_mfa=True).exists()
