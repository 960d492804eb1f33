"""The events of people and roles, as they are written to the log: who changed whose rights, and when."""

from collections.abc import Iterable
from uuid import UUID

from fantasize.core.events import Event

USER = "user"
ROLE = "role"


def role_changed(user_id: UUID, *, previous: str, role: str, groups: Iterable[str], actor: str) -> Event:
    """``user.role_changed``: what somebody is to the shop, and which groups they are in now."""
    data = {"previous": str(previous), "role": str(role), "groups": sorted(groups)}
    return Event(USER, str(user_id), "user.role_changed", data, actor)


def deactivated(user_id: UUID, *, actor: str) -> Event:
    """``user.deactivated``: somebody may sign in no more."""
    return Event(USER, str(user_id), "user.deactivated", actor=actor)


def reactivated(user_id: UUID, *, actor: str) -> Event:
    """``user.reactivated``: somebody may sign in again."""
    return Event(USER, str(user_id), "user.reactivated", actor=actor)


def erased(user_id: UUID, *, actor: str) -> Event:
    """``user.erased``: somebody was forgotten."""
    return Event(USER, str(user_id), "user.erased", actor=actor)


def sessions_ended(user_id: UUID, *, count: int, actor: str) -> Event:
    """``user.sessions_ended``: staff signed somebody out everywhere."""
    return Event(USER, str(user_id), "user.sessions_ended", {"count": count}, actor)


def role_edited(role_id: int, *, given: Iterable[str], taken: Iterable[str], requires_mfa: bool, actor: str) -> Event:
    """``role.edited``: what a role gives its people has changed, or what it asks of them."""
    data = {"given": sorted(given), "taken": sorted(taken), "requires_mfa": requires_mfa}
    return Event(ROLE, str(role_id), "role.edited", data, actor)


def role_deleted(role_id: int, *, name: str, actor: str) -> Event:
    """``role.deleted``: nobody has this role any more."""
    return Event(ROLE, str(role_id), "role.deleted", {"name": name}, actor)
