"""People's pictures of themselves."""

import uuid

import structlog
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from accounts.models import User
from fantasize.core import fetch, images
from fantasize.core.errors import DomainError

log = structlog.get_logger(__name__)

SIDE = 512
_FORMAT = "webp"
_MAX_BYTES = 5 * 1024 * 1024
_CONTENT_TYPES = frozenset({"image/jpeg", "image/png", "image/webp"})


def set_avatar(*, user: User, content: bytes) -> None:
    """Make ``content`` the user's picture: square, newly encoded, under a name that nobody can guess.

    Decodes the picture: hence no transaction around it. Locks the user's row to swap the files.

    Raises:
        InvalidError: ``image_refused``.
        TooLargeError: ``image_too_large``.
        UnavailableError: too many images are being decoded just now.
    """
    _store(user, content, only_first=False)


def remove_avatar(*, user: User) -> None:
    """Take the user's picture away, file and all. Locks the user's row."""
    _swap(user, "", only_first=False)


def import_avatar(*, user: User, url: str) -> bool:
    """Fetch the user's first picture from ``url``, whatever that is; returns whether it was taken.

    For the background: takes seconds. One that they have chosen meanwhile stays; one that cannot be fetched or read is
    done without.
    """
    if user.avatar:
        return False
    try:
        content = fetch.fetch(url, max_bytes=_MAX_BYTES, content_types=_CONTENT_TYPES)
        return _store(user, content, only_first=True)
    except (fetch.FetchError, DomainError) as error:
        log.info("accounts.avatar_not_imported", error=type(error).__name__)
        return False


def _store(user: User, content: bytes, *, only_first: bool) -> bool:
    """Keep ``content`` as the user's picture; returns whether it was taken."""
    picture = images.reencode(content, max_side=SIDE, square=True, format=_FORMAT)
    name = default_storage.save(f"avatars/{uuid.uuid4().hex}.{picture.format}", ContentFile(picture.content))
    is_taken = False
    try:
        is_taken = _swap(user, name, only_first=only_first)
    finally:
        if not is_taken:
            default_storage.delete(name)
    return is_taken


@transaction.atomic
def _swap(user: User, name: str, *, only_first: bool) -> bool:
    """Point the row to another file and delete the one before; somebody who was erased meanwhile gets none."""
    row = User.objects.select_for_update().get(pk=user.pk)
    old = row.avatar.name
    if row.erased_at is not None or (only_first and old):
        return False
    row.avatar = user.avatar = name
    row.save(update_fields=["avatar"])
    if old:
        transaction.on_commit(lambda: default_storage.delete(old), robust=True)
    return True
