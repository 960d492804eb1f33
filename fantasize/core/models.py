"""The kernel's tables: the event log and the answers kept under idempotency keys."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from fantasize.core import clock


class DomainEvent(models.Model):
    """One thing that happened to one aggregate; append-only.

    ``seq`` counts 1..n without holes per aggregate. ``dispatched_at`` is set once every handler has seen the event.
    """

    aggregate = models.CharField(max_length=40)
    aggregate_id = models.CharField(max_length=64)
    seq = models.PositiveIntegerField()
    name = models.CharField(max_length=80)
    data = models.JSONField(default=dict)
    actor = models.CharField(max_length=120)
    request_id = models.CharField(max_length=64, blank=True, default="")
    occurred_at = models.DateTimeField(default=clock.now)
    dispatched_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["aggregate", "aggregate_id", "seq"], name="event_seq_once_per_aggregate"),
            models.CheckConstraint(condition=Q(seq__gte=1), name="event_seq_from_one"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["occurred_at"], name="event_undispatched", condition=Q(dispatched_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.name} #{self.seq}"


class IdempotencyRecord(models.Model):
    """The answer that was given to a call made under an idempotency key, byte for byte."""

    principal = models.CharField(max_length=100)
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    headers = models.JSONField(default=dict)
    body = models.BinaryField()
    created_at = models.DateTimeField(default=clock.now, db_index=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["principal", "key"], name="idempotency_key_once_per_principal"),
        ]

    def __str__(self) -> str:
        return f"{self.principal} {self.key}"
