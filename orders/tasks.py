"""The orders' background work."""

from procrastinate.contrib.django import app as queue

from fantasize.core.queue import RETRY
from orders.services import demo_media, expiry


@queue.periodic(cron="*/30 * * * * *")
@queue.task(name="orders.tasks.cancel_expired_orders", queueing_lock="cancel_expired_orders")
def cancel_expired_orders(timestamp: int) -> int:  # noqa: ARG001 - procrastinate passes the tick
    """Give stock back that nobody paid for in time."""
    return expiry.cancel_expired_orders()


@queue.task(name=demo_media.HANG_TASK, queueing_lock="hang_demo_pictures", retry=RETRY)
def hang_demo_pictures() -> int:
    """Give the demonstration shop's gifts their pictures; returns how many."""
    return demo_media.hang()
