"""Pictures and videos over HTTP: who brings them, what is taken of them, and what everybody sees."""

import io
import json
import struct
import tempfile
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from PIL import Image
from pytest_django import Settings

from accounts.models import User
from accounts.tests.factories import make_user
from catalog.models import Category, Product, ProductMedia
from catalog.selectors.media import media_of
from catalog.services import media, renditions
from catalog.tests.factories import make_product
from catalog.tests.media import add_image, add_video, content_of, opened, picture, stored
from fantasize.core.tests.pictures import SECRET, chunk, corners, encoded, png, zeros
from fantasize.core.tests.videos import mp4, webm
from fantasize.tests.client import ApiClient, Reply

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_files(settings: Settings, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "temp"
    Path(settings.FILE_UPLOAD_TEMP_DIR).mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(settings.FILE_UPLOAD_TEMP_DIR))


@pytest.fixture
def left_over(settings: Settings) -> Any:
    """What lies in the folder for files that are on their way."""
    return lambda: list(Path(settings.FILE_UPLOAD_TEMP_DIR).iterdir())


@pytest.fixture
def product() -> Product:
    return make_product()


@pytest.fixture
def manager() -> User:
    return make_user(role="manager")


def post(user: User | None, path: str, body: Any, content_type: str = MULTIPART_CONTENT, **headers: str) -> Reply:
    content = encode_multipart(BOUNDARY, body) if isinstance(body, dict) else body
    sent = ApiClient(user).headers | {name.replace("_", "-"): value for name, value in headers.items()}
    client = Client(raise_request_exception=False)
    return Reply(client.generic("POST", f"/api/v2{path}", content, content_type, headers=sent))


def upload(content: bytes, name: str = "lantern.jpg", declared: str = "image/jpeg", **fields: Any) -> dict[str, Any]:
    return {"file": SimpleUploadedFile(name, content, declared), **fields}


def nothing_changed() -> bool:
    return (ProductMedia.objects.count(), stored()) == (0, set())


# --- what is taken -----------------------------------------------------------------------------------


def test_an_image_is_brought_prepared_and_shown(product: Product, manager: User, settings: Settings) -> None:
    settings.PUBLIC_BASE_URL = "https://shop.example"
    reply = post(manager, f"/products/{product.slug}/media", upload(picture(size=(2000, 1000)), alt="A lantern"))
    assert reply.status == 201
    row = ProductMedia.objects.get()
    address = f"https://shop.example/media/{row.file!s}"
    assert reply.data == {
        "id": row.pk,
        "kind": "image",
        "url": address,
        "alt": "A lantern",
        "width": 2000,
        "height": 1000,
        "renditions": [],
        "srcset": "",
        "state": "processing",
        "position": 0,
    }
    renditions.prepare(media_id=row.pk)
    row.refresh_from_db()
    shown = ApiClient(manager).get(f"/media/{row.pk}").data
    stem = address.removesuffix(".jpeg")
    assert shown["state"] == "ready"
    assert shown["renditions"] == [
        {"name": "thumb", "url": f"{stem}-thumb.webp", "width": 160, "height": 80},
        {"name": "card", "url": f"{stem}-card.webp", "width": 480, "height": 240},
        {"name": "full", "url": f"{stem}-full.webp", "width": 1200, "height": 600},
    ]
    assert shown["srcset"] == f"{stem}-thumb.webp 160w, {stem}-card.webp 480w, {stem}-full.webp 1200w"
    served = Client().get(shown["renditions"][1]["url"].removeprefix("https://shop.example"))
    assert (served["Content-Type"], served.getvalue()) == ("image/webp", content_of(row.renditions[1]["file"]))


def test_a_small_picture_names_each_width_once(product: Product, manager: User) -> None:
    row = add_image(product, size=(300, 200))
    shown = ApiClient(manager).get(f"/media/{row.pk}").data
    assert [copy["name"] for copy in shown["renditions"]] == ["thumb", "card", "full"]
    assert [part.split(" ")[1] for part in shown["srcset"].split(", ")] == ["160w", "300w"]


