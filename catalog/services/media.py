"""Writes of pictures and videos: row and file come together and go together.

A file is written before its row is committed, and deleted when the row is not, or once it is gone. What a killed
process leaves behind is collected by ``catalog.services.media_files``.
"""

import hashlib
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Max
from procrastinate.contrib.django import app as queue

from catalog.caching import products as product_cache
from catalog.enums import MediaKind, MediaState
from catalog.models import Category, ProductMedia
from catalog.selectors.media import Target, files_of, kind_of, media_of, target_of
from fantasize.core import clock, images, privacy, video
from fantasize.core.errors import ConflictError, InvalidError, NotFoundError

log = structlog.get_logger(__name__)

FOLDER = "catalogue"
MAX_MEDIA = 20
LOST_AFTER = timedelta(hours=1)
PREPARE_TASK = "catalog.tasks.prepare_media"


@dataclass(frozen=True, slots=True)
class _New:
    """A file that was looked at and may be stored."""

    kind: MediaKind
    state: MediaState
    format: str
    width: int
    height: int
    size: int
    sha256: str
    file: "File[bytes]"


def add_file(*, target: Target, file: "File[bytes]", alt: str, actor: str) -> ProductMedia:
    """Add an image or a video, whichever the file's own bytes say; see ``add_image`` and ``add_video``."""
    head = file.read(video.HEAD_BYTES)
    file.seek(0)
    if video.is_video(head):
        return add_video(target=target, file=file, alt=alt, actor=actor)
    # One byte more tells that there are more.
    return add_image(target=target, content=file.read(images.MAX_BYTES + 1), alt=alt, actor=actor)


def add_image(*, target: Target, content: bytes, alt: str, actor: str) -> ProductMedia:
    """Add an image behind the others; a category's takes the place of the one before.

    It is decoded and encoded anew (hence no transaction around that), and can be shown once the worker has made its
    smaller copies. Locks the target.

    Raises:
        InvalidError: ``image_refused``.
        TooLargeError: ``image_too_large``.
        ConflictError: ``too_many_media``.
        NotFoundError: the target is gone.
        UnavailableError: too many images are being decoded just now.
    """
    _require_room(target)
    picture = images.reencode(content)
    facts = (picture.format, picture.width, picture.height, len(picture.content), picture.sha256)
    new = _New(MediaKind.IMAGE, MediaState.PROCESSING, *facts, ContentFile(picture.content))
    return _add(target, new, alt, actor)


def add_video(*, target: Target, file: "File[bytes]", alt: str, actor: str) -> ProductMedia:
    """Add an MP4 or WebM file behind the others, as it is; never held in memory as a whole. Locks the target.

    Raises:
        InvalidError: ``video_refused``.
        TooLargeError: ``video_too_large``.
        ConflictError: ``too_many_media``.
        NotFoundError: the target is gone.
    """
    if isinstance(target, Category):
        raise InvalidError.at("/file", "A category is shown by an image.", code="video_refused")
    _require_room(target)
    found = video.inspect(file)
    file.seek(0)
    facts = (found.format, found.width, found.height, file.size, _hash_of(file))
    return _add(target, _New(MediaKind.VIDEO, MediaState.READY, *facts, file), alt, actor)


@transaction.atomic
def change(*, media: ProductMedia, alt: str | None = None, position: int | None = None) -> None:
    """Say what is to be seen, or put it at another place (0 is the first), or both. Locks the target.

    Raises:
        NotFoundError: it is gone.
    """
    # The thing is locked before its media, here as everywhere.
    if position is not None:
        move(media=media, position=position)
    if alt is not None:
        set_alt(media=media, alt=alt)


@transaction.atomic
def set_alt(*, media: ProductMedia, alt: str) -> None:
    """Say what is to be seen.

    Raises:
        NotFoundError: it is gone.
    """
    if not ProductMedia.objects.filter(pk=media.pk).update(alt=alt):
        raise NotFoundError
    media.alt = alt
    product_cache.invalidate_on_commit()


@transaction.atomic
def move(*, media: ProductMedia, position: int) -> None:
    """Put it at a place among the thing's media, 0 being the first, and the others around it. Locks the target.

    Raises:
        NotFoundError: it is gone.
    """
    target = _locked(target_of(media))
    ids = list(media_of(target).values_list("pk", flat=True))
    if media.pk not in ids:
        raise NotFoundError
    ids.remove(media.pk)
    ids.insert(position, media.pk)
    reorder(target=target, ids=ids)
    media.position = ids.index(media.pk)


