"""Codes that are sent by mail and prove that somebody reads it."""

from django.conf import settings
from django.db import models

from accounts.enums import CodePurpose
from fantasize.core import clock


class OneTimeCode(models.Model):
    """The newest code of somebody for one purpose, known by its hash only; a newer one takes its place.

    The hash covers what the account was like when the code was made: a new password or address voids it.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="one_time_codes")
    purpose = models.CharField(max_length=20, choices=CodePurpose)
    code_hash = models.CharField(max_length=64)
    tries = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "purpose"], name="one_time_code_newest_only")]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} for {self.user_id}"