@pytest.mark.parametrize(("content", "suffix"), [(mp4(), "mp4"), (webm(), "webm")])
def test_a_video_is_one_whatever_it_is_called(
    product: Product, manager: User, content: bytes, suffix: str, left_over: Any
) -> None:
    reply = post(manager, f"/products/{product.pk}/media", upload(content, "x.php.jpg", "text/html"))
    assert (reply.status, reply.data["kind"], reply.data["state"]) == (201, "video", "ready")
    assert reply.data["url"].endswith(f".{suffix}")
    part = Client().get("/media/" + str(ProductMedia.objects.get().file), headers={"Range": "bytes=4-7"})
    assert (part.status_code, part["Content-Type"], part.getvalue()) == (206, f"video/{suffix}", content[4:8])
    assert left_over() == []


def test_a_large_video_goes_by_way_of_the_disk(product: Product, manager: User, left_over: Any) -> None:
    content = mp4(data=bytes(20_000_000))
    on_disk: list[int] = []
    look = media.add_video

    def looking(**options: Any) -> ProductMedia:
        on_disk.extend(path.stat().st_size for path in left_over())
        return look(**options)

    with patch.object(media, "add_video", looking):
        assert post(manager, f"/products/{product.pk}/media", upload(content)).status == 201
    assert on_disk == [len(content)]
    assert left_over() == []
    assert content_of(str(ProductMedia.objects.get().file)) == content


def test_media_are_described_ordered_and_removed(
    product: Product, manager: User, django_capture_on_commit_callbacks: Any
) -> None:
    first, second = add_image(product, alt="One"), add_video(product)
    client = ApiClient(manager)
    reply = client.call("PATCH", f"/media/{second.pk}", {"position": 0, "alt": "Film"})
    assert (reply.status, reply.data["position"], reply.data["alt"]) == (200, 0, "Film")
    assert list(media_of(product)) == [second, first]
    assert client.call("PATCH", f"/media/{first.pk}", {}).data["alt"] == "One"
    with django_capture_on_commit_callbacks(execute=True):
        assert client.call("DELETE", f"/media/{second.pk}").status == 204
    assert list(media_of(product)) == [first]
    assert str(second.file) not in stored()
    assert client.get(f"/media/{second.pk}").status == 404


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        ({"alt": "x" * 201}, {"/alt": "max_length"}),
        ({"position": -1}, {"/position": "min_value"}),
        ({"position": "first"}, {"/position": "invalid"}),
        ({"position": 2**40}, {"/position": "max_value"}),
        ({"url": "x", "state": "ready", "product": 1}, dict.fromkeys(("/url", "/state", "/product"), "unknown_field")),
    ],
)
def test_bad_changes_change_nothing(product: Product, manager: User, body: Any, faults: dict[str, str]) -> None:
    row = add_video(product)
    before = ProductMedia.objects.values().get()
    reply = ApiClient(manager).call("PATCH", f"/media/{row.pk}", body)
    assert (reply.status, reply.faults) == (422, faults)
    assert ProductMedia.objects.values().get() == before


def test_a_place_behind_the_last_is_the_last(product: Product, manager: User) -> None:
    row, other = add_video(product), add_video(product)
    assert ApiClient(manager).call("PATCH", f"/media/{row.pk}", {"position": 2**31 - 1}).data["position"] == 1
    assert list(media_of(product)) == [other, row]


# --- who may -----------------------------------------------------------------------------------------


def test_only_staff_with_the_right_bring_and_change_media(product: Product, manager: User) -> None:
    row = add_video(product)
    before = (ProductMedia.objects.values().get(), stored())
    for user, status in ((None, 401), (make_user(), 403)):
        client = ApiClient(user)
        assert post(user, f"/products/{product.pk}/media", upload(picture())).status == status
        for method, body in (("GET", None), ("PATCH", {"alt": "x"}), ("DELETE", None)):
            for pk in (row.pk, 0):
                assert client.call(method, f"/media/{pk}", body).status == status
    assert (ProductMedia.objects.values().get(), stored()) == before


def test_who_may_change_products_does_not_therefore_change_categories(product: Product, settings: Settings) -> None:
    settings.API_KEYS = ["robot:0123456789abcdef:catalog.change_product"]
    shown = add_image(Category.objects.create(name="Home", slug="home"))
    client = ApiClient()
    client.headers = {"X-API-Key": "0123456789abcdef"}
    assert client.call("DELETE", f"/media/{shown.pk}").status == 403
    assert client.call("PATCH", f"/media/{add_video(product).pk}", {"alt": "Film"}).status == 200
    assert ProductMedia.objects.filter(pk=shown.pk).exists()


