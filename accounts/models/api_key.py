"""Keys for programs."""

from typing import ClassVar
from uuid import UUID

from django.contrib.auth.models import Permission
from django.db import models
from rest_framework_api_key.models import AbstractAPIKey, APIKeyManager


class ApiKeyManager(APIKeyManager):
    """Makes keys whose rows are named by the key's beginning, so that no address or log entry holds its hash."""

    def assign_key(self, obj: AbstractAPIKey) -> str:
        """Give the unsaved row a new key and return it: this is its only copy."""
        key = str(super().assign_key(obj))
        obj.pk = obj.prefix
        return key


class ApiKey(AbstractAPIKey):
    """A program's key, known by its hash only. It may do what its scopes say, as far as its maker may."""

    scopes = models.ManyToManyField(Permission, blank=True, related_name="+")
    created_by = models.CharField(max_length=200, blank=True, default="", editable=False)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects: ClassVar = ApiKeyManager()

    @property
    def maker_id(self) -> UUID | None:
        """The user who made it; None for a key that nobody answers for."""
        kind, _, key = self.created_by.partition(":")
        return UUID(key) if kind == "user" else None

    class Meta(AbstractAPIKey.Meta):
        verbose_name = "API key"
        verbose_name_plural = "API keys"
