"""Where somebody is signed in, and the refresh tokens that keep it so."""

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models

from accounts.enums import RevokeReason, SessionKind, SignInMethod
from fantasize.core import clock


class SessionQuerySet(models.QuerySet["Session"]):
    """Sessions, asked for by adjective."""

    def live(self, at: datetime) -> "SessionQuerySet":
        """Neither revoked nor past their absolute end at the moment ``at``."""
        return self.filter(revoked_at=None, expires_at__gt=at)


class Session(models.Model):
    """One sign-in on one device; its id is the ``sid`` of every token it gives out.

    ``proven_at`` is when its owner last showed a password, code or key; ``mfa_at`` when they showed a second factor.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="sessions")
    kind = models.CharField(max_length=10, choices=SessionKind, default=SessionKind.API)
    method = models.CharField(max_length=20, choices=SignInMethod, default=SignInMethod.PASSWORD)
    created_at = models.DateTimeField(default=clock.now, db_index=True)
    proven_at = models.DateTimeField(default=clock.now)
    mfa_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(default=clock.now)
    user_agent = models.CharField(max_length=300, blank=True, default="")
    ip_address = models.GenericIPAddressField(null=True, blank=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoke_reason = models.CharField(max_length=20, choices=RevokeReason, blank=True, default="")

    objects = SessionQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.user_agent or 'unknown device'} since {self.created_at:%Y-%m-%d %H:%M}"

    def is_live(self, at: datetime) -> bool:
        """Whether the session still counts at the moment ``at``."""
        return self.revoked_at is None and self.expires_at > at


class RefreshToken(models.Model):
    """A refresh token that was given out, known by its hash only. It works once, and then has exactly one child."""

    session = models.ForeignKey(Session, models.CASCADE, related_name="refresh_tokens")
    token_hash = models.CharField(max_length=64, unique=True)
    parent = models.OneToOneField("self", models.CASCADE, null=True, blank=True, related_name="child")
    created_at = models.DateTimeField(default=clock.now)
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"refresh token {self.pk}"
