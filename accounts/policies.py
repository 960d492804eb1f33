"""Who may do what with accounts. The API, the admin and the sockets ask the same functions."""

from typing import Any

from accounts.models import User


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


def can_edit_user(actor: Any, user: User) -> bool:
    """Whether the actor may change this account: whoever could become ``user`` by it must be at least as powerful."""
    if not can_manage_users(actor):
        return False
    if user.is_superuser:
        return bool(actor.is_superuser)
    return not user.is_staff or can_manage_roles(actor)