def test_programs_are_counted_and_staff_by_their_own_limit(product: Product, manager: User, settings: Settings) -> None:
    settings.API_KEYS = ["robot:0123456789abcdef:catalog.change_product"]
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "uploads": "2/1h"}
    path = f"/products/{product.pk}/media"
    robot = [post(None, path, upload(mp4()), X_API_Key="0123456789abcdef").status for _ in range(3)]
    assert robot == [201, 201, 429]
    assert [post(manager, path, upload(mp4())).status for _ in range(3)] == [201] * 3


def test_a_thing_that_is_not_there_gets_nothing(manager: User) -> None:
    for path in ("/products/0/media", "/products/nothing/media", "/packages/0/media"):
        assert post(manager, path, upload(picture())).status == 404
    assert nothing_changed()


def test_a_twenty_first_is_refused(product: Product, manager: User) -> None:
    for _ in range(media.MAX_MEDIA):
        add_video(product)
    reply = post(manager, f"/products/{product.pk}/media", upload(picture()))
    assert (reply.status, reply.body["code"]) == (409, "too_many_media")
    assert len(stored()) == media.MAX_MEDIA


def test_a_retried_upload_is_one(product: Product, manager: User) -> None:
    content = encode_multipart(BOUNDARY, upload(picture()))
    for _ in range(2):
        reply = post(manager, f"/products/{product.pk}/media", content, Idempotency_Key="k")
        assert reply.status == 201
    assert reply.headers["Idempotency-Replayed"] == "true"
    assert (ProductMedia.objects.count(), len(stored())) == (1, 1)


# --- what is refused ---------------------------------------------------------------------------------


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


def raw(content: bytes, name: str, declared: str = "image/png") -> bytes:
    """A body whose file is called ``name``, however strange that is."""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'.encode()
    return head + f"Content-Type: {declared}\r\n\r\n".encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode()


def _exif() -> Image.Exif:
    exif = Image.Exif()
    exif[0x010E] = SECRET.decode()
    exif[0x0112] = 6
    exif.get_ifd(0x8825)[2] = (52.0, 31.0, 12.0)
    return exif


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


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_are_refused(product: Product, manager: User, name: str, left_over: Any) -> None:
    reply = post(manager, f"/products/{product.pk}/media", upload(BOMBS[name]()))
    assert (reply.status, reply.faults) == (422, {"/file": "image_refused"})
    assert nothing_changed()
    assert left_over() == []


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


# --- bodies that are none ----------------------------------------------------------------------------


def _parts(count: int) -> bytes:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\nx\r\n'
    return head.encode() * count + f"--{BOUNDARY}--\r\n".encode()


