"""Pictures that templates have behind everything; the same picture is stored once."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from customizations.engine import Schema
from customizations.models import Asset, CustomizationTemplate, TemplateVersion, Upload
from customizations.services import files, schemas
from fantasize.core import clock, images, privacy

FOLDER = "backgrounds"
# A template that names the picture may still be open in somebody's editor.
UNUSED_KEPT = timedelta(days=7)


def store(*, content: bytes) -> Asset:
    """Take in a JPEG, PNG or WebP file: decoded and encoded anew (hence no transaction around that).

    It stays as long as a template or one of its versions names it; see ``collect_unused``.

    Raises:
        InvalidError: ``image_refused``.
        TooLargeError: ``image_too_large``.
        UnavailableError: too many images are being decoded just now.
    """
    picture = images.reencode(content)
    facts = {"width": picture.width, "height": picture.height}
    # One that is there already is as good as new: it is not to go before somebody has used it.
    if Asset.objects.filter(pk=picture.sha256).update(created_at=clock.now()):
        return Asset.objects.get(pk=picture.sha256)
    try:
        with files.written(FOLDER, picture.content, picture.format) as name, transaction.atomic():
            return Asset.objects.create(sha256=picture.sha256, file=name, **facts)
    except IntegrityError:
        # Somebody has brought the same one in this moment.
        return Asset.objects.get(pk=picture.sha256)


def collect_unused() -> int:
    """Delete pictures that no template and no version names and nobody has brought for a week; says how many."""
    before = clock.now() - UNUSED_KEPT
    old = list(Asset.objects.filter(created_at__lt=before).order_by("pk").values_list("pk", flat=True))
    return sum(_collect(sha256, before) for sha256 in old if not _is_named(sha256))


@transaction.atomic
def _collect(sha256: str, before: datetime) -> bool:
    """Delete one, unless somebody uses it in this moment: who saves a template with it keeps it locked."""
    row = Asset.objects.filter(pk=sha256, created_at__lt=before).select_for_update(skip_locked=True).first()
    if row is None or _is_named(sha256):
        return False
    row.delete()
    privacy.delete_files_on_commit([str(row.file)])
    return True


def _is_named(sha256: str) -> bool:
    """Whether a document has the picture behind everything; asks the documents' indexes."""
    named = {"schema__contains": {"canvas": {"background": sha256}}}
    rows = (CustomizationTemplate.objects, TemplateVersion.objects)
    return any(documents.filter(**named).exists() for documents in rows)


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
