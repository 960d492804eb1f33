"""The orders' periodic work."""

from procrastinate.contrib.django import app as queue

from orders.services import expiry


@queue.periodic(cron="*/30 * * * * *")
@queue.task(name="orders.tasks.cancel_expired_orders", queueing_lock="cancel_expired_orders")
def cancel_expired_orders(timestamp: int) -> int:  # noqa: ARG001 - procrastinate passes the tick
    """Give stock back that nobody paid for in time."""
    return expiry.cancel_expired_orders()
