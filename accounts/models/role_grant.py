"""What the built-in roles were given, so that nothing is given twice."""

from django.contrib.auth.models import Group
from django.db import models

from fantasize.core import clock


class RoleGrant(models.Model):
    """A declared permission that a built-in role has received once.

    What a shop takes away afterwards stays away; deleting the role forgets its grants.
    """

    role = models.ForeignKey(Group, models.CASCADE, related_name="declared_grants")
    permission = models.CharField(max_length=200)
    granted_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["role", "permission"], name="role_grant_once")]

    def __str__(self) -> str:
        return f"{self.role} {self.permission}"