WHOLE = raw(picture(), "me.jpg")
BROKEN: dict[str, tuple[bytes, str, int]] = {
    "no file": (encode_multipart(BOUNDARY, {"alt": "x"}), MULTIPART_CONTENT, 422),
    "text as file": (encode_multipart(BOUNDARY, {"file": "x"}), MULTIPART_CONTENT, 422),
    "empty file": (raw(b"", "me.jpg"), MULTIPART_CONTENT, 422),
    "unknown fields": (encode_multipart(BOUNDARY, upload(picture(), product="1")), MULTIPART_CONTENT, 422),
    "long text": (encode_multipart(BOUNDARY, upload(picture(), alt="x" * 201)), MULTIPART_CONTENT, 422),
    "text with NUL": (encode_multipart(BOUNDARY, upload(picture(), alt="a\0b")), MULTIPART_CONTENT, 422),
    "endless name": (raw(picture(), "x" * 4000), MULTIPART_CONTENT, 400),
    "no boundary": (WHOLE, "multipart/form-data", 400),
    "empty boundary": (WHOLE, "multipart/form-data; boundary=", 400),
    "another boundary": (WHOLE, "multipart/form-data; boundary=other", 422),
    "endless boundary": (WHOLE, "multipart/form-data; boundary=" + "x" * 500, 415),
    "cut in the picture": (WHOLE[: len(WHOLE) // 2], MULTIPART_CONTENT, 422),
    "cut in the head": (WHOLE[:40], MULTIPART_CONTENT, 422),
    "nothing": (b"", MULTIPART_CONTENT, 422),
    "rubbish": (bytes(range(256)) * 100, MULTIPART_CONTENT, 400),
    "ten thousand parts": (_parts(10_000), MULTIPART_CONTENT, 400),
    "two files": (_parts(2), MULTIPART_CONTENT, 400),
    "ten thousand fields": (_parts(10_000).replace(b'; filename="a.png"', b""), MULTIPART_CONTENT, 400),
    "endless head": (f"--{BOUNDARY}\r\nX-A: ".encode() + b"a" * 200_000, MULTIPART_CONTENT, 400),
    "many heads": (f"--{BOUNDARY}\r\n".encode() + b"X-A: b\r\n" * 100_000 + b"\r\nx", MULTIPART_CONTENT, 400),
    "base64": (
        WHOLE.replace(b"Content-Type: image/png", b"Content-Transfer-Encoding: base64"), MULTIPART_CONTENT, 400
    ),
    "json": (json.dumps({"file": "x"}).encode(), "application/json", 415),
    "a form": (b"file=x", "application/x-www-form-urlencoded", 415),
    "the picture alone": (picture(), "image/jpeg", 415),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_broken_bodies_are_refused_and_leave_nothing(
    product: Product, manager: User, name: str, left_over: Any
) -> None:
    content, content_type, status = BROKEN[name]
    reply = post(manager, f"/products/{product.pk}/media", content, content_type)
    assert reply.status == status, reply.body
    assert reply.headers["Content-Type"] == "application/problem+json"
    assert nothing_changed()
    assert left_over() == []


class Body(io.BytesIO):
    """What the server reads of a body that ends too early, or breaks off."""

    def __init__(self, content: bytes, *, is_cut: bool = False) -> None:
        super().__init__(content)
        self.is_cut, self.count = is_cut, 0

    def read(self, size: int | None = -1) -> bytes:
        """The next bytes."""
        self.count += 1
        piece = super().read(size)
        if self.is_cut and not piece:
            raise OSError("connection reset")
        return piece


def send(user: User | None, path: str, body: Body, length: object) -> Any:
    options: Any = {
        "wsgi.input": body,
        "CONTENT_LENGTH": str(length),
        "CONTENT_TYPE": MULTIPART_CONTENT,
        "headers": ApiClient(user).headers,
    }
    return Client(raise_request_exception=False).generic("POST", path, b"", MULTIPART_CONTENT, **options)


@pytest.mark.parametrize("is_cut", [True, False])
@pytest.mark.parametrize("content", [WHOLE, WHOLE[:-10], WHOLE[:300], b""])
@pytest.mark.parametrize("length", [0, 10, 200, len(WHOLE), 10**6, -1, "x", ""])
def test_a_wrong_length_or_an_early_end_is_no_trouble(
    product: Product,
    manager: User,
    content: bytes,
    length: object,
    is_cut: bool,  # noqa: FBT001
    left_over: Any,
) -> None:
    answer = send(manager, f"/api/v2/products/{product.pk}/media", Body(content, is_cut=is_cut), length)
    assert answer.status_code in (201, 400, 422)
    assert (ProductMedia.objects.count(), len(stored())) == ((1, 1) if answer.status_code == 201 else (0, 0))
    assert left_over() == []


def test_a_large_video_that_breaks_off_leaves_nothing(product: Product, manager: User, left_over: Any) -> None:
    content = raw(mp4(data=bytes(6_000_000)), "x.mp4")
    answer = send(manager, f"/api/v2/products/{product.pk}/media", Body(content[:-100], is_cut=True), len(content))
    assert answer.status_code == 400
    assert nothing_changed()
    assert left_over() == []


@pytest.mark.parametrize("path", ["/api/v2/products/{}/media", "/api/v2/users/avatar", "/admin/login/", "/admin/"])
def test_a_body_that_says_it_is_endless_is_not_read(product: Product, manager: User, path: str) -> None:
    body = Body(WHOLE)
    answer = send(manager, path.format(product.pk), body, 2**40)
    assert answer.status_code in (302, 400, 405, 413)
    assert body.count == 0
    assert nothing_changed()
