"""Photos and backgrounds: read, cut, scaled, masked."""

import math
from collections.abc import Sequence
from io import BytesIO

from PIL import Image, ImageChops, ImageDraw

from customizations.engine import Fit, ImagePlacement, Mask
from customizations.rendering.typesetting import sharpness

MOST_PIXELS = 40_000_000
_FORMATS = ("JPEG", "PNG", "WEBP")
# Polynomials of whole numbers: the same on every processor.
SCALING = Image.Resampling.BICUBIC
# Pictures are first halved down, quickly, to this many times what is shown.
_SPARE = 2
_ROUNDED_PERCENT = 12
_HEART_POINTS = 180


class UnreadableError(ValueError):
    """The file is no JPEG, PNG or WebP picture of at most 40 megapixels."""


def cover(content: bytes, width: int, height: int) -> Image.Image:
    """The middle of a picture, as much of it as fills ``width`` by ``height``; mode RGB or RGBA.

    Raises:
        UnreadableError: it is no picture.
    """
    image = _read(content, width, height)
    scale = min(image.width / width, image.height / height)
    across, down = width * scale, height * scale
    left, top = (image.width - across) / 2, (image.height - down) / 2
    return image.resize((width, height), SCALING, (left, top, left + across, top + down), _SPARE)


def contain(content: bytes, width: int, height: int) -> Image.Image:
    """All of a picture, as large as fits into ``width`` by ``height``; mode RGB or RGBA.

    Raises:
        UnreadableError: it is no picture.
    """
    image = _read(content, width, height)
    wide, high = image.width * height, image.height * width
    size = (width, max(1, high // image.width)) if wide >= high else (max(1, wide // image.height), height)
    return image.resize(size, SCALING, reducing_gap=_SPARE)


def place(content: bytes, placement: ImagePlacement) -> tuple[Image.Image, Image.Image, tuple[int, int]]:
    """A photo as its placement wants it: the pixels in RGB, how much of each is shown (mode L), and where they go.

    Raises:
        UnreadableError: it is no picture.
    """
    fitted = cover if placement.fit is Fit.COVER else contain
    image = fitted(content, placement.width, placement.height)
    shown = _shape(placement.mask, *image.size)
    if image.mode == "RGBA":
        shown = ImageChops.multiply(shown, image.getchannel("A"))
    left = placement.x + (placement.width - image.width) // 2
    top = placement.y + (placement.height - image.height) // 2
    return image.convert("RGB"), shown, (left, top)


def _read(content: bytes, width: int, height: int) -> Image.Image:
    """The decoded picture, in RGB or RGBA; a JPEG no larger than it is needed, nearly."""
    try:
        with Image.open(BytesIO(content), formats=_FORMATS) as image:
            if image.width * image.height > MOST_PIXELS:
                raise UnreadableError("too many pixels")
            image.draft("RGB", (width, height))
            return image.convert("RGBA" if image.has_transparency_data else "RGB")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise UnreadableError(str(error)) from error


def _shape(mask: Mask, width: int, height: int) -> Image.Image:
    """White where a picture is shown."""
    if mask is Mask.NONE:
        return Image.new("L", (width, height), 255)
    times = sharpness(width, height)
    wide, high = width * times, height * times
    shape = Image.new("L", (wide, high))
    pen = ImageDraw.Draw(shape)
    if mask is Mask.CIRCLE:
        side = min(wide, high)
        left, top = (wide - side) // 2, (high - side) // 2
        pen.ellipse((left, top, left + side - 1, top + side - 1), fill=255)
    elif mask is Mask.ROUNDED:
        pen.rounded_rectangle((0, 0, wide - 1, high - 1), min(wide, high) * _ROUNDED_PERCENT // 100, fill=255)
    else:
        pen.polygon(_heart(wide, high), fill=255)
    return shape.reduce(times)


def _heart(width: int, height: int) -> Sequence[tuple[int, int]]:
    """The outline of a heart that fills a box."""
    turns = [2 * math.pi * number / _HEART_POINTS for number in range(_HEART_POINTS)]
    across = [16 * math.sin(turn) ** 3 for turn in turns]
    down = [
        -13 * math.cos(turn) + 5 * math.cos(2 * turn) + 2 * math.cos(3 * turn) + math.cos(4 * turn) for turn in turns
    ]
    low, high = min(down), max(down)
    return [
        (round((x + 16) / 32 * (width - 1)), round((y - low) / (high - low) * (height - 1)))
        for x, y in zip(across, down, strict=True)
    ]
