"""People in the admin: accounts, roles, and where somebody is signed in."""

from accounts.admin.role import RoleAdmin
from accounts.admin.session import SessionAdmin
from accounts.admin.user import UserAdmin

__all__ = ["RoleAdmin", "SessionAdmin", "UserAdmin"]
