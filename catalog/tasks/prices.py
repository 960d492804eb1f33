"""Prices that follow the clock."""

from procrastinate.contrib.django import app as queue

from catalog.services import prices
from fantasize.core.queue import RETRY


@queue.task(name=prices.REFRESH_DUE_TASK, retry=RETRY)
def refresh_due_prices() -> int:
    """An offer begins or ends: the prices that follow it."""
    return prices.refresh_due_prices()


@queue.periodic(cron="* * * * *")
@queue.task(name="catalog.tasks.prices.refresh_missed_prices", queueing_lock="refresh_missed_prices")
def refresh_missed_prices(timestamp: int) -> int:  # noqa: ARG001 - procrastinate passes the tick
    """The same for whatever no job was left for, as after an import."""
    return prices.refresh_due_prices()


@queue.task(name=prices.REFRESH_ALL_TASK, retry=RETRY)
def refresh_all_prices() -> int:
    """An offer on very many things was changed."""
    return prices.refresh_all_prices()


@queue.periodic(cron="23 * * * *")
@queue.task(name="catalog.tasks.prices.reconcile_prices", queueing_lock="reconcile_prices")
def reconcile_prices(timestamp: int) -> int:  # noqa: ARG001 - as above
    """Things that came into a category in the very moment in which its offer was changed."""
    return prices.refresh_all_prices()
