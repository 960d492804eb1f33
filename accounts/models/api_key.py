"""Keys for programs."""

from django.contrib.auth.models import Permission
from django.db import models
from rest_framework_api_key.models import AbstractAPIKey


class ApiKey(AbstractAPIKey):
    """A program's key, known by its hash only. It may do what its scopes say and nothing else."""

    scopes = models.ManyToManyField(Permission, blank=True, related_name="+")
    created_by = models.CharField(max_length=200, blank=True, default="", editable=False)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta(AbstractAPIKey.Meta):
        verbose_name = "API key"
        verbose_name_plural = "API keys"
