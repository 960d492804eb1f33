"""What becomes of a picture: the same look, and nothing but pixels."""

import io
import math
import struct
from functools import cache
from typing import Any

import pytest
from PIL import Image, ImageCms, PngImagePlugin

from fantasize.core import images
from fantasize.core.tests.pictures import (
    BLUE,
    GREEN,
    RED,
    SECRET,
    WHITE,
    chunk,
    corners,
    decoded,
    encoded,
    png,
    reencode,
)


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
