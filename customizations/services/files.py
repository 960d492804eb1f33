"""The files of customizations: written under names that nobody can guess, in folders that nobody is served from."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from customizations.models import Asset, Proof, Upload
from fantasize.core import invariants, stored_files

# Which folder of the storage holds the files of which rows.
FOLDERS: dict[str, type[Upload | Asset | Proof]] = {"uploads": Upload, "backgrounds": Asset, "proofs": Proof}


def register() -> None:
    """Have ``verify_invariants`` compare rows with files."""
    for folder in FOLDERS:
        names = partial(_names_of, folder)
        invariants.register(f"{folder}.rows_have_their_files", partial(stored_files.count_missing, folder, names))
        invariants.register(f"{folder}.files_have_their_rows", partial(stored_files.count_orphans, folder, names))


def collect_orphans() -> int:
    """Delete files that are nobody's, left by a process that ended halfway; returns how many."""
    return sum(stored_files.collect_orphans(folder, partial(_names_of, folder)) for folder in FOLDERS)


@contextmanager
def written(folder: str, content: bytes, suffix: str) -> Iterator[str]:
    """Write a file for the row that the block makes, and hand out its name; if the block fails, it is deleted."""
    stem = uuid.uuid4().hex
    name = default_storage.save(f"{folder}/{stem[:2]}/{stem}.{suffix}", ContentFile(content))
    try:
        yield name
    except BaseException:
        default_storage.delete(name)
        raise


def _names_of(folder: str) -> Iterator[str]:
    rows = FOLDERS[folder]._default_manager.order_by()  # noqa: SLF001 - Django's documented interface
    return rows.values_list("file", flat=True).iterator()
