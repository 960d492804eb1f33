"""How people and machines prove who they are."""

from accounts.auth.hashers import require_room
from accounts.auth.machines import Machine, find_machine, machines
from accounts.auth.people import EmailOrUsernameBackend, is_right_password

__all__ = ["EmailOrUsernameBackend", "Machine", "find_machine", "is_right_password", "machines", "require_room"]
