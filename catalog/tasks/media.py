"""Background work on pictures."""

from procrastinate.contrib.django import app as queue

from catalog.services import media, media_files, renditions
from fantasize.core.queue import RETRY


@queue.task(name=media.PREPARE_TASK, retry=RETRY)
def prepare_media(media_id: int) -> None:
    """Make a picture's smaller copies."""
    renditions.prepare(media_id=media_id)


@queue.periodic(cron="27 * * * *")
@queue.task(name="catalog.tasks.collect_orphans", queueing_lock="catalog.collect_orphans")
def collect_orphans(timestamp: int) -> int:  # noqa: ARG001 - procrastinate passes the tick
    """Delete files that are nobody's; returns how many."""
    return media_files.collect_orphans()


@queue.periodic(cron="41 * * * *")
@queue.task(name="catalog.tasks.resume_media", queueing_lock="catalog.resume_media")
def resume_media(timestamp: int) -> int:  # noqa: ARG001 - procrastinate passes the tick
    """Prepare pictures whose jobs were lost; returns how many there were."""
    return media.resume()