@transaction.atomic
def reorder(*, target: Target, ids: Sequence[int]) -> None:
    """Bring the thing's media into this order. Locks the target.

    Raises:
        ConflictError: ``media_changed``: these are not just the media that it has.
    """
    rows = {row.pk: row for row in media_of(_locked(target))}
    if sorted(ids) != sorted(rows):
        raise ConflictError("Media were added or removed meanwhile.", code="media_changed", title="Media changed")
    for position, pk in enumerate(ids):
        rows[pk].position = position
    ProductMedia.objects.bulk_update(rows.values(), ["position"])
    product_cache.invalidate_on_commit()


@transaction.atomic
def remove(*, media: ProductMedia, actor: str) -> None:
    """Take it away, and its files with the commit. It may be gone already."""
    _delete(ProductMedia.objects.select_for_update().filter(pk=media.pk))
    log.info("catalog.media_removed", media=media.pk, actor=actor)


@transaction.atomic
def forget(targets: Iterable[Target]) -> None:
    """Take away all media of things that are about to be deleted, and their files with the commit.

    As many queries for a thousand things of a kind as for one.
    """
    named: defaultdict[str, list[int]] = defaultdict(list)
    for target in targets:
        named[kind_of(target)].append(target.pk)
    for kind, keys in named.items():
        _delete(ProductMedia.objects.filter(**{f"{kind}__in": keys}).select_for_update())


@transaction.atomic
def retry(*, media: ProductMedia) -> None:
    """Have the worker try once more to prepare what could not be prepared; nothing else is changed."""
    failed = ProductMedia.objects.filter(pk=media.pk, state=MediaState.FAILED)
    if failed.update(state=MediaState.PROCESSING):
        _enqueue(media.pk)


def resume() -> int:
    """Have the worker prepare what still waits although it came long ago: its job was lost. Returns how many."""
    waiting = ProductMedia.objects.filter(state=MediaState.PROCESSING, created_at__lt=clock.now() - LOST_AFTER)
    lost = list(waiting.values_list("pk", flat=True))
    for pk in lost:
        _enqueue(pk)
    return len(lost)


def _add(target: Target, new: _New, alt: str, actor: str) -> ProductMedia:
    with _stored(new) as name, transaction.atomic():
        position = _make_room(_locked(target))
        media = ProductMedia.objects.create(
            **{kind_of(target): target},
            kind=new.kind,
            state=new.state,
            alt=alt,
            position=position,
            file=name,
            content_type=f"{new.kind}/{new.format}",
            width=new.width,
            height=new.height,
            size=new.size,
            sha256=new.sha256,
        )
        if new.state == MediaState.PROCESSING:
            _enqueue(media.pk)
        product_cache.invalidate_on_commit()
    log.info("catalog.media_added", media=media.pk, kind=media.kind, actor=actor)
    return media


@contextmanager
def _stored(new: _New) -> Iterator[str]:
    """Write the file under a name that nobody can guess; if the block fails, it is deleted."""
    stem = uuid.uuid4().hex
    name = default_storage.save(f"{FOLDER}/{stem[:2]}/{stem}.{new.format}", new.file)
    try:
        yield name
    except BaseException:
        default_storage.delete(name)
        raise


def _locked(target: Target) -> Target:
    """The target, so that nobody else changes its media; other fields may be changed meanwhile."""
    row = type(target)._default_manager.select_for_update(no_key=True).filter(pk=target.pk).first()  # noqa: SLF001 - Django's documented interface
    if row is None:
        raise NotFoundError
    return row


def _require_room(target: Target) -> None:
    """Refuse what there is no room for: at once, before it costs anything, and for sure once the target is locked."""
    if not isinstance(target, Category) and media_of(target).count() >= MAX_MEDIA:
        raise ConflictError(
            f"There can be {MAX_MEDIA} pictures and videos of a thing.", code="too_many_media", title="Too many media"
        )


def _make_room(target: Target) -> int:
    """The place behind the others; a category has one picture only."""
    rows = media_of(target)
    if isinstance(target, Category):
        _delete(rows)
    _require_room(target)
    last: int | None = rows.order_by().aggregate(last=Max("position"))["last"]
    return 0 if last is None else last + 1


def _delete(rows: Iterable[ProductMedia]) -> None:
    """Delete rows, and their files with the commit."""
    rows = list(rows)
    ProductMedia.objects.filter(pk__in=[row.pk for row in rows]).delete()
    privacy.delete_files_on_commit(name for row in rows for name in files_of(row))
    product_cache.invalidate_on_commit()


def _enqueue(pk: int) -> None:
    """Have the worker prepare it, in the caller's transaction; two jobs for one row wait for each other."""
    queue.configure_task(PREPARE_TASK, lock=f"media:{pk}").defer(media_id=pk)


def _hash_of(file: Any) -> str:
    digest = hashlib.file_digest(file, "sha256").hexdigest()
    file.seek(0)
    return digest
