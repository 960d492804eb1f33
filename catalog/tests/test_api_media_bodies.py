"""Uploads that are none: broken bodies, wrong lengths, early ends."""

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from accounts.models import User
from catalog.models import Product, ProductMedia
from catalog.tests.media import picture, stored
from catalog.tests.uploads import nothing_changed, post, raw, upload
from fantasize.core.tests.videos import mp4
from fantasize.tests.client import ApiClient

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_files")]


@pytest.fixture
def product(counter: Callable[[], tuple[Product, User]]) -> Product:
    return counter()[0]


@pytest.fixture
def manager(counter: Callable[[], tuple[Product, User]]) -> User:
    return counter()[1]


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
