"""Images made for tests, good and bad; and how tests have them decoded."""

import io
import json
import struct
import threading
import warnings
import zlib
from functools import cache
from typing import Any

from PIL import Image

from fantasize.core import images, imaging

SECRET = b"S3CRET-MARKER"
RED, GREEN, BLUE, WHITE = (220, 30, 30), (30, 200, 40), (30, 50, 220), (255, 255, 255)

# As in the shop: the program that decodes, in a process of its own.
DECODER = images._run
_ONE_AT_A_TIME = threading.Lock()


def decode_here(order: bytes) -> tuple[dict[str, Any], bytes]:
    """What the program answers, in this process: starting one takes far longer than a small picture."""
    line, _, content = order.partition(b"\n")
    # The program passes over warnings; which ones are is a matter of the whole process.
    with _ONE_AT_A_TIME, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return imaging.answer(content, json.loads(line))


def reencode(content: bytes, **options: Any) -> images.Picture:
    """What the program makes of a file, here in this process."""
    order: Any = {"max_side": None, "square": False, "format": None, **images._BOUNDS, **options}
    result, image = decode_here(json.dumps(order).encode() + b"\n" + content)
    if "refused" in result:
        raise imaging.RefusedError(str(result["refused"]))
    return images.Picture(content=image, sha256="", **result)


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def corners(size: tuple[int, int] = (64, 32)) -> Image.Image:
    """Red, green, blue and white quarters, from the upper left in reading order."""
    small = Image.new("RGB", (2, 2))
    small.putdata([RED, GREEN, BLUE, WHITE])
    return small.resize(size, Image.Resampling.NEAREST)


def decoded(picture: images.Picture) -> Image.Image:
    image = Image.open(io.BytesIO(picture.content))
    image.load()
    return image


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, *, extra: bytes = b"", rows: int | None = None) -> bytes:
    """A grey PNG of zeros, made without ever holding its pixels."""
    packer = zlib.compressobj(9)
    row = bytes(1 + width)
    data = b"".join(packer.compress(row) for _ in range(height if rows is None else rows)) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + extra
        + chunk(b"IDAT", data)
        + chunk(b"tEXt", b"Comment\0" + SECRET)
        + chunk(b"IEND", b"")
    )


@cache
def zeros(mebibytes: int) -> bytes:
    return zlib.compress(bytes(mebibytes * 1024 * 1024), 9)


def size(width: int, height: int) -> bytes:
    return struct.pack(">II", width, height)


def webp_canvas(width: int, height: int) -> bytes:
    """One small frame on a canvas as large as the format allows."""
    bits = encoded(Image.new("RGB", (16, 16)), "webp")[12:]
    frame = bytes(6) + (15).to_bytes(3, "little") * 2 + (100).to_bytes(4, "little")[:3] + b"\0" + bits
    chunks = [
        (b"VP8X", bytes([2, 0, 0, 0]) + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")),
        (b"ANIM", bytes(6)),
        (b"ANMF", frame),
    ]
    body = b"WEBP" + b"".join(name + struct.pack("<I", len(data)) + data for name, data in chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body
