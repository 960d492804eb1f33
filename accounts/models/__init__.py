"""People: who they are, how they prove it, where they are signed in and where they live."""

from accounts.models.address import Address
from accounts.models.api_key import ApiKey
from accounts.models.known_device import KnownDevice
from accounts.models.one_time_code import OneTimeCode
from accounts.models.role_grant import RoleGrant
from accounts.models.role_policy import RolePolicy
from accounts.models.second_factor import RecoveryCode, UsedPassword
from accounts.models.session import RefreshToken, Session
from accounts.models.user import User

__all__ = [
    "Address",
    "ApiKey",
    "KnownDevice",
    "OneTimeCode",
    "RecoveryCode",
    "RefreshToken",
    "RoleGrant",
    "RolePolicy",
    "Session",
    "UsedPassword",
    "User",
]
