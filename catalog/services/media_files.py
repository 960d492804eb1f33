"""Whether rows and files of the catalogue's media are together, and clearing up where they are not."""

from collections.abc import Iterator

from catalog.models import ProductMedia
from catalog.selectors.media import files_of
from catalog.services.media import FOLDER
from fantasize.core import invariants, stored_files


def register() -> None:
    """Have ``verify_invariants`` compare rows with files."""
    invariants.register("media.rows_have_their_files", count_missing)
    invariants.register("media.files_have_their_rows", count_orphans)


def count_missing() -> int:
    """How many files that rows name are not there."""
    return stored_files.count_missing(FOLDER, _named)


def count_orphans() -> int:
    """How many files, but for the newest, belong to no row."""
    return stored_files.count_orphans(FOLDER, _owned)


def collect_orphans() -> int:
    """Delete them; returns how many there were: left by a process that ended halfway."""
    return stored_files.collect_orphans(FOLDER, _owned)


def _named() -> Iterator[str]:
    """The files that rows say they have."""
    for file, renditions in ProductMedia.objects.order_by().values_list("file", "renditions").iterator():
        yield file
        yield from (copy["file"] for copy in renditions)


def _owned() -> Iterator[str]:
    """The same, and those that a row's copies are going to be."""
    rows = ProductMedia.objects.only("file", "renditions").order_by().iterator()
    return (name for row in rows for name in files_of(row))
