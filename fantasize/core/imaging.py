"""One picture in, one clean picture out. A program of its own: what an image does to its decoder ends with it.

Reads one line of JSON (an ``Order``) and the image's bytes from standard input. Writes one line of JSON and, if all
went well, the new image. It imports nothing of the shop, so it starts quickly and holds no secrets.
"""

import io
import json
import os
import resource
import sys
import warnings
from contextlib import suppress
from typing import Any, TypedDict

from PIL import Image, ImageCms, ImageOps, PngImagePlugin, UnidentifiedImageError, WebPImagePlugin
from PIL.ExifTags import Base as Exif

_MIB = 1024 * 1024
# Naming the class loads this reader, which Pillow itself would not find without loading all seventy.
_WEBP = WebPImagePlugin.WebPImageFile.format
_NAMES = {"JPEG": "jpeg", "MPO": "jpeg", "PNG": "png", _WEBP: "webp"}
_SRGB = ImageCms.createProfile("sRGB")
_OPTIONS: dict[str, dict[str, Any]] = {
    "jpeg": {"quality": 90},
    "png": {"compress_level": 6},
    "webp": {"quality": 88, "method": 3},
}
_SIXTEEN_BITS = frozenset({"I", "I;16", "I;16B"})
# How to turn what a camera held askew.
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class Order(TypedDict):
    """What is to be done, and within what: sizes in pixels and bytes, time in seconds of CPU."""

    max_side: int | None
    square: bool
    format: str | None
    pixels: int
    side: int
    output: int
    memory: int
    cpu: int


class RefusedError(Exception):
    """The image is none that we take; says why in one sentence."""


def main() -> None:
    """Do one order."""
    order: Order = json.loads(sys.stdin.buffer.readline())
    _bound(order)
    result, content = answer(sys.stdin.buffer.read(), order)
    sys.stdout.buffer.write(json.dumps(result).encode() + b"\n" + content)


def answer(content: bytes, order: Order) -> tuple[dict[str, object], bytes]:
    """The new image with its ``format``, ``width`` and ``height``; or nothing, and why it is ``refused``."""
    try:
        image, kind = _cleaned(content, order)
        return {"format": kind, "width": image.width, "height": image.height}, _encoded(image, kind, order)
    except RefusedError as error:
        return {"refused": str(error)}, b""
    except MemoryError:
        return {"refused": "The image takes too much memory."}, b""
    # A decoder that is fed with rubbish fails in any way there is.
    except Exception:  # noqa: BLE001
        return {"refused": "The image is broken or incomplete."}, b""


def _bound(order: Order) -> None:
    """No more memory and time than ordered, no files, and everybody else comes first."""
    for limit, amount in (
        (resource.RLIMIT_AS, order["memory"]),
        (resource.RLIMIT_CPU, order["cpu"]),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (amount, amount))
    os.nice(10)
    warnings.simplefilter("ignore")
    # Our own limits are narrower.
    Image.MAX_IMAGE_PIXELS = None
    PngImagePlugin.MAX_TEXT_MEMORY = 4 * _MIB


def _cleaned(content: bytes, order: Order) -> tuple[Image.Image, str]:
    """The pixels as ordered, in sRGB, and the format they shall have."""
    image = _opened(content, order)
    kind = order["format"] or _NAMES[str(image.format)]
    turn, profile = _UPRIGHT.get(_orientation(image)), image.info.get("icc_profile")
    image = _resized(image, order)
    if turn is not None:
        image = image.transpose(turn)
    image = _in_srgb(image, profile)
    return (_flat(image) if kind == "jpeg" else image), kind


def _opened(content: bytes, order: Order) -> Image.Image:
    """The image with nothing but its header read."""
    try:
        image = Image.open(io.BytesIO(content), formats=["JPEG", "PNG", _WEBP])
    except UnidentifiedImageError:
        raise RefusedError("Only JPEG, PNG and WebP images are taken.") from None
    if max(image.size) > order["side"] or image.width * image.height > order["pixels"]:
        most = f"{order['side']} pixels a side and {order['pixels'] // 1_000_000} megapixels"
        raise RefusedError(f"The image has {image.width} x {image.height} pixels; at most {most} are taken.")
    # A phone's JPEG may carry a second view behind the first. The others carry animations.
    if _NAMES[str(image.format)] != "jpeg" and getattr(image, "is_animated", False):
        raise RefusedError("Animations are not taken.")
    return image


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(Exif.Orientation, 1))
    # What a camera wrote beside the picture may be rubbish and the picture good.
    except Exception:  # noqa: BLE001
        return 1


def _resized(image: Image.Image, order: Order) -> Image.Image:
    """At most as large as ordered, never larger than it was."""
    size = _target(image.size, order)
    # A JPEG is decoded at a fraction of its size where that is enough.
    image.draft(None, (2 * size[0], 2 * size[1]))
    image.load()
    image = _plain(image)
    return image if image.size == size else ImageOps.fit(image, size, Image.Resampling.LANCZOS)


def _target(size: tuple[int, int], order: Order) -> tuple[int, int]:
    most = order["max_side"] or order["side"]
    if order["square"]:
        return (min(most, *size),) * 2
    scale = min(1.0, most / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _plain(image: Image.Image) -> Image.Image:
    """In a mode whose pixels can be reckoned with."""
    if image.mode in _SIXTEEN_BITS:
        return image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if image.mode == "1":
        return image.convert("L")
    mode = "RGBA" if image.has_transparency_data else image.mode
    mode = mode if mode in {"L", "RGB", "RGBA", "CMYK"} else "RGB"
    return image if image.mode == mode else image.convert(mode)


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """The colours that the profile means, without it."""
    if profile:
        mode = "RGBA" if image.mode == "RGBA" else "RGB"
        # A profile may mean nothing, or not these pixels.
        with suppress(ImageCms.PyCMSError):
            changed = ImageCms.profileToProfile(image, io.BytesIO(profile), _SRGB, outputMode=mode)
            image = changed or image
    return image.convert("RGB") if image.mode == "CMYK" else image


def _flat(image: Image.Image) -> Image.Image:
    """On white, for a format that knows no transparency."""
    if image.mode != "RGBA":
        return image
    ground = Image.new("RGB", image.size, "white")
    ground.paste(image, mask=image)
    return ground


def _encoded(image: Image.Image, kind: str, order: Order) -> bytes:
    # Pillow would hand on what was written beside the pixels.
    image.info.clear()
    file = io.BytesIO()
    image.save(file, kind, **_OPTIONS[kind])
    if file.tell() > order["output"]:
        raise RefusedError("The image is too detailed.")
    return file.getvalue()


if __name__ == "__main__":
    main()
