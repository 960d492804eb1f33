"""The kernel's tables: the event log, the answers kept under idempotency keys, and imports and exports."""

import uuid
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


class TransferKind(models.TextChoices):
    """What a transfer does."""

    IMPORT = "import", "Import"
    EXPORT = "export", "Export"
    UNDO = "undo", "Undo"


class TransferFormat(models.TextChoices):
    """What kind of file it is about."""

    CSV = "csv", "CSV"
    XLSX = "xlsx", "Excel (XLSX)"


class TransferState(models.TextChoices):
    """Where a transfer is. Imports are checked, and applied once somebody has confirmed what they would do."""

    UPLOADED = "uploaded", "Waiting"
    CHECKING = "checking", "Being checked"
    CHECKED = "checked", "Checked"
    APPLYING = "applying", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


class RowOutcome(models.TextChoices):
    """What becomes of one row."""

    REFUSED = "refused", "Refused"
    NEW = "new", "New"
    CHANGED = "changed", "Changed"
    UNCHANGED = "unchanged", "Unchanged"
    REMOVED = "removed", "Removed"
    HIDDEN = "hidden", "Hidden"
    SELECTED = "selected", "Selected"


RUNNING_STATES = (TransferState.UPLOADED, TransferState.CHECKING, TransferState.APPLYING)


class Transfer(models.Model):
    """An import, an export, or the undoing of an import. Written by ``fantasize.core.transfers``.

    Attributes:
        resource: what ``transfers.registry`` calls the kind of rows.
        file: what was uploaded, or what was made; empty once it is forgotten.
        file_name: what people call it.
        columns: the header of the file.
        total: how many rows there are, once that is known.
        done: how many of them the present step has dealt with.
        position: the number of the last row of the last batch that is committed; where a killed job goes on.
        skip_refused: whether good rows are applied although others are refused.
        undoes: the import that is taken back.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=6, choices=TransferKind)
    resource = models.CharField(max_length=40)
    format = models.CharField(max_length=4, choices=TransferFormat)
    state = models.CharField(max_length=9, choices=TransferState, default=TransferState.UPLOADED)
    file = models.FileField(max_length=200, blank=True)
    file_name = models.CharField(max_length=200)
    columns = models.JSONField(default=list)
    actor = models.CharField(max_length=120, db_index=True)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    position = models.PositiveIntegerField(default=0)
    new_count = models.PositiveIntegerField(default=0)
    changed_count = models.PositiveIntegerField(default=0)
    unchanged_count = models.PositiveIntegerField(default=0)
    refused_count = models.PositiveIntegerField(default=0)
    skip_refused = models.BooleanField(default=False)
    undoes = models.ForeignKey("self", on_delete=models.CASCADE, null=True, blank=True, related_name="undoings")
    message = models.TextField(blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    cancel_requested_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now, db_index=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "import or export"
        verbose_name_plural = "imports and exports"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(kind__in=TransferKind.values), name="transfer_kind_known"),
            models.CheckConstraint(condition=Q(state__in=TransferState.values), name="transfer_state_known"),
            models.CheckConstraint(condition=Q(format__in=TransferFormat.values), name="transfer_format_known"),
            models.UniqueConstraint(
                fields=["undoes"], condition=Q(state__in=RUNNING_STATES), name="transfer_undone_once_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def is_running(self) -> bool:
        """Whether the background is at it, or will be."""
        return self.state in RUNNING_STATES


class TransferRow(models.Model):
    """One row of a transfer.

    Attributes:
        number: its row in the spreadsheet; the header is row 1.
        key: what finds the thing that it is about.
        before, after: what changes, as cells by column; of a refused row ``after`` is what the file says.
        errors: what is wrong, ``[{column, detail}]``; the column is empty when it is the row itself.
    """

    transfer = models.ForeignKey(Transfer, on_delete=models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField()
    outcome = models.CharField(max_length=9, choices=RowOutcome)
    key = models.CharField(max_length=255, blank=True)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    errors = models.JSONField(default=list)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["transfer", "number"], name="transferrow_number_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["transfer", "outcome", "number"], name="transferrow_by_outcome"),
            models.Index(fields=["transfer", "key"], name="transferrow_by_key"),
        ]

    def __str__(self) -> str:
        return f"row {self.number}"
