"""What a role asks of those who have it."""

from django.contrib.auth.models import Group
from django.db import models


class RolePolicy(models.Model):
    """Rules of a role beside its permissions; a role without a row has the defaults."""

    role = models.OneToOneField(Group, models.CASCADE, related_name="policy", primary_key=True)
    requires_mfa = models.BooleanField(
        "requires a second factor",
        default=False,
        help_text="Nobody with this role gets in without an authenticator app or a passkey.",
    )

    class Meta:
        verbose_name_plural = "role policies"

    def __str__(self) -> str:
        return f"policy of {self.role_id}"
