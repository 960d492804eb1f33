"""Pictures of shoppers' own: taken in, kept for what was ordered, forgotten otherwise."""

from collections.abc import Collection, Iterable
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.db.models import Count, Sum

from customizations.errors import UploadInUseError, UploadQuotaError
from customizations.models import Upload
from customizations.services import files
from fantasize.core import clock, images, privacy
from fantasize.core.errors import ConflictError, NotFoundError, UnauthenticatedError
from fantasize.core.images import Picture

FOLDER = "uploads"
_PERSON = "user:"
_AT_ONCE = 500


def store(*, content: bytes, owner: str) -> Upload:
    """Take a picture in; nothing of the file but its pixels is kept. ``read``, and then ``add``."""
    return add(picture=read(content=content, owner=owner), owner=owner)


def read(*, content: bytes, owner: str) -> Picture:
    """What the shop makes of a file that somebody sends; takes its time, hence no transaction around it.

    Args:
        content: a JPEG, PNG or WebP file.
        owner: ``user:<id>``, or ``cart:<hash>`` of a guest.

    Raises:
        InvalidError: ``image_refused``.
        TooLargeError: ``image_too_large``.
        UploadQuotaError: the owner has no room anyway.
        UnavailableError: too many images are being decoded just now.
    """
    _require_room(owner, 1)
    return images.reencode(content)


def add(*, picture: Picture, owner: str) -> Upload:
    """Store a picture that was read. Locks the owner: their quota is exact.

    Raises:
        UploadQuotaError: the owner keeps as many already as one may.
        UnauthenticatedError: the account was closed meanwhile.
    """
    with files.written(FOLDER, picture.content, picture.format) as name, transaction.atomic():
        _lock(owner)
        _require_room(owner, len(picture.content))
        return Upload.objects.create(
            owner=owner,
            file=name,
            sha256=picture.sha256,
            width=picture.width,
            height=picture.height,
            bytes=len(picture.content),
            format=picture.format,
        )


@transaction.atomic
def remove(*, upload: Upload) -> None:
    """Forget a picture, file and all.

    Raises:
        NotFoundError: it is gone.
        UploadInUseError: an order was placed with it.
    """
    row = Upload.objects.select_for_update().filter(pk=upload.pk).first()
    if row is None:
        raise NotFoundError
    if row.kept_at is not None:
        raise UploadInUseError("An order was placed with this picture.")
    _delete([row])


def keep(ids: Collection[UUID]) -> None:
    """Keep pictures that an order is placed with, for good. In the caller's transaction; locks them by primary key.

    Raises:
        ConflictError: ``upload_gone``: one of them was removed since it was looked at.
    """
    rows = Upload.objects.filter(pk__in=ids).order_by("pk").select_for_update(no_key=True)
    found = list(rows.values_list("pk", flat=True))
    if len(found) != len(set(ids)):
        raise ConflictError("A picture was removed. Send it again.", code="upload_gone", title="Picture is gone")
    Upload.objects.filter(pk__in=found, kept_at=None).update(kept_at=clock.now())


def collect_unused() -> int:
    """Forget what nobody has ordered with for so long that nobody will; returns how many there were."""
    before, count = clock.now() - timedelta(hours=settings.UPLOAD_ORPHAN_HOURS), 0
    while True:
        with transaction.atomic():
            old = Upload.objects.filter(kept_at=None, created_at__lt=before).order_by("created_at")
            # One that an order is being placed with is passed over.
            rows = list(old.select_for_update(skip_locked=True)[:_AT_ONCE])
            _delete(rows)
        count += len(rows)
        if len(rows) < _AT_ONCE:
            return count


def forget(owner: str) -> None:
    """Forget all pictures of somebody, those that they ordered with too. The caller holds the account's lock."""
    _delete(Upload.objects.filter(owner=owner).order_by("pk").select_for_update())


def _delete(rows: Iterable[Upload]) -> None:
    """Delete rows, and their files with the commit."""
    rows = list(rows)
    Upload.objects.filter(pk__in=[row.pk for row in rows]).delete()
    privacy.delete_files_on_commit(str(row.file) for row in rows)


def _lock(owner: str) -> None:
    """Have the owner's uploads come one after the other.

    Raises:
        UnauthenticatedError: the account was closed meanwhile.
    """
    if owner.startswith(_PERSON):
        people = get_user_model()._default_manager.select_for_update(no_key=True)  # noqa: SLF001 - Django's documented interface
        if people.filter(pk=owner.removeprefix(_PERSON), is_active=True).first() is None:
            raise UnauthenticatedError("The account is closed.")
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"uploads of {owner}"])


def _require_room(owner: str, size: int) -> None:
    """Refuse what is too much; what was ordered with does not count."""
    unused = Upload.objects.filter(owner=owner, kept_at=None)
    held = unused.aggregate(files=Count("pk"), bytes=Sum("bytes", default=0))
    if held["files"] >= settings.UPLOAD_QUOTA_FILES:
        raise UploadQuotaError(f"There can be {settings.UPLOAD_QUOTA_FILES} pictures. Remove some first.")
    if held["bytes"] + size > settings.UPLOAD_QUOTA_BYTES:
        raise UploadQuotaError(f"Pictures can have {settings.UPLOAD_QUOTA_BYTES} bytes together. Remove some first.")
