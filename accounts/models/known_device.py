"""Devices on which somebody has signed in before."""

from django.conf import settings
from django.db import models

from fantasize.core import clock


class KnownDevice(models.Model):
    """A device that its owner has fully signed in on; guesses made elsewhere do not lock it out."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="known_devices")
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=clock.now)
    last_used_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"device of {self.user_id} since {self.created_at:%Y-%m-%d}"
