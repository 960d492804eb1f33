"""Pictures that templates have behind everything; the same picture is stored once."""

from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from django.db import IntegrityError, transaction

from customizations.engine import Schema
from customizations.models import Asset, Upload
from customizations.services import files, schemas
from fantasize.core import images

FOLDER = "backgrounds"


def store(*, content: bytes) -> Asset:
    """Take in a JPEG, PNG or WebP file: decoded and encoded anew (hence no transaction around that).

    It stays for good: a version of a template may name it for ever.

    Raises:
        InvalidError: ``image_refused``.
        TooLargeError: ``image_too_large``.
        UnavailableError: too many images are being decoded just now.
    """
    picture = images.reencode(content)
    facts = {"width": picture.width, "height": picture.height}
    known = Asset.objects.filter(pk=picture.sha256).first()
    if known is not None:
        return known
    try:
        with files.written(FOLDER, picture.content, picture.format) as name, transaction.atomic():
            return Asset.objects.create(sha256=picture.sha256, file=name, **facts)
    except IntegrityError:
        # Somebody has brought the same one in this moment.
        return Asset.objects.get(pk=picture.sha256)


def files_for(schema: Schema, photos: Iterable[Upload]) -> dict[str, bytes]:
    """What the renderer needs of the storage, by what the schema and the answers call it.

    What is not there any more is left out: the renderer says so. One query, if there is a picture behind everything.
    """
    background = schemas.asset_of(schema)
    rows: list[tuple[str, Any]] = [(str(photo.pk), photo.file) for photo in photos]
    if background:
        rows += [(row.pk, row.file) for row in Asset.objects.filter(pk=background)]
    found = {}
    for name, file in rows:
        with suppress(FileNotFoundError), file.open() as source:
            found[name] = source.read()
    return found
