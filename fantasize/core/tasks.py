"""The kernel's background work."""

from procrastinate import JobContext
from procrastinate.contrib.django import app as queue

from fantasize.core import clock, idempotency, outbox
from fantasize.core.queue import RETRY, STALLED_AFTER_SECONDS


@queue.task(name=outbox.DISPATCH_TASK, retry=RETRY)
def dispatch_event(event_id: int) -> None:
    """Hand one event to its handlers."""
    outbox.dispatch(event_id)


@queue.periodic(cron="*/15 * * * * *")
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
