"""The search's background work."""

from collections.abc import Collection

from procrastinate.contrib.django import app as queue

from catalog.services import search
from fantasize.core.queue import RETRY


@queue.task(name=search.INDEX_TASK, retry=RETRY)
def index_in_cluster(products: Collection[int], packages: Collection[int]) -> None:
    """Tell the search cluster how rows are now; tried again for a day while it is away."""
    search.index_in_cluster(products=products, packages=packages)


@queue.periodic(cron="23 4 * * *")
@queue.task(name=search.COUNT_TASK, queueing_lock=search.COUNT_TASK)
def count_words(timestamp: int | None = None) -> int:  # noqa: ARG001 - procrastinate passes the tick
    """Count how frequent the words of the catalogue are."""
    return search.count_words()
