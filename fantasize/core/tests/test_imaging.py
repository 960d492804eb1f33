"""What becomes of a picture: the same look, and nothing but pixels."""

import io
import math
import random
import struct
import warnings
from functools import cache
from typing import Any, cast

import pytest
from PIL import Image, ImageCms, PngImagePlugin

from fantasize.core import images, imaging
from fantasize.core.tests.pictures import BLUE, GREEN, RED, SECRET, WHITE, chunk, corners, decoded, encoded, png


def reencode(content: bytes, **options: Any) -> images.Picture:
    """What the program makes of a file, here in this process."""
    order: Any = {"max_side": None, "square": False, "format": None, **images._BOUNDS, **options}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result, image = imaging.answer(content, order)
    if "refused" in result:
        raise imaging.RefusedError(str(result["refused"]))
    size = cast("dict[str, Any]", result)
    return images.Picture(content=image, sha256="", **size)


def refusal(content: bytes) -> str:
    with pytest.raises(imaging.RefusedError) as caught:
        reencode(content)
    return str(caught.value)


def pixel(image: Image.Image, spot: tuple[int, int] = (20, 20)) -> tuple[int, ...]:
    """Red, green, blue, alpha."""
    return tuple(image.convert("RGBA").crop((*spot, spot[0] + 1, spot[1] + 1)).tobytes())


