"""Closed lists of accounts."""

from django.db.models import TextChoices


class Role(TextChoices):
    """What somebody is to the shop."""

    CUSTOMER = "customer"
    MANAGER = "manager"
    ADMINISTRATOR = "administrator"


class RevokeReason(TextChoices):
    """Why a session ended before its time."""

    LOGOUT = "logout", "Signed out"
    LOGOUT_ALL = "logout_all", "Signed out everywhere"
    REVOKED = "revoked", "Ended by its owner"
    REUSE = "reuse", "Refresh token used twice"
    PASSWORD = "password", "New password"
    ERASED = "erased", "Account erased"
