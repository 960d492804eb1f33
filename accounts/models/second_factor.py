"""What allauth's authenticators do not keep: hashed recovery codes, and which one-time passwords were used."""

from django.conf import settings
from django.db import models

from fantasize.core import clock


class RecoveryCode(models.Model):
    """A code for whoever has lost their second factor, known by its hash only. It works once."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="recovery_codes")
    code_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=clock.now)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "code_hash"], name="recovery_code_once")]

    def __str__(self) -> str:
        return f"recovery code {self.pk}"


class UsedPassword(models.Model):
    """A time-based one-time password that was accepted: the constraint lets it in once."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="used_passwords")
    code_hash = models.CharField(max_length=64)
    used_at = models.DateTimeField(default=clock.now, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "code_hash"], name="one_time_password_once")]

    def __str__(self) -> str:
        return f"one-time password {self.pk}"
