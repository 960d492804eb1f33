"""Imports: a file is uploaded and checked, what it would do is looked at and confirmed, and then done.

What is done is what was looked at: the checked rows are stored, not the file read again, and a row of the shop that has
changed meanwhile is left alone.
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import IO
from uuid import UUID, uuid4

from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction

from fantasize.core import clock
from fantasize.core.errors import ConflictError
from fantasize.core.models import RowOutcome, Transfer, TransferKind, TransferRow, TransferState
from fantasize.core.transfers import jobs, registry, rows
from fantasize.core.transfers.errors import FileRefusedError
from fantasize.core.transfers.files import folder_of, local_copy
from fantasize.core.transfers.reading import MAX_BYTES, SheetRow, format_of, open_sheet
from fantasize.core.transfers.resources import TransferResource

_APPLIED = (RowOutcome.NEW, RowOutcome.CHANGED)


def upload(*, resource: str, file: IO[bytes], name: str, size: int, actor: str) -> Transfer:
    """Keep a file and have it checked in the background.

    Raises:
        FileRefusedError: it is empty or too big.
    """
    if not 0 < size <= MAX_BYTES:
        fault = f"A file has at most {MAX_BYTES // 1024**2} MiB." if size else "The file is empty."
        raise FileRefusedError(fault)
    pk, file_format = uuid4(), format_of(file)
    stored = default_storage.save(f"{folder_of(pk)}/upload.{file_format.value}", File(file))
    try:
        return _begin(Transfer(id=pk, resource=resource, format=file_format, file=stored, file_name=name, actor=actor))
    except BaseException:
        default_storage.delete(stored)
        raise


@transaction.atomic
def _begin(transfer: Transfer) -> Transfer:
    transfer.kind = TransferKind.IMPORT
    transfer.save(force_insert=True)
    jobs.enqueue(transfer)
    return transfer


@transaction.atomic
def confirm(transfer_id: UUID, *, skip_refused: bool) -> Transfer:
    """Have a checked import applied in the background.

    Args:
        transfer_id: which one.
        skip_refused: apply the good rows although others are refused. Without it, a row that has gone bad since the
            check stops the import.

    Raises:
        ConflictError: it is not waiting for this, changes nothing, or has refused rows that are not to be skipped.
    """
    transfer = jobs.locked(transfer_id)
    if transfer.kind != TransferKind.IMPORT or transfer.state != TransferState.CHECKED:
        raise ConflictError("It is not waiting to be confirmed.")
    if transfer.refused_count and not skip_refused:
        raise ConflictError("Some rows are refused. Mend the file, or apply the good rows only.")
    transfer.total = transfer.new_count + transfer.changed_count
    if not transfer.total:
        raise ConflictError("There is nothing to change.")
    transfer.state, transfer.confirmed_at, transfer.skip_refused = TransferState.APPLYING, clock.now(), skip_refused
    transfer.position = transfer.done = 0
    transfer.save()
    jobs.enqueue(transfer)
    return transfer


def check(transfer: Transfer) -> None:
    """Find out what every row of the file would do, without doing it; goes on where a killed check has stopped.

    Raises:
        FileRefusedError: the file cannot be read.
    """
    resource = registry.get(transfer.resource).resource()
    with local_copy(transfer.file) as file, open_sheet(file, transfer.format) as sheet:
        resource.require_header(sheet.columns)
        position = _start_checking(transfer.pk, sheet.columns)
        ahead = (row for row in sheet.rows if row.number > position)
        while batch := list(islice(ahead, jobs.BATCH)):
            if not _check_batch(transfer.pk, resource, batch):
                return
            jobs.let_go()
    _finish_checking(transfer.pk, resource)


@transaction.atomic
def _start_checking(transfer_id: UUID, columns: list[str]) -> int:
    """Where to go on: behind this row."""
    transfer = jobs.locked(transfer_id)
    if transfer.state == TransferState.UPLOADED:
        transfer.state, transfer.columns = TransferState.CHECKING, columns
        transfer.save(update_fields=["state", "columns"])
    return transfer.position


@transaction.atomic
def _check_batch(transfer_id: UUID, resource: TransferResource, batch: Sequence[SheetRow]) -> bool:
    transfer = jobs.locked(transfer_id)
    if not jobs.is_to_go_on(transfer, TransferState.CHECKING) or transfer.position >= batch[0].number:
        return False
    rows.write_checked(transfer, resource.check(batch))
    jobs.advance(transfer, position=batch[-1].number, rows=len(batch))
    return True


@transaction.atomic
def _finish_checking(transfer_id: UUID, resource: TransferResource) -> None:
    transfer = jobs.locked(transfer_id)
    if not jobs.is_to_go_on(transfer, TransferState.CHECKING):
        return
    if not transfer.done:
        raise FileRefusedError("The file has no rows below its header.")
    rows.refuse_doubles(transfer, resource)
    transfer.total = transfer.done
    transfer.state = TransferState.CHECKED
    rows.count_outcomes(transfer)
    transfer.save()


def apply(transfer: Transfer) -> None:
    """Store the checked rows, batch by batch; goes on where a killed import has stopped."""
    resource = registry.get(transfer.resource).resource()
    while _apply_batch(transfer.pk, resource):
        jobs.let_go()


class _StoppedError(Exception):
    """A row has gone bad in an import that wants all rows or none."""


def _apply_batch(transfer_id: UUID, resource: TransferResource) -> bool:
    """Whether there may be more."""
    try:
        return _apply_next(transfer_id, resource)
    except _StoppedError as stop:
        jobs.fail(transfer_id, f"{stop} The rows before this batch are applied; undo takes them back.")
        return False


@transaction.atomic
def _apply_next(transfer_id: UUID, resource: TransferResource) -> bool:
    transfer = jobs.locked(transfer_id)
    if not jobs.is_to_go_on(transfer, TransferState.APPLYING):
        return False
    batch = list(next_rows(transfer, resource.batch_size))
    if not batch:
        rows.count_outcomes(transfer)
        transfer.save()
        jobs.finish(transfer, TransferState.DONE)
        return False
    changes = resource.apply(batch, actor=transfer.actor, reference=reference_of(transfer))
    faulty = [change for change in changes if change.fault]
    if faulty and not transfer.skip_refused:
        raise _StoppedError(f"Row {faulty[0].number}: {faulty[0].fault}")
    rows.record_applied(batch, changes)
    jobs.advance(transfer, position=batch[-1].number, rows=len(batch))
    return True


def next_rows(transfer: Transfer, count: int) -> Iterator[TransferRow]:
    """The next rows to be applied."""
    ahead = transfer.rows.filter(outcome__in=_APPLIED, number__gt=transfer.position)
    return ahead.order_by("number")[:count].iterator()


def reference_of(transfer: Transfer) -> str:
    """What ledgers call it."""
    return f"{transfer.kind} {str(transfer.pk)[:8]}"
