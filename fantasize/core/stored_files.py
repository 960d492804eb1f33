"""Whether rows and the files that they name are together, for folders of the default storage.

A folder holds files in folders of its own (``uploads/3f/3f09....png``); the names that rows have are asked for anew
each time, for rows come and go meanwhile.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta

from django.core.files.storage import default_storage

from fantasize.core import clock

Names = Callable[[], Iterable[str]]

# A younger file may belong to a row that is not committed yet.
ORPHANS_KEPT = timedelta(hours=1)
# Orders that are refused at the last moment leave some, and the task that deletes them comes once an hour: only what it
# has not deleted is a fault.
ORPHANS_COUNTED = ORPHANS_KEPT + timedelta(hours=1, minutes=15)


def count_missing(folder: str, names: Names) -> int:
    """How many files that rows name are not there."""
    files = set(_files(folder))
    lacking = {name for name in names() if name not in files}
    # Asked again: a row may have gone, and a file come, while the others were read.
    return sum(not default_storage.exists(name) for name in lacking.intersection(names())) if lacking else 0


def count_orphans(folder: str, names: Names) -> int:
    """How many files no row names, but for those that ``collect_orphans`` has yet to look at."""
    return len(_orphans(folder, names, ORPHANS_COUNTED))


def collect_orphans(folder: str, names: Names) -> int:
    """Delete them; returns how many there were: left by a process that ended halfway."""
    orphans = _orphans(folder, names, ORPHANS_KEPT)
    for name in orphans:
        default_storage.delete(name)
    return len(orphans)


def _orphans(folder: str, names: Names, age: timedelta) -> list[str]:
    """Those older than ``age``. Files first, rows afterwards: what is committed in between is found."""
    found = set(_files(folder))
    newest = clock.now() - age
    return [name for name in found.difference(names()) if default_storage.get_modified_time(name) < newest]


def _files(folder: str) -> Iterator[str]:
    if default_storage.exists(folder):
        for below in default_storage.listdir(folder)[0]:
            path = f"{folder}/{below}"
            yield from (f"{path}/{name}" for name in default_storage.listdir(path)[1])
