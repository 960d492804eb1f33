"""Whether rows and files of the catalogue's media are together, and clearing up where they are not."""

from collections.abc import Iterator
from datetime import timedelta

from django.core.files.storage import default_storage
from django.db.models import Q

from catalog.models import ProductMedia
from catalog.selectors.media import files_of
from catalog.services.media import FOLDER
from fantasize.core import clock, invariants

# A younger file may belong to a row that is not committed yet.
ORPHANS_KEPT = timedelta(hours=1)


def register() -> None:
    """Have ``verify_invariants`` compare rows with files."""
    invariants.register("media.rows_have_their_files", count_missing)
    invariants.register("media.files_have_their_rows", count_orphans)


def count_missing() -> int:
    """How many rows lack a file."""
    rows = dict(_stored_by_row())
    files = set(_files())
    lacking = [pk for pk, names in rows.items() if not names <= files]
    # Asked again: a row may have changed or gone while the files were read.
    again = _stored_by_row(Q(pk__in=lacking))
    return sum(not all(map(default_storage.exists, names)) for _, names in again)


def count_orphans() -> int:
    """How many files, but for the newest, belong to no row."""
    return len(_orphans())


def collect_orphans() -> int:
    """Delete them; returns how many there were: left by a process that ended halfway."""
    orphans = _orphans()
    for name in orphans:
        default_storage.delete(name)
    return len(orphans)


def _orphans() -> list[str]:
    """Files first, rows afterwards: what is committed in between is found."""
    files = set(_files())
    rows = ProductMedia.objects.only("file", "renditions").order_by().iterator()
    owned = {name for row in rows for name in files_of(row)}
    newest = clock.now() - ORPHANS_KEPT
    return [name for name in files - owned if default_storage.get_modified_time(name) < newest]


def _stored_by_row(which: Q | None = None) -> Iterator[tuple[int, set[str]]]:
    """The files that each row names."""
    rows = ProductMedia.objects.filter(which or Q()).order_by().values_list("pk", "file", "renditions")
    for pk, file, renditions in rows.iterator():
        yield pk, {file, *(copy["file"] for copy in renditions)}


def _files() -> Iterator[str]:
    """Every file in the catalogue's folder."""
    if not default_storage.exists(FOLDER):
        return
    for folder in default_storage.listdir(FOLDER)[0]:
        path = f"{FOLDER}/{folder}"
        yield from (f"{path}/{name}" for name in default_storage.listdir(path)[1])
