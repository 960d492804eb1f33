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
    STAFF = "staff", "Ended by the shop"
    REUSE = "reuse", "Refresh token used twice"
    PASSWORD = "password", "New password"
    RIGHTS = "rights", "Rights changed"
    DEACTIVATED = "deactivated", "Account deactivated"
    ERASED = "erased", "Account erased"


class CodePurpose(TextChoices):
    """What a code that was sent by mail is good for."""

    VERIFY_EMAIL = "verify_email", "Confirm the e-mail address"
    RESET_PASSWORD = "reset_password", "Set a new password"


class SessionKind(TextChoices):
    """Through which door somebody came in."""

    API = "api", "Shop"
    ADMIN = "admin", "Admin"


class SignInMethod(TextChoices):
    """What somebody has shown first to get in."""

    PASSWORD = "password", "Password"
    EMAIL_CODE = "email_code", "Code by mail"
    PASSKEY = "passkey", "Passkey"
    GOOGLE = "google", "Google"
    FACEBOOK = "facebook", "Facebook"
    FIREBASE = "firebase", "Firebase"
