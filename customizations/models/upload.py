"""Files: what shoppers send, what staff draw on, and what was sold."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q

from fantasize.core import clock


class Upload(models.Model):
    """A picture that somebody sent for their own. Written by ``customizations.services.uploads``.

    Attributes:
        owner: who sent it, as text: ``user:<id>``, or of a guest ``cart:<hash of a token>`` or ``link:<id>``.
        file: what we wrote ourselves of it, under a random name.
        bytes: of that file.
        kept_at: when an order was placed with it; null as long as nothing needs it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.CharField(max_length=100, db_index=True)
    file = models.FileField(max_length=200)
    sha256 = models.CharField(max_length=64)
    width = models.PositiveIntegerField(help_text="Pixels.")
    height = models.PositiveIntegerField(help_text="Pixels.")
    bytes = models.PositiveBigIntegerField()
    format = models.CharField(max_length=4)
    created_at = models.DateTimeField(default=clock.now)
    kept_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(format__in=("jpeg", "png", "webp")), name="upload_format_known"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["created_at"], name="upload_unused", condition=Q(kept_at=None)),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Asset(models.Model):
    """A picture that templates have behind everything; named by what is in it.

    Attributes:
        created_at: when somebody brought it, for the last time.
    """

    sha256 = models.CharField(primary_key=True, max_length=64)
    file = models.FileField(max_length=200)
    width = models.PositiveIntegerField(help_text="Pixels.")
    height = models.PositiveIntegerField(help_text="Pixels.")
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = "background"

    def __str__(self) -> str:
        return self.sha256


class Proof(models.Model):
    """The print file of what was sold, as a PNG; named by what is in it."""

    sha256 = models.CharField(primary_key=True, max_length=64)
    file = models.FileField(max_length=200)
    renderer_version = models.CharField(max_length=40)
    width = models.PositiveIntegerField(help_text="Pixels.")
    height = models.PositiveIntegerField(help_text="Pixels.")
    created_at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return self.sha256
