"""What the background does with a transfer, and what it forgets of old ones."""

from datetime import datetime, timedelta
from uuid import UUID

from django.core.files.storage import default_storage
from django.db import transaction

from fantasize.core import clock, privacy
from fantasize.core.errors import InvalidError
from fantasize.core.models import RUNNING_STATES, Transfer, TransferKind, TransferState
from fantasize.core.transfers import exports, imports, jobs, undo
from fantasize.core.transfers.errors import FileRefusedError

KEEP_DAYS = 30
GIVEN_UP = "It was stopped by a fault of the shop's. What was done so far is kept."
FORGOTTEN = "The file told of somebody who has been erased since, so it is gone. Export again."


def run(transfer_id: UUID) -> None:
    """Do the next step of a transfer, or what is left of it. Repeating it is harmless."""
    transfer = Transfer.objects.filter(pk=transfer_id).first()
    if transfer is None or not transfer.is_running:
        return
    try:
        _step(transfer)
    except FileRefusedError as error:
        jobs.fail(transfer_id, str(error))
    except InvalidError as refusal:
        # What a whole batch comes to is against the rules: no repetition helps.
        jobs.fail(transfer_id, f"{refusal.detail} What was done before is kept.")


def run_here(transfer: Transfer) -> None:
    """Do all that is left of a transfer now, with a worker or without one: whoever is first does a batch."""
    while transfer.is_running:
        run(transfer.pk)
        transfer.refresh_from_db()


def _step(transfer: Transfer) -> None:
    if transfer.kind == TransferKind.EXPORT:
        exports.run(transfer)
    elif transfer.kind == TransferKind.UNDO:
        undo.run(transfer)
    elif transfer.state == TransferState.APPLYING:
        imports.apply(transfer)
    else:
        imports.check(transfer)


def purge(days: int = KEEP_DAYS) -> int:
    """Forget transfers of more than ``days`` days ago with their rows and files; returns how many."""
    old = Transfer.objects.filter(created_at__lt=clock.now() - timedelta(days=days)).exclude(state__in=RUNNING_STATES)
    return sum(_forget(key) for key in list(old.values_list("pk", flat=True)))


def forget_exports(resource: str, *, since: datetime, until: datetime) -> None:
    """Delete the files of exports that were asked for in this time, at the commit; that they were made stays known."""
    exported = Transfer.objects.filter(
        kind=TransferKind.EXPORT, resource=resource, created_at__gte=since, created_at__lte=until
    ).exclude(file="")
    privacy.delete_files_on_commit(list(exported.values_list("file", flat=True)))
    exported.update(file="", message=FORGOTTEN)


@transaction.atomic
def _forget(transfer_id: UUID) -> bool:
    """Whether it was still there: undoings go with their imports."""
    transfer = Transfer.objects.select_for_update().filter(pk=transfer_id).first()
    if transfer is None:
        return False
    name = transfer.file.name
    transfer.delete()
    if name:
        transaction.on_commit(lambda: default_storage.delete(name), robust=True)
    return True
