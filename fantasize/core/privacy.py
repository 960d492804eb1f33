"""What the shop knows about a person: handing it out, and forgetting it. Apps register in ``AppConfig.ready()``."""

import json
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from tempfile import SpooledTemporaryFile
from typing import IO, Any
from uuid import UUID

import structlog
from django.core.files.storage import default_storage
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction

log = structlog.get_logger(__name__)

# More than this waits on disk, however much somebody has bought.
_IN_MEMORY = 1024 * 1024
# The same data make the same archive; ZIP knows no earlier moment.
_NO_DATE = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Document:
    """One JSON file of an export.

    Attributes:
        name: its name, without ``.json``.
        data: what JSON and Django's encoder know (moments, UUIDs, decimals); an iterator of rows is written row by row.
    """

    name: str
    data: Any


@dataclass(frozen=True, slots=True)
class Upload:
    """One file of an export that the person gave the shop.

    Attributes:
        name: its name, without suffix.
        stored: its name in the default storage.
    """

    name: str
    stored: str


Part = Document | Upload


@dataclass(frozen=True, slots=True)
class _Holder:
    export: Callable[[UUID], Iterable[Part]]
    erase: Callable[[UUID], None]


_holders: dict[str, _Holder] = {}


def register(name: str, *, export: Callable[[UUID], Iterable[Part]], erase: Callable[[UUID], None]) -> None:
    """Add an app that knows something about people.

    Args:
        name: the app's; the folder of its parts.
        export: everything it knows about the user with this id, always in the same order.
        erase: forgets it, in a transaction, idempotently; files go after the commit. May refuse with a
            ``ConflictError``, and then nothing is forgotten anywhere.
    """
    _holders[name] = _Holder(export, erase)


def erase_everything(user_id: UUID) -> None:
    """Have every app forget the person; whoever builds on others goes before them.

    Raises:
        TransactionManagementError: outside a transaction: it is all or nothing.
    """
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("A person is forgotten everywhere or nowhere.")
    for holder in reversed(_holders.values()):
        holder.erase(user_id)


def write_archive(user_id: UUID) -> IO[bytes]:
    """Everything that is known about the person, as a ZIP archive, opened for reading; the caller closes it."""
    archive: IO[bytes] = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - the caller's to close
    try:
        with zipfile.ZipFile(archive, "w") as target:
            for app, holder in sorted(_holders.items()):
                for part in holder.export(user_id):
                    _write(target, app, part)
    except BaseException:
        archive.close()
        raise
    archive.seek(0)
    return archive


def delete_files_on_commit(names: Iterable[str]) -> None:
    """Delete files from the default storage once the transaction is committed."""
    for name in filter(None, names):
        transaction.on_commit(_deletion(name), robust=True)


def _deletion(name: str) -> Callable[[], None]:
    """What deletes a file. A ``partial`` has no name of its own, which Django wants to log its failure under."""

    def delete() -> None:
        default_storage.delete(name)

    return delete


def _write(target: zipfile.ZipFile, app: str, part: Part) -> None:
    if isinstance(part, Upload) and not default_storage.exists(part.stored):
        # All the rest is theirs all the same; that a file is missing is told by the invariants.
        log.error("privacy.file_missing", app=app, name=part.name)
        return
    if isinstance(part, Document):
        suffix, compression, chunks = ".json", zipfile.ZIP_DEFLATED, _encoded(part.data)
    else:
        # Pictures are as small as they get.
        suffix, compression, chunks = PurePosixPath(part.stored).suffix, zipfile.ZIP_STORED, _read(part.stored)
    entry = zipfile.ZipInfo(f"{app}/{part.name}{suffix}", _NO_DATE)
    entry.compress_type = compression
    with target.open(entry, "w") as file:
        for chunk in chunks:
            file.write(chunk)


def _read(stored: str) -> Iterator[bytes]:
    with default_storage.open(stored) as file:
        yield from file.chunks()


def _encoded(data: Any) -> Iterator[bytes]:
    if not isinstance(data, Iterator):
        yield _dump(data)
        return
    separator = b"["
    for row in data:
        yield separator + b"\n" + _dump(row)
        separator = b","
    yield b"\n]" if separator == b"," else b"[]"


def _dump(data: Mapping[str, Any] | list[Any]) -> bytes:
    return json.dumps(data, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2, sort_keys=True).encode()
