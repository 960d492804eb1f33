"""The background work of customizations."""

from procrastinate.contrib.django import app as queue

from customizations.services import assets, files, uploads


@queue.periodic(cron="7 * * * *")
@queue.task(name="customizations.tasks.collect_unused_uploads", queueing_lock="collect_unused_uploads")
def collect_unused_uploads(timestamp: int) -> int:  # noqa: ARG001 - procrastinate passes the tick
    """Forget pictures that nobody has ordered with for days; returns how many."""
    return uploads.collect_unused()


@queue.periodic(cron="27 4 * * *")
@queue.task(name="customizations.tasks.collect_unused_backgrounds", queueing_lock="collect_unused_backgrounds")
def collect_unused_backgrounds(timestamp: int) -> int:  # noqa: ARG001 - procrastinate passes the tick
    """Delete pictures that no template has behind anything; returns how many."""
    return assets.collect_unused()


@queue.periodic(cron="47 * * * *")
@queue.task(name="customizations.tasks.collect_orphans", queueing_lock="customizations.collect_orphans")
def collect_orphans(timestamp: int) -> int:  # noqa: ARG001 - procrastinate passes the tick
    """Delete files that are nobody's; returns how many."""
    return files.collect_orphans()