def quarters(image: Image.Image) -> list[tuple[int, ...]]:
    """The nearest named colour in the middle of every quarter."""
    w, h = image.size
    spots = [(w // 4, h // 4), (3 * w // 4, h // 4), (w // 4, 3 * h // 4), (3 * w // 4, 3 * h // 4)]
    return [_nearest(pixel(image, spot)[:3]) for spot in spots]


def _nearest(colour: tuple[int, ...]) -> tuple[int, ...]:
    return min([RED, GREEN, BLUE, WHITE], key=lambda named: math.dist(named, colour))


# --- what goes on ---------------------------------------------------------------------


@pytest.mark.parametrize("kind", images.FORMATS)
def test_a_picture_keeps_its_format_size_and_look(kind: str) -> None:
    picture = reencode(encoded(corners(), kind))
    assert (picture.format, picture.width, picture.height) == (kind, 64, 32)
    image = decoded(picture)
    assert (str(image.format).lower(), image.size) == (kind, (64, 32))
    assert quarters(image) == [RED, GREEN, BLUE, WHITE]


def test_the_same_file_gives_the_same_picture() -> None:
    content = encoded(corners(), "png")
    assert reencode(content) == reencode(content)


@pytest.mark.parametrize("kind", images.FORMATS)
@pytest.mark.parametrize("wanted", images.FORMATS)
def test_a_picture_can_have_another_format(kind: str, wanted: str) -> None:
    picture = reencode(encoded(corners(), kind), format=wanted)
    assert str(decoded(picture).format).lower() == picture.format == wanted


@pytest.mark.parametrize(
    ("options", "size"),
    [
        ({"max_side": 100}, (100, 50)),
        ({"max_side": 1000}, (400, 200)),
        ({"max_side": 1}, (1, 1)),
        ({"square": True}, (200, 200)),
        ({"square": True, "max_side": 64}, (64, 64)),
        ({"square": True, "max_side": 5000}, (200, 200)),
    ],
)
@pytest.mark.parametrize("kind", images.FORMATS)
def test_a_picture_is_made_smaller_never_larger(kind: str, options: dict[str, Any], size: tuple[int, int]) -> None:
    picture = reencode(encoded(corners((400, 200)), kind), **options)
    assert decoded(picture).size == (picture.width, picture.height) == size


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_kind_of_pixels_is_understood(mode: str) -> None:
    grey = Image.new("L", (40, 40), 128)
    source = Image.new("I;16", (40, 40), 128 * 257) if mode == "I;16" else grey.convert(mode)
    image = decoded(reencode(encoded(source, "png")))
    expected = (0, 255) if mode == "1" else (120, 136)
    assert expected[0] <= pixel(image)[0] <= expected[1]


def test_what_is_transparent_stays_so_or_becomes_white() -> None:
    source = Image.new("RGBA", (40, 40), (220, 30, 30, 0))
    for kind in ("png", "webp"):
        assert pixel(decoded(reencode(encoded(source, kind))))[3] == 0
    palette = Image.new("P", (40, 40), 0)
    content = encoded(palette, "png", transparency=0)
    assert pixel(decoded(reencode(content)))[3] == 0
    assert pixel(decoded(reencode(content, format="jpeg")))[:3] == WHITE


ORIENTED = {
    1: [RED, GREEN, BLUE, WHITE],
    2: [GREEN, RED, WHITE, BLUE],
    3: [WHITE, BLUE, GREEN, RED],
    4: [BLUE, WHITE, RED, GREEN],
    5: [RED, BLUE, GREEN, WHITE],
    6: [BLUE, RED, WHITE, GREEN],
    7: [WHITE, GREEN, BLUE, RED],
    8: [GREEN, WHITE, RED, BLUE],
}


@pytest.mark.parametrize("orientation", ORIENTED)
@pytest.mark.parametrize("kind", images.FORMATS)
def test_a_picture_stands_upright(kind: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture = reencode(encoded(corners(), kind, exif=exif))
    image = decoded(picture)
    assert quarters(image) == ORIENTED[orientation]
    assert (picture.width, picture.height) == ((32, 64) if orientation > 4 else (64, 32))
    assert image.getexif() == {}


def test_an_exif_block_of_rubbish_does_not_spoil_the_picture() -> None:
    content = encoded(corners(), "jpeg", exif=b"Exif\0\0MM\0*" + b"\xff" * 40)
    assert quarters(decoded(reencode(content))) == [RED, GREEN, BLUE, WHITE]


def _profile_with_red_and_green_swapped() -> bytes:
    """sRGB, but what it calls red is green: whoever drops it without converting shows wrong colours."""
    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    count = struct.unpack_from(">I", data, 128)[0]
    places = {bytes(data[132 + 12 * i : 136 + 12 * i]): 132 + 12 * i for i in range(count)}
    red, green = places[b"rXYZ"], places[b"gXYZ"]
    data[red : red + 4], data[green : green + 4] = data[green : green + 4], data[red : red + 4]
    return bytes(data)


@pytest.mark.parametrize("kind", images.FORMATS)
def test_colours_are_converted_before_their_profile_goes(kind: str) -> None:
    content = encoded(corners(), kind, icc_profile=_profile_with_red_and_green_swapped())
    image = decoded(reencode(content))
    assert quarters(image)[:2] == [GREEN, RED]
    assert "icc_profile" not in image.info


@pytest.mark.parametrize(
    "profile", [b"rubbish" * 40, b"", ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()]
)
def test_a_profile_that_means_nothing_is_ignored(profile: bytes) -> None:
    image = decoded(reencode(encoded(corners(), "jpeg", icc_profile=profile)))
    assert quarters(image) == [RED, GREEN, BLUE, WHITE]


def test_printers_colours_become_the_screens() -> None:
    image = decoded(reencode(encoded(corners().convert("CMYK"), "jpeg")))
    assert image.mode == "RGB"
    assert quarters(image) == [RED, GREEN, BLUE, WHITE]


def test_of_a_phones_two_views_the_first_is_taken() -> None:
    content = encoded(corners(), "MPO", save_all=True, append_images=[Image.new("RGB", (64, 32), BLUE)])
    picture = reencode(content)
    assert (picture.format, quarters(decoded(picture))) == ("jpeg", [RED, GREEN, BLUE, WHITE])
    assert len(picture.content) < len(content)


# --- what stays behind ---------------------------------------------------------------------


@cache
def _told() -> dict[str, bytes]:
    """Pictures that say more than they show."""
    exif = Image.Exif()
    exif[0x010E] = SECRET.decode()
    exif.get_ifd(0x8825)[2] = (52.0, 31.0, 12.0)
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", SECRET.decode())
    text.add_text("Long", SECRET.decode() * 50, zip=True)
    text.add_itxt("XML:com.adobe.xmp", SECRET.decode())
    jpeg, whole = encoded(corners(), "jpeg"), encoded(corners(), "png")
    return {
        "jpeg exif": encoded(corners(), "jpeg", exif=exif),
        "jpeg comment": encoded(corners(), "jpeg", comment=SECRET),
        "jpeg xmp": encoded(corners(), "jpeg", xmp=SECRET),
        "jpeg app13": jpeg[:2] + b"\xff\xed" + struct.pack(">H", 2 + len(SECRET)) + SECRET + jpeg[2:],
        "jpeg and php": jpeg + b"<?php system($_GET[0]); /*" + SECRET,
        "jpeg and zip": jpeg + b"PK\x03\x04" + SECRET + b"PK\x05\x06" + bytes(18),
        "png text": encoded(corners(), "png", pnginfo=text, exif=exif),
        "png and html": whole + b"<html><script>alert(1)</script>" + SECRET,
        "png chunk": whole[:33] + chunk(b"prVt", SECRET) + whole[33:],
        "png late": png(32, 32),
        "webp": encoded(corners(), "webp", exif=exif, xmp=SECRET),
        "webp tail": encoded(corners(), "webp") + SECRET,
    }


@pytest.mark.parametrize("name", _told())
@pytest.mark.parametrize("wanted", [None, "jpeg", "png", "webp"])
def test_nothing_but_pixels_goes_on(name: str, wanted: str | None) -> None:
    content = _told()[name]
    picture = reencode(content, format=wanted)
    assert SECRET not in picture.content
    image = decoded(picture)
    assert not {"exif", "xmp", "icc_profile", "comment", "photoshop", "Comment", "Long"} & set(image.info)
    assert not image.getexif()


def test_pillow_alone_would_hand_it_on() -> None:
    """The control: opening and saving is not enough."""
    kept = [name for name in ("jpeg comment", "webp") if SECRET in _saved_again(_told()[name])]
    assert kept


def _saved_again(content: bytes) -> bytes:
    image = Image.open(io.BytesIO(content))
    return encoded(image, str(image.format), exif=image.info.get("exif", b""))


# --- what is refused -----------------------------------------------------------------------


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
