"""The files of transfers: private, in the default storage, reached through the admin only."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any
from uuid import UUID

from django.core.files import File
from django.core.files.storage import default_storage


def folder_of(transfer_id: UUID) -> str:
    """Where a transfer's files are."""
    return f"transfers/{transfer_id.hex}"


@contextmanager
def local_copy(file: Any) -> Iterator[IO[bytes]]:
    """A stored file as one on this machine's disk, whatever the storage is: workbooks are read from their end."""
    with tempfile.TemporaryFile() as copy:
        with file.open("rb") as source:
            shutil.copyfileobj(source, copy)
        copy.seek(0)
        yield copy


def store(name: str, file: IO[bytes]) -> str:
    """Keep ``file`` under ``name``, in place of what a killed job may have left there; returns its name."""
    default_storage.delete(name)
    file.seek(0)
    return str(default_storage.save(name, File(file)))
