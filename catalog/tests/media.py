"""Pictures and videos for tests, and what of them lies in the storage."""

import io
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image

from catalog.models import ProductMedia
from catalog.selectors.media import Target
from catalog.services import media, renditions
from fantasize.core.tests.pictures import corners, encoded
from fantasize.core.tests.videos import mp4


def picture(kind: str = "jpeg", size: tuple[int, int] = (64, 32), **options: Any) -> bytes:
    """A picture of four colours."""
    return encoded(corners(size), kind, **options)


def add_image(target: Target, *, alt: str = "", is_ready: bool = True, **options: Any) -> ProductMedia:
    """A picture of the thing, with its copies unless told otherwise."""
    row = media.add_image(target=target, content=picture(**options), alt=alt, actor="system")
    if is_ready:
        renditions.prepare(media_id=row.pk)
        row.refresh_from_db()
    return row


def add_video(target: Target, content: bytes = mp4()) -> ProductMedia:
    """A video of the thing."""
    return media.add_video(target=target, file=ContentFile(content, "film.mp4"), alt="", actor="system")


def stored() -> set[str]:
    """The names of all files of the catalogue."""
    root = Path(default_storage.path(media.FOLDER))
    return {str(path.relative_to(root.parent)) for path in root.rglob("*") if path.is_file()}


def content_of(name: str) -> bytes:
    """What is stored under the name."""
    with default_storage.open(name) as file:
        return bytes(file.read())


def opened(name: str) -> Any:
    """The stored picture."""
    return Image.open(io.BytesIO(content_of(name)))
