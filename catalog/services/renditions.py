"""Smaller copies of pictures, made in the background. Doing it twice, or again after half of it, changes nothing."""

from typing import Any

import structlog
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from catalog.caching import products as product_cache
from catalog.enums import MediaState
from catalog.models import ProductMedia
from catalog.selectors.media import RENDITIONS, rendition_name
from fantasize.core import images
from fantasize.core.errors import InvalidError, UnavailableError

log = structlog.get_logger(__name__)

_FORMAT = "webp"


def prepare(*, media_id: int) -> None:
    """Make a picture's copies and have it shown; for the background: takes seconds. Locks the row at the end.

    A picture that cannot be prepared is marked as failed, which staff see; whatever may pass by itself is raised
    besides, so that the queue tries again.
    """
    media = ProductMedia.objects.filter(pk=media_id).exclude(state=MediaState.READY).first()
    if media is None:
        return
    try:
        copies = _make_copies(media)
    except (InvalidError, FileNotFoundError) as error:
        _fail(media, error)
    except UnavailableError:
        # Others are being decoded; nothing has failed.
        raise
    except Exception as error:
        _fail(media, error)
        raise
    else:
        _finish(media, copies)


def _make_copies(media: ProductMedia) -> list[dict[str, Any]]:
    """The copies, smallest first; none is larger than the picture, and those of one size share a file."""
    with media.file.open() as file:
        content = file.read()
    copies: list[dict[str, Any]] = []
    for name, side in RENDITIONS.items():
        if copies and max(media.width or 0, media.height or 0) <= copies[-1]["side"]:
            copies.append({**copies[-1], "name": name})
            continue
        picture = images.reencode(content, max_side=side, format=_FORMAT)
        stored = _write(rendition_name(str(media.file), name), picture.content)
        copies.append({"name": name, "file": stored, "width": picture.width, "height": picture.height, "side": side})
    return [{key: copy[key] for key in ("name", "file", "width", "height")} for copy in copies]


def _write(name: str, content: bytes) -> str:
    """Store it in place of what an attempt before has left; returns the name it got."""
    default_storage.delete(name)
    return default_storage.save(name, ContentFile(content))


@transaction.atomic
def _finish(media: ProductMedia, copies: list[dict[str, Any]]) -> None:
    row = ProductMedia.objects.select_for_update().filter(pk=media.pk).first()
    if row is None:
        # Removed meanwhile: what was written since then is nobody's.
        for copy in copies:
            default_storage.delete(copy["file"])
        return
    row.renditions, row.state = copies, MediaState.READY
    row.save(update_fields=["renditions", "state"])
    product_cache.invalidate_on_commit()


def _fail(media: ProductMedia, error: Exception) -> None:
    log.warning("catalog.media_not_prepared", media=media.pk, error=type(error).__name__)
    ProductMedia.objects.filter(pk=media.pk).exclude(state=MediaState.READY).update(state=MediaState.FAILED)
