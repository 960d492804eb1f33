"""Exports: the rows that a list showed when somebody asked for them, written in the background."""

import tempfile
from collections.abc import Iterator, Sequence
from typing import IO, Any
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.db.models import QuerySet

from fantasize.core import clock
from fantasize.core.models import Transfer, TransferFormat, TransferKind, TransferState
from fantasize.core.transfers import jobs, registry
from fantasize.core.transfers.files import folder_of, store
from fantasize.core.transfers.resources import TransferResource
from fantasize.core.transfers.writing import Writer, writer_for

# The rows are chosen now, in the list's order, however many they are: nothing of them comes to this process.
_SELECT = """
    INSERT INTO core_transferrow (transfer_id, number, outcome, key, before, after, errors)
    SELECT %s, row_number() OVER () + 1, 'selected', chosen.pk::text, '{{}}', '{{}}', '[]' FROM ({}) AS chosen (pk)
"""


@transaction.atomic
def start(*, resource: str, file_format: TransferFormat, selection: QuerySet[Any], actor: str) -> Transfer:
    """Have the rows of ``selection`` exported in the background, in its order."""
    entry = registry.get(resource)
    name = f"{entry.label.replace(' ', '-')}-{clock.now():%Y-%m-%d-%H%M}.{file_format.value}"
    transfer = Transfer.objects.create(
        kind=TransferKind.EXPORT, resource=resource, format=file_format, file_name=name, actor=actor
    )
    transfer.total = _select(transfer, selection)
    transfer.save(update_fields=["total"])
    jobs.enqueue(transfer)
    return transfer


def _select(transfer: Transfer, selection: QuerySet[Any]) -> int:
    try:
        query, parameters = selection.values_list("pk").query.sql_with_params()
    except EmptyResultSet:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(_SELECT.format(query), [transfer.pk, *parameters])
        return int(cursor.rowcount)


def run(transfer: Transfer) -> None:
    """Write the file; a killed job begins anew.

    Raises:
        FileRefusedError: a text does not go into a workbook's cell.
    """
    if not _progress(transfer.pk, 0):
        return
    resource = registry.get(transfer.resource).resource()
    with tempfile.TemporaryFile() as file:
        writer = writer_for(file, transfer.format, resource.numbers)
        is_complete = False
        try:
            writer.write(list(resource.columns))
            is_complete = _write_rows(transfer, resource, writer)
        finally:
            writer.close() if is_complete else writer.abandon()
        if is_complete:
            _finish(transfer.pk, file)


def _write_rows(transfer: Transfer, resource: TransferResource, writer: Writer) -> bool:
    """Whether all were written, and nobody wanted it to stop."""
    done = 0
    for keys in _batches(transfer):
        _write_batch(resource, writer, keys)
        jobs.let_go()
        done += len(keys)
        if not _progress(transfer.pk, done):
            return False
    # Whoever works at the same job and has ended it has forgotten the rows, too: there were none to be seen here.
    return _progress(transfer.pk, done)


def _write_batch(resource: TransferResource, writer: Writer, keys: Sequence[str]) -> None:
    found = {str(row.pk): row for row in resource.rows().filter(pk__in=keys)}
    for key in keys:
        if key in found:  # somebody may have deleted it since
            writer.write(list(resource.cells_of(found[key]).values()))


def _batches(transfer: Transfer) -> Iterator[list[str]]:
    position = 0
    while batch := list(
        transfer.rows.filter(number__gt=position).order_by("number").values_list("number", "key")[: jobs.BATCH]
    ):
        position = batch[-1][0]
        yield [key for _, key in batch]


@transaction.atomic
def _progress(transfer_id: UUID, done: int) -> bool:
    transfer = jobs.locked(transfer_id)
    if not jobs.is_to_go_on(transfer, TransferState.UPLOADED, TransferState.APPLYING):
        return False
    transfer.state, transfer.done = TransferState.APPLYING, done
    transfer.save(update_fields=["state", "done"])
    return True


def _finish(transfer_id: UUID, file: IO[bytes]) -> None:
    """Keep the file, and forget which rows it was to hold."""
    format_ = Transfer.objects.values_list("format", flat=True).get(pk=transfer_id)
    name = store(f"{folder_of(transfer_id)}/export.{format_}", file)
    with transaction.atomic():
        transfer = jobs.locked(transfer_id)
        if not jobs.is_to_go_on(transfer, TransferState.APPLYING):
            return
        transfer.file = name
        transfer.save(update_fields=["file"])
        transfer.rows.all().delete()
        jobs.finish(transfer, TransferState.DONE)
