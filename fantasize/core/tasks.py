"""The kernel's background work."""

from uuid import UUID

from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app as queue

from fantasize.core import clock, idempotency, mail, outbox
from fantasize.core.queue import RETRY, STALLED_AFTER_SECONDS
from fantasize.core.transfers import jobs as transfer_jobs
from fantasize.core.transfers import running as running_transfers

# Somebody is watching its progress: after some six minutes it is given up.
_TRANSFER_ATTEMPTS = 4
_TRANSFER_RETRY = RetryStrategy(max_attempts=_TRANSFER_ATTEMPTS, exponential_wait=4)

# Long enough to find out why.
KEEP_ENDED_HOURS = 24 * 30


@queue.task(name=outbox.DISPATCH_TASK, retry=RETRY)
def dispatch_event(event_id: int) -> None:
    """Hand one event to its handlers."""
    outbox.dispatch(event_id)


@queue.task(name=mail.SEND_TASK, queue=mail.QUEUE, retry=RETRY)
def send_mail(letter: str) -> None:
    """Send one sealed mail."""
    mail.deliver(letter)


@queue.periodic(cron="37 * * * *")
@queue.task(name="fantasize.core.tasks.purge_undeliverable_mail", queueing_lock="purge_mail", pass_context=True)
async def purge_undeliverable_mail(context: JobContext, timestamp: int) -> None:  # noqa: ARG001 - procrastinate passes the tick
    """Forget mails that no attempt could deliver: they hold people's data."""
    manager = context.app.job_manager
    await manager.delete_old_jobs(mail.KEEP_UNDELIVERABLE_HOURS, queue=mail.QUEUE, include_failed=True)


@queue.periodic(cron="57 3 * * *")
@queue.task(name="fantasize.core.tasks.purge_ended_jobs", queueing_lock="purge_ended_jobs", pass_context=True)
async def purge_ended_jobs(context: JobContext, timestamp: int) -> None:  # noqa: ARG001 - procrastinate passes the tick
    """Forget jobs that failed or were given up a month ago; those that succeeded are gone already."""
    manager = context.app.job_manager
    await manager.delete_old_jobs(KEEP_ENDED_HOURS, include_failed=True, include_cancelled=True, include_aborted=True)


# The sixth field is for seconds.
@queue.periodic(cron="* * * * * */15")
@queue.task(name="fantasize.core.tasks.recover_stalled_jobs", queueing_lock="recover_stalled_jobs", pass_context=True)
async def recover_stalled_jobs(context: JobContext, timestamp: int) -> int:  # noqa: ARG001 - procrastinate passes the tick
    """Give jobs whose worker was killed to another worker; returns how many there were."""
    manager = context.app.job_manager
    stalled = list(await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER_SECONDS))
    for job in stalled:
        await manager.retry_job(job)
    return len(stalled)


@queue.periodic(cron="17 * * * *")
@queue.task(name="fantasize.core.tasks.purge_idempotency_records", queueing_lock="purge_idempotency_records")
def purge_idempotency_records(timestamp: int) -> int:  # noqa: ARG001 - procrastinate passes the tick
    """Forget answers older than their keys promise; returns how many."""
    return idempotency.purge_expired(clock.now())


@queue.task(name=transfer_jobs.RUN_TASK, retry=_TRANSFER_RETRY, pass_context=True)
def run_transfer(context: JobContext, transfer_id: str) -> None:
    """Go on with an import, an export or an undoing; a fault that stays ends it."""
    try:
        running_transfers.run(UUID(transfer_id))
    except Exception:
        if context.job is None or context.job.attempts >= _TRANSFER_ATTEMPTS:
            transfer_jobs.fail(UUID(transfer_id), running_transfers.GIVEN_UP)
        raise


@queue.periodic(cron="27 4 * * *")
@queue.task(name="fantasize.core.tasks.purge_transfers", queueing_lock="purge_transfers")
def purge_transfers(timestamp: int) -> int:  # noqa: ARG001 - procrastinate passes the tick
    """Forget imports and exports of a month ago, with their files."""
    return running_transfers.purge()
