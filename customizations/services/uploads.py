"""Pictures of shoppers' own: taken in, kept for what was ordered, forgotten otherwise."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain
from uuid import UUID

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.db.models import Count, Sum

from accounts.models import User
from customizations.errors import UploadInUseError, UploadQuotaError
from customizations.models import Upload
from customizations.services import files
from fantasize.core import clock, images, privacy
from fantasize.core.errors import ConflictError, NotFoundError, UnauthenticatedError
from fantasize.core.images import Picture

FOLDER = "uploads"
_PERSON = "user:"
_AT_ONCE = 500


# Who knows of pictures that are needed although nobody has ordered with them.
_needs: list[Callable[[Collection[UUID]], Collection[UUID]]] = []


def register_need(find_needed: Callable[[Collection[UUID]], Collection[UUID]]) -> None:
    """Have ``find_needed`` say which of some pictures are not to be collected yet. For ``AppConfig.ready()``."""
    _needs.append(find_needed)


def store(*, content: bytes, owner: str) -> Upload:
    """Take a picture in; nothing of the file but its pixels is kept. ``read``, and then ``add``."""
    return add(picture=read(content=content, owner=owner), owner=owner)


def read(*, content: bytes, owner: str) -> Picture:
    """What the shop makes of a file that somebody sends; takes its time, hence no transaction around it.

    Args:
        content: a JPEG, PNG or WebP file.
        owner: ``user:<id>``, or of a guest ``cart:<hash>`` or ``link:<id>``.

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
    lock_pictures(ids)
    Upload.objects.filter(pk__in=ids, kept_at=None).update(kept_at=clock.now())


def lock_pictures(ids: Collection[UUID]) -> None:
    """Have pictures stay until the caller's transaction ends, in which something that needs them is written.

    Locks them by primary key.

    Raises:
        ConflictError: ``upload_gone``: one of them was removed since it was looked at.
    """
    rows = Upload.objects.filter(pk__in=ids).order_by("pk").select_for_update(no_key=True)
    if len(rows.values_list("pk")) != len(set(ids)):
        raise ConflictError("A picture was removed. Send it again.", code="upload_gone", title="Picture is gone")


@transaction.atomic
def hand_over(*, token_principal: str, user: User) -> frozenset[UUID]:
    """Give a guest's pictures to the account that they have signed in to: the newest first, as far as it has room.

    What an order was placed with stays where that order is: to close the account must take nothing from it. Returns
    the ids of those that there was no room for, which are the guest's as before. Locks the account, then the guest,
    then the pictures by primary key.

    Args:
        token_principal: ``cart:<hash>``, as ``guests.principal_of`` names the guest.
        user: who has shown both the account's credentials and the guest's token.

    Raises:
        UnauthenticatedError: the account was closed meanwhile.
    """
    _lock(user.actor)
    _lock(token_principal)
    rows = list(Upload.objects.filter(owner=token_principal, kept_at=None).order_by("pk").select_for_update())
    rows.sort(key=lambda row: (row.created_at, row.pk), reverse=True)
    held, moved = _held_by(user.actor), []
    for row in rows:
        if held.has_room_for(row.bytes):
            held = _Held(held.files + 1, held.bytes + row.bytes)
            moved.append(row.pk)
    Upload.objects.filter(pk__in=moved).update(owner=user.actor)
    return frozenset(row.pk for row in rows) - frozenset(moved)


def collect_unused() -> int:
    """Forget what nobody has ordered with for so long that nobody will; returns how many there were."""
    before, count = clock.now() - timedelta(hours=settings.UPLOAD_ORPHAN_HOURS), 0
    needed: set[UUID] = set()
    while True:
        with transaction.atomic():
            old = Upload.objects.filter(kept_at=None, created_at__lt=before).exclude(pk__in=needed)
            # One that an order is being placed with is passed over.
            rows = list(old.order_by("created_at").select_for_update(skip_locked=True)[:_AT_ONCE])
            ids = [row.pk for row in rows]
            needed.update(chain.from_iterable(find_needed(ids) for find_needed in _needs))
            unused = [row for row in rows if row.pk not in needed]
            _delete(unused)
        count += len(unused)
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


@dataclass(frozen=True, slots=True)
class _Held:
    """What somebody keeps that no order was placed with."""

    files: int
    bytes: int

    def has_room_for(self, size: int) -> bool:
        """Whether one file more may be kept, of so many bytes."""
        return self.files < int(settings.UPLOAD_QUOTA_FILES) and self.bytes + size <= int(settings.UPLOAD_QUOTA_BYTES)


def _held_by(owner: str) -> _Held:
    unused = Upload.objects.filter(owner=owner, kept_at=None)
    return _Held(**unused.aggregate(files=Count("pk"), bytes=Sum("bytes", default=0)))


def _require_room(owner: str, size: int) -> None:
    """Refuse what is too much; what was ordered with does not count."""
    held = _held_by(owner)
    if held.has_room_for(size):
        return
    if held.files >= settings.UPLOAD_QUOTA_FILES:
        raise UploadQuotaError(f"There can be {settings.UPLOAD_QUOTA_FILES} pictures. Remove some first.")
    raise UploadQuotaError(f"Pictures can have {settings.UPLOAD_QUOTA_BYTES} bytes together. Remove some first.")
