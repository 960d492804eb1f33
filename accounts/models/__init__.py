"""People, their sessions and their addresses."""

from accounts.models.address import Address
from accounts.models.role_grant import RoleGrant
from accounts.models.session import RefreshToken, Session
from accounts.models.user import User

__all__ = ["Address", "RefreshToken", "RoleGrant", "Session", "User"]
