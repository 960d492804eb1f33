"""Pictures from people: never kept as they came, always decoded and written anew, in a process that may fail."""

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

import structlog

from fantasize.core.errors import FieldError, InvalidError, TooLargeError, UnavailableError

log = structlog.get_logger(__name__)

_MIB = 1024 * 1024
MAX_BYTES = 10 * _MIB
MAX_PIXELS = 40_000_000
MAX_SIDE = 8000
FORMATS = ("jpeg", "png", "webp")

_PROGRAM = str(Path(__file__).with_name("imaging.py"))
_BOUNDS = {"pixels": MAX_PIXELS, "side": MAX_SIDE, "output": 32 * _MIB, "memory": 512 * _MIB, "cpu": 10}
_SECONDS = 15
# Images decoded at once in this process; who comes later waits a moment, so that threads are left for everybody else.
_slots = BoundedSemaphore(2)
_WAIT_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Picture:
    """An image that we wrote ourselves.

    Attributes:
        content: the file's bytes; pixels in sRGB and nothing else.
        format: ``jpeg``, ``png`` or ``webp``: the file's extension and the second half of its media type.
        width: pixels.
        height: pixels.
        sha256: of ``content``, in hexadecimal digits.
    """

    content: bytes
    format: str
    width: int
    height: int
    sha256: str


def reencode(
    content: bytes,
    *,
    max_side: int | None = None,
    square: bool = False,
    format: str | None = None,  # noqa: A002 - the field's name
) -> Picture:
    """A clean picture of a JPEG, PNG or WebP file: upright, in sRGB, without anything but pixels.

    What the file is, its header says; names and declared types do not count. At most 10 MiB, 40 megapixels, 8,000
    pixels a side, one frame. Decoded in a process of its own with bounded memory and time.

    Args:
        content: the file as it came.
        max_side: width and height at most, in pixels; smaller images stay as they are.
        square: whether to cut the middle out.
        format: one of ``FORMATS``; else the file's own.

    Raises:
        TooLargeError: ``image_too_large``, more than 10 MiB.
        InvalidError: ``image_refused`` at ``/file``, with the reason.
        UnavailableError: too many images are being decoded just now.
    """
    if len(content) > MAX_BYTES:
        raise TooLargeError("An image has at most 10 MiB.", code="image_too_large", title="Image too large")
    order = {"max_side": max_side, "square": square, "format": format, **_BOUNDS}
    with _slot():
        answer, image = _run(json.dumps(order).encode() + b"\n" + content)
    if "refused" in answer:
        raise _refusal(str(answer["refused"]))
    return Picture(sha256=hashlib.sha256(image).hexdigest(), content=image, **answer)


@contextmanager
def _slot() -> Iterator[None]:
    if not _slots.acquire(timeout=_WAIT_SECONDS):
        raise UnavailableError("Many images are coming in just now.", extra={"retry_after": 5})
    try:
        yield
    finally:
        _slots.release()


def _run(order: bytes) -> tuple[dict[str, Any], bytes]:
    """What the program answers; its end by force is a refusal."""
    command = [sys.executable, "-I", "-B", _PROGRAM]
    try:
        done = subprocess.run(  # noqa: S603 - our own program, by its full path
            command, input=order, capture_output=True, timeout=_SECONDS, check=True, env={}, cwd="/"
        )
    except subprocess.SubprocessError as error:
        log.warning("images.decoder_ended", error=type(error).__name__, code=getattr(error, "returncode", None))
        return {"refused": "The image takes too long to read."}, b""
    answer, _, image = done.stdout.partition(b"\n")
    return json.loads(answer), image


def _refusal(detail: str) -> InvalidError:
    fault = FieldError("/file", "image_refused", detail)
    return InvalidError(detail, code="image_refused", title="Image refused", errors=[fault])
