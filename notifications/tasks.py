"""Notifications' background work."""

from procrastinate.contrib.django import app as queue

from notifications.services import low_stock


@queue.periodic(cron="* * * * *")
@queue.task(name="notifications.tasks.mail_low_stock", queueing_lock="notifications.mail_low_stock")
def mail_low_stock(timestamp: int) -> int:  # noqa: ARG001 - procrastinate passes the tick
    """Tell staff what ran low within the last minute; returns how many mails that took."""
    return low_stock.mail_digest()


@queue.periodic(cron="27 4 * * *")
@queue.task(name="notifications.tasks.forget_told_alerts", queueing_lock="notifications.forget_told_alerts")
def forget_told_alerts(timestamp: int) -> int:  # noqa: ARG001 - as above
    """Forget alerts of a month ago; returns how many."""
    return low_stock.forget_told()
