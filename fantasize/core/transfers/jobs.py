"""What all transfers have in common: how they wait, go on after a crash, end, and are cancelled.

Work is done in batches of rows, each one transaction that also stores how far the transfer has come. A worker that dies
leaves whole batches; whoever takes the job over goes on behind the last one. Two workers at the same job take turns,
because every batch locks the transfer first.
"""

import gc
from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from procrastinate.contrib.django import app as queue

from fantasize.core import clock
from fantasize.core.errors import ConflictError
from fantasize.core.models import RUNNING_STATES, Transfer, TransferState

RUN_TASK = "fantasize.core.tasks.run_transfer"
BATCH = 1000

_NOT_STARTED = (TransferState.UPLOADED, TransferState.CHECKED)


def enqueue(transfer: Transfer) -> None:
    """Have the background go on with it, once the caller's transaction is committed; one job per table at a time."""
    queue.configure_task(RUN_TASK, lock=f"transfer:{transfer.resource}").defer(transfer_id=str(transfer.pk))


def locked(transfer_id: UUID) -> Transfer:
    """The transfer, locked until the caller's transaction ends."""
    return Transfer.objects.select_for_update(no_key=True).get(pk=transfer_id)


def is_to_go_on(transfer: Transfer, *states: TransferState) -> bool:
    """Whether a locked transfer is in one of ``states`` and nobody wants it to stop; cancels it if somebody does."""
    if transfer.state not in states:
        return False
    if transfer.cancel_requested_at is not None:
        finish(transfer, TransferState.CANCELLED)
        return False
    return True


def advance(transfer: Transfer, *, position: int, rows: int) -> None:
    """Store that a locked transfer has dealt with ``rows`` more rows, up to the one numbered ``position``."""
    transfer.position = position
    transfer.done += rows
    transfer.save(update_fields=["position", "done"])


def let_go() -> None:
    """Free the rows of a batch that is over: they refer to each other, and would pile up until all is searched."""
    gc.collect(1)


def finish(transfer: Transfer, state: TransferState, message: str = "") -> None:
    """End a locked transfer."""
    transfer.state, transfer.finished_at = state, clock.now()
    transfer.message = message or transfer.message
    transfer.save(update_fields=["state", "finished_at", "message"])


@transaction.atomic
def fail(transfer_id: UUID, message: str) -> None:
    """End a running transfer that cannot go on; what it has stored so far stays."""
    transfer = locked(transfer_id)
    if transfer.is_running:
        finish(transfer, TransferState.FAILED, message)


@transaction.atomic
def cancel(transfer_id: UUID) -> Transfer:
    """Stop a transfer: at once if it is waiting, else after the batch it is at. What was stored stays.

    Raises:
        ConflictError: it has ended already.
    """
    transfer = locked(transfer_id)
    if transfer.state in _NOT_STARTED:
        finish(transfer, TransferState.CANCELLED)
    elif transfer.state in RUNNING_STATES:
        transfer.cancel_requested_at = transfer.cancel_requested_at or clock.now()
        transfer.save(update_fields=["cancel_requested_at"])
    else:
        raise ConflictError("It has ended already.")
    return transfer


def listed(counts: Sequence[tuple[str, int]]) -> str:
    """Counts for people: ``3 removed, 1 hidden``; nothing that is nought."""
    return ", ".join(f"{count:,} {what}" for what, count in counts if count)
