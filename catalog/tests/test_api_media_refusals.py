"""Files that are no pictures or videos, hide something, or are too large: refused, or nothing of it is kept."""

import struct
from collections.abc import Callable
from functools import cache
from typing import Any
from unittest.mock import patch

import pytest
from PIL import Image

from accounts.models import User
from catalog.models import Product, ProductMedia
from catalog.services import media, renditions
from catalog.tests.media import content_of, opened, picture, stored
from catalog.tests.uploads import nothing_changed, post, raw, upload
from fantasize.core.tests.pictures import SECRET, chunk, corners, encoded, png, zeros
from fantasize.core.tests.videos import mp4

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_files")]


@pytest.fixture
def product(counter: Callable[[], tuple[Product, User]]) -> Product:
    return counter()[0]


@pytest.fixture
def manager(counter: Callable[[], tuple[Product, User]]) -> User:
    return counter()[1]


@cache
def _others() -> dict[str, bytes]:
    """Files that are no JPEG, PNG, WebP, MP4 or WebM, or something before one."""
    image = corners()
    made = {kind: encoded(image, kind) for kind in ("gif", "tiff", "ico", "pdf", "eps", "bmp", "jpeg2000")}
    return {
        **made,
        "gif and js": b"GIF89a/*" + made["gif"][8:] + b"*/=1;alert(1)",
        "svg": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
        "html": b"<!doctype html><script>alert(1)</script>",
        "html, then a picture": b"<script>alert(1)</script>" + picture(),
        "php": b"<?php system($_GET[0]);",
        "postscript": b"%!PS-Adobe-3.0\n(%pipe%id) (r) file",
        "half a picture": picture(size=(400, 400))[:900],
        "apng": encoded(image, "png", save_all=True, append_images=[image.rotate(90)]),
        "heic": b"\0\0\0\x18ftypheic" + bytes(100),
    }


@pytest.mark.parametrize("name", _others())
@pytest.mark.parametrize("called", ["picture.jpg", "shell.php.png", "a.jpg\0.php", "../../x.webp", ""])
def test_other_files_are_refused_whatever_they_are_called(
    product: Product, manager: User, name: str, called: str, left_over: Any
) -> None:
    reply = post(manager, f"/products/{product.pk}/media", raw(_others()[name], called))
    assert reply.status == 422
    # A file without a name is none.
    assert reply.faults == {"/file": "image_refused" if called else "invalid"}
    assert nothing_changed()
    assert left_over() == []


def _exif() -> Image.Exif:
    exif = Image.Exif()
    exif[0x010E] = SECRET.decode()
    exif[0x0112] = 6
    exif.get_ifd(0x8825)[2] = (52.0, 31.0, 12.0)
    return exif


@cache
def _attached() -> dict[str, bytes]:
    """Pictures that bring something beside their pixels."""
    jpeg, whole = picture(), picture("png")
    return {
        "exif and gps": picture(exif=_exif()),
        "png with exif": picture("png", exif=_exif()),
        "webp with xmp": picture("webp", xmp=SECRET, exif=_exif()),
        "comment": picture(comment=SECRET),
        "xmp": picture(xmp=SECRET),
        "app13": jpeg[:2] + b"\xff\xed" + struct.pack(">H", 2 + len(SECRET)) + SECRET + jpeg[2:],
        "zip behind": jpeg + b"PK\x03\x04" + SECRET,
        "php behind": jpeg + b"<?php " + SECRET,
        "html behind": whole + b"<html><script>" + SECRET,
        "text chunk": whole[:33] + chunk(b"tEXt", b"Comment\0" + SECRET) + whole[33:],
        "unknown chunk": whole[:33] + chunk(b"prVt", SECRET) + whole[33:],
    }


