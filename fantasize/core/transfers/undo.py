"""Undoing an import: what it made goes, what it changed becomes as it was, from the last row back to the first.

What somebody has changed since is left alone and listed.
"""

from uuid import UUID

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, QuerySet

from fantasize.core.errors import ConflictError
from fantasize.core.models import RowOutcome, Transfer, TransferKind, TransferRow, TransferState
from fantasize.core.transfers import jobs, registry, rows
from fantasize.core.transfers.imports import reference_of
from fantasize.core.transfers.resources import TransferResource

_APPLIED = (RowOutcome.NEW, RowOutcome.CHANGED)
_TAKEN_BACK = (RowOutcome.CHANGED, RowOutcome.REMOVED, RowOutcome.HIDDEN)
_WORDS = {
    RowOutcome.CHANGED: "restored",
    RowOutcome.REMOVED: "removed",
    RowOutcome.HIDDEN: "hidden",
    RowOutcome.UNCHANGED: "as before already",
    RowOutcome.REFUSED: "left alone",
}


def can_be_undone(transfer: Transfer) -> bool:
    """Whether an import has stored anything, and nobody is taking it back."""
    is_over = transfer.kind == TransferKind.IMPORT and transfer.confirmed_at is not None and not transfer.is_running
    return is_over and transfer.position > 0 and not any(undoing.is_running for undoing in transfer.undoings.all())


@transaction.atomic
def start(transfer_id: UUID, *, actor: str) -> Transfer:
    """Have an import taken back in the background. Doing it twice is harmless.

    Raises:
        ConflictError: it has stored nothing, is still running, or is being undone.
    """
    transfer = jobs.locked(transfer_id)
    if not can_be_undone(transfer):
        raise ConflictError("There is nothing to undo, or it is being undone.")
    undoing = Transfer.objects.create(
        kind=TransferKind.UNDO,
        resource=transfer.resource,
        format=transfer.format,
        file_name=transfer.file_name,
        columns=transfer.columns,
        actor=actor,
        undoes=transfer,
        position=transfer.position + 1,
        total=_applied(transfer).filter(number__lte=transfer.position).count(),
    )
    jobs.enqueue(undoing)
    return undoing


def run(transfer: Transfer) -> None:
    """Take the rows back, batch by batch; goes on where a killed job has stopped."""
    resource = registry.get(transfer.resource).resource()
    while _undo_batch(transfer.pk, resource):
        jobs.let_go()


@transaction.atomic
def _undo_batch(transfer_id: UUID, resource: TransferResource) -> bool:
    """Whether there may be more."""
    transfer = jobs.locked(transfer_id)
    if not jobs.is_to_go_on(transfer, TransferState.UPLOADED, TransferState.APPLYING) or transfer.undoes is None:
        return False
    transfer.state = TransferState.APPLYING
    behind = _applied(transfer.undoes, undoing=transfer).filter(number__lt=transfer.position)
    batch = {row.number: row for row in behind.order_by("-number")[: resource.batch_size]}
    if not batch:
        _finish(transfer)
        return False
    undone = resource.undo(list(batch.values()), actor=transfer.actor, reference=reference_of(transfer))
    rows.write_outcomes(transfer, ((batch[each.number], each.outcome, each.fault) for each in undone))
    transfer.save(update_fields=["state"])
    jobs.advance(transfer, position=min(batch), rows=len(batch))
    return True


def _applied(transfer: Transfer, *, undoing: Transfer | None = None) -> QuerySet[TransferRow]:
    """The rows that were stored and that no undoing before this one has taken back.

    Mostly there is none before it, and nothing to look up: PostgreSQL, if it has not counted the rows yet, would go
    through all of them for each.
    """
    applied = transfer.rows.filter(outcome__in=_APPLIED)
    earlier = set(transfer.undoings.values_list("pk", flat=True)) - {undoing and undoing.pk}
    back = TransferRow.objects.filter(transfer__in=earlier, number=OuterRef("number"), outcome__in=_TAKEN_BACK)
    return applied.filter(~Exists(back)) if earlier else applied


def _finish(transfer: Transfer) -> None:
    found = dict(transfer.rows.order_by().values_list("outcome").annotate(rows=Count("pk")))
    rows.count_outcomes(transfer)
    transfer.save()
    summary = jobs.listed([(word, found.get(outcome, 0)) for outcome, word in _WORDS.items()])
    jobs.finish(transfer, TransferState.DONE, f"{summary}." if summary else "There was nothing to take back.")
