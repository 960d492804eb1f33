"""What is made no picture of: other files, rubbish, animations, and what is too large."""

import random
import struct
from functools import cache

import pytest
from PIL import Image

from fantasize.core import images, imaging
from fantasize.core.tests.pictures import chunk, corners, decoded, encoded, png, reencode


def refusal(content: bytes) -> str:
    with pytest.raises(imaging.RefusedError) as caught:
        reencode(content)
    return str(caught.value)


@cache
def _others() -> dict[str, bytes]:
    """Files that are no JPEG, PNG or WebP, whatever they are called, and some that only begin like one."""
    image = corners()
    made = {
        kind: encoded(image, kind) for kind in ("gif", "bmp", "tiff", "ico", "ppm", "pdf", "eps", "tga", "jpeg2000")
    }
    jpeg, whole, webp = encoded(image, "jpeg"), encoded(image, "png"), encoded(image, "webp")
    return {
        **made,
        "nothing": b"",
        "text": b"hello",
        "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        "html": b"<!doctype html><script>alert(1)</script>",
        "gif and js": b"GIF89a/*" + made["gif"][8:] + b"*/=1;alert(1)",
        "zip": b"PK\x03\x04" + bytes(100),
        "mp4": b"\0\0\0\x18ftypisom" + bytes(100),
        "avif": b"\0\0\0\x1cftypavif" + bytes(100),
        "html, then a picture": b"<script>alert(1)</script>" + jpeg,
        "only a signature": b"\x89PNG\r\n\x1a\n",
        "only a start": b"\xff\xd8\xff\xe0",
        "half a jpeg": jpeg[: len(jpeg) // 2],
        "half a png": whole[: len(whole) // 2],
        "half a webp": webp[: len(webp) // 2],
        "a checksum that is wrong": whole[:30] + b"\0\0\0\0" + whole[34:],
        "no size": b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 0, 9, 8, 0, 0, 0, 0)),
    }


@pytest.mark.parametrize("name", _others())
def test_other_files_are_refused(name: str) -> None:
    refusal(_others()[name])


def _fate(content: bytes) -> str:
    try:
        return decoded(reencode(content)).format or ""
    except imaging.RefusedError:
        return "refused"


def test_rubbish_is_refused_and_never_a_crash() -> None:
    dice = random.Random(7)  # noqa: S311 - the same rubbish every time
    whole = [encoded(corners(), kind) for kind in images.FORMATS]
    for turn in range(100):
        content = bytearray(whole[turn % 3])
        for _ in range(20):
            content[dice.randrange(len(content))] = dice.randrange(256)
        assert _fate(bytes(content)) in {"refused", "JPEG", "PNG", "WEBP"}


@pytest.mark.parametrize("kind", ["png", "webp"])
@pytest.mark.parametrize("frames", [2, 500])
def test_animations_are_refused(kind: str, frames: int) -> None:
    still = [Image.new("RGB", (8, 8), (n * 40 % 256, n // 2, 0)) for n in range(frames)]
    content = encoded(still[0], kind, save_all=True, append_images=still[1:])
    assert "nimation" in refusal(content)


@pytest.mark.parametrize(
    ("width", "height", "is_taken"),
    [(8000, 1, True), (1, 8000, True), (8001, 1, False), (1, 8001, False), (7000, 5714, True), (7000, 5715, False)],
)
def test_the_limits_are_where_they_are_said_to_be(width: int, height: int, is_taken: bool) -> None:  # noqa: FBT001
    if is_taken:
        picture = reencode(png(width, height), max_side=64)
        assert max(picture.width, picture.height) == 64
    else:
        assert f"{width} x {height}" in refusal(png(width, height))