@pytest.mark.parametrize("name", _attached())
@pytest.mark.parametrize("called", ["me.php", "..\\..\\evil.svg", "x" * 900 + ".png", "a\u202egnp.exe", "CON.png"])
def test_nothing_but_pixels_and_a_name_of_ours_is_kept(product: Product, manager: User, name: str, called: str) -> None:
    reply = post(manager, f"/products/{product.pk}/media", raw(_attached()[name], called))
    assert reply.status == 201
    row = ProductMedia.objects.get()
    renditions.prepare(media_id=row.pk)
    for file in stored():
        folder, two, last = file.split("/")
        assert (folder, len(two)) == ("catalogue", 2)
        assert last[:32].isalnum()
        assert SECRET not in content_of(file)
        assert not {"exif", "xmp", "comment", "photoshop", "icc_profile"} & set(opened(file).info)
    is_turned = "exif" in name or ("xmp" in name and "webp" in name)
    assert (row.width, row.height) == ((32, 64) if is_turned else (64, 32))


BOMBS = {
    "144 megapixels": lambda: png(12_000, 12_000, rows=2000),
    "900 megapixels": lambda: png(30_000, 30_000, rows=500),
    "animation": lambda: png(64, 64, extra=chunk(b"acTL", struct.pack(">II", 10_000, 0))),
}


@pytest.mark.usefixtures("decoder")
@pytest.mark.parametrize("name", BOMBS)
def test_bombs_are_refused(product: Product, manager: User, name: str, left_over: Any) -> None:
    reply = post(manager, f"/products/{product.pk}/media", upload(BOMBS[name]()))
    assert (reply.status, reply.faults) == (422, {"/file": "image_refused"})
    assert nothing_changed()
    assert left_over() == []


@pytest.mark.usefixtures("decoder")
@pytest.mark.parametrize("kind", [b"iTXt", b"zTXt", b"iCCP"])
def test_bombs_beside_the_pixels_are_left_behind(product: Product, manager: User, kind: bytes) -> None:
    packed = (b"C\0\1\0\0\0" if kind == b"iTXt" else b"C\0\0") + zeros(64)
    reply = post(manager, f"/products/{product.pk}/media", upload(png(64, 64, extra=chunk(kind, packed))))
    assert reply.status in (201, 422)
    assert all(len(content_of(name)) < 10_000 for name in stored())


@pytest.mark.parametrize(
    ("size", "content", "code"),
    [
        (11 * 1024 * 1024, b"\x89PNG\r\n\x1a\n", "image_too_large"),
        (11 * 1024 * 1024, mp4(), "video_refused"),
        (101 * 1024 * 1024, mp4(), "too_large"),
    ],
)
def test_what_is_too_large_leaves_nothing(
    product: Product, manager: User, size: int, content: bytes, code: str, left_over: Any
) -> None:
    reply = post(manager, f"/products/{product.pk}/media", upload(content.ljust(size, b"\xff")))
    assert (reply.status, reply.body["code"]) == (422 if code == "video_refused" else 413, code)
    assert nothing_changed()
    assert left_over() == []


def test_a_video_at_the_limit_is_taken_and_one_over_it_is_not(product: Product, manager: User, left_over: Any) -> None:
    most = 100 * 1024 * 1024
    content = mp4(data=bytes(most - len(mp4(data=b""))))
    assert len(content) == most
    assert post(manager, f"/products/{product.pk}/media", upload(content)).status == 201
    reply = post(manager, f"/products/{product.pk}/media", upload(mp4(data=bytes(most + 1 - len(mp4(data=b""))))))
    assert (reply.status, reply.body["code"]) == (413, "video_too_large")
    assert (ProductMedia.objects.count(), len(stored()), left_over()) == (1, 1, [])


def test_what_there_is_no_room_for_is_not_even_decoded(product: Product, manager: User) -> None:
    files = [
        ProductMedia(product=product, kind="video", state="ready", file=f"catalogue/{at}.mp4", size=1, position=at)
        for at in range(media.MAX_MEDIA)
    ]
    ProductMedia.objects.bulk_create(files)
    with patch("fantasize.core.images.reencode") as decode, patch("fantasize.core.video.inspect") as inspect:
        for content in (picture(), mp4()):
            reply = post(manager, f"/products/{product.pk}/media", raw(content, "a"))
            assert (reply.status, reply.body["code"]) == (409, "too_many_media")
    assert (decode.call_count, inspect.call_count) == (0, 0)
    assert (ProductMedia.objects.count(), stored()) == (media.MAX_MEDIA, set())
