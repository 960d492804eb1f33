"""Pictures over HTTP: whose they are, how they are served, and what is none."""

import io
import re
import uuid
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from pytest_django import Settings

from accounts.tests.factories import make_user
from customizations.models import Asset, Upload
from customizations.services import uploads
from customizations.tests.factories import make_template
from customizations.tests.uploads import picture, send, stored
from fantasize.core import guests
from fantasize.core.api import files
from fantasize.tests.client import ApiClient, Reply

pytestmark = pytest.mark.django_db

BACKGROUNDS = "/api/v2/customizations/backgrounds"
# A picture behind which a program stands.
POLYGLOT = picture("jpeg") + b"PK\x03\x04<?php system($_GET[0]); ?><script>alert(1)</script>"


def guest(token: str) -> ApiClient:
    client = ApiClient()
    client.headers = {"X-Cart-Token": token}
    return client


def path_of(reply: Reply) -> str:
    return f"/customizations/uploads/{reply.data['id']}"


def without_ids(reply: Reply) -> dict[str, Any]:
    return {**reply.body, "request_id": None, "instance": None}


def test_a_customer_sends_a_picture_looks_at_it_and_takes_it_away() -> None:
    user = make_user()
    sent = send(picture("png", (20, 10)), user=user, name="../../etc/passwd.php\u202egnp.exe")
    assert sent.status == 201
    assert set(sent.data) == {"id", "url", "width", "height", "sha256", "created_at"}
    assert (sent.data["width"], sent.data["height"]) == (20, 10)
    assert sent.data["url"] == f"http://localhost:5000/api/v2{path_of(sent)}/file"
    [name] = stored()
    assert re.fullmatch(r"uploads/[0-9a-f]{2}/[0-9a-f]{32}\.png", name)
    client = ApiClient(user)
    assert client.get(path_of(sent)).data == sent.data
    seen = client.get(f"{path_of(sent)}/file")
    assert Image.open(io.BytesIO(seen.content)).size == (20, 10)
    assert client.call("DELETE", path_of(sent)).status == 204
    assert client.get(path_of(sent)).status == client.call("DELETE", path_of(sent)).status == 404


def test_a_guest_gets_a_token_once_and_is_known_by_it() -> None:
    first = send()
    token = first.data["token"]
    assert guests.is_token(token)
    assert not Upload.objects.filter(owner__contains=token).exists()
    second = send(token=token)
    assert "token" not in second.data
    assert Upload.objects.values("owner").distinct().count() == 1
    for reply in (first, second):
        assert guest(token).get(path_of(reply)).status == 200
        assert guest(guests.new_token()).get(path_of(reply)).status == 404
    assert guest(token).call("DELETE", path_of(first)).status == 204
    assert send().data["token"] != token


@pytest.mark.parametrize("token", ["", "1", "a" * 42, "a" * 44, "x" * 5000])
def test_a_token_that_is_none_of_ours_is_refused(token: str) -> None:
    reply = send(token=token)
    assert (reply.status, reply.body["code"], reply.faults) == (
        400,
        "cart_token_malformed",
        {"X-Cart-Token": "cart_token_malformed"},
    )
    assert (Upload.objects.count(), stored()) == (0, set())


def test_to_everybody_but_owner_and_staff_there_is_no_such_picture(settings: Settings) -> None:
    user = make_user()
    sent = send(user=user)
    manager = ApiClient(make_user(role="manager"))
    assert {manager.get(path_of(sent) + tail).status for tail in ("", "/file")} == {200}
    assert manager.call("DELETE", path_of(sent)).status == 404
    settings.API_KEYS = ["robot:0123456789abcdef:orders"]
    machine = ApiClient()
    machine.headers = {"X-API-Key": "0123456789abcdef"}
    strangers = (ApiClient(), ApiClient(make_user()), guest(guests.new_token()), machine)
    for method, tail in (("GET", ""), ("GET", "/file"), ("DELETE", "")):
        replies = [client.call(method, path_of(sent) + tail) for client in strangers]
        replies += [client.call(method, f"/customizations/uploads/{uuid.uuid4()}{tail}") for client in strangers]
        replies += [strangers[0].call(method, f"/customizations/uploads/x{tail}")]
        assert {reply.status for reply in replies} == {404}
        assert len({str(without_ids(reply)) for reply in replies}) == 1
    assert Upload.objects.count() == 1


def test_guesses_bring_nothing() -> None:
    send(user=make_user())
    client = ApiClient(make_user())
    found = {client.get(f"/customizations/uploads/{uuid.uuid4()}/file").status for _ in range(20)}
    assert found == {404}


def test_browsers_run_nothing_in_a_picture_and_keep_it_for_nobody() -> None:
    user = make_user()
    for kind, content in (("jpeg", POLYGLOT), ("png", picture("png")), ("webp", picture("webp", lossless=True))):
        path = path_of(send(content, user=user, name="page.html"))
        seen = ApiClient(user).get(f"{path}/file", Accept="image/avif,image/webp,*/*;q=0.8")
        body = seen.content
        assert seen.headers["Content-Type"] == f"image/{kind}"
        assert seen.headers["X-Content-Type-Options"] == "nosniff"
        assert seen.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert seen.headers["Cache-Control"] == "private, no-store"
        assert re.fullmatch(rf'inline; filename="[0-9a-f]{{32}}\.{kind}"', seen.headers["Content-Disposition"])
        assert b"php" not in body
        assert b"script" not in body


def test_a_picture_comes_in_ranges_and_by_its_head() -> None:
    user = make_user()
    client, path = ApiClient(user), f"{path_of(send(user=user))}/file"
    whole = client.get(path)
    content = whole.content
    assert (whole.headers["Accept-Ranges"], whole.headers["Content-Length"]) == ("bytes", str(len(content)))
    part = client.get(path, Range="bytes=2-5")
    assert (part.status, part.content) == (206, content[2:6])
    assert part.headers["Content-Range"] == f"bytes 2-5/{len(content)}"
    for text in ("bytes=999999-", "bytes=5-2", "lines=1-2"):
        assert client.get(path, Range=text).content == content
    head = client.call("HEAD", path)
    assert (head.status, head.content, head.headers["Content-Length"]) == (200, b"", str(len(content)))
    assert client.get(path, Accept="application/pdf").status == 406


def test_a_file_that_is_gone_is_not_found() -> None:
    user = make_user()
    path = f"{path_of(send(user=user))}/file"
    default_storage.delete(next(iter(stored())))
    for method in ("GET", "HEAD"):
        assert ApiClient(user).call(method, path).status == 404


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"", 422, "empty"),
        (b"GIF89a<script>", 422, "image_refused"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", 422, "image_refused"),
        (b"%PDF-1.7", 422, "image_refused"),
        (b"%!PS-Adobe-3.0 EPSF-3.0", 422, "image_refused"),
        (picture("tiff"), 422, "image_refused"),
        (picture("gif"), 422, "image_refused"),
        (picture("png")[:40], 422, "image_refused"),
        (b"\x89PNG" + b"0" * files.MAX_FILE_BYTES, 413, None),
    ],
)
def test_what_is_no_picture_is_refused_and_leaves_nothing(content: bytes, status: int, code: str | None) -> None:
    reply = send(content, user=make_user(), name="me.png")
    assert reply.status == status
    assert reply.faults == ({"/file": code} if code else {})
    assert (Upload.objects.count(), stored()) == (0, set())


def test_nothing_is_sent_beside_the_file() -> None:
    reply = send(user=make_user(), owner="user:1", kept_at="now", more=SimpleUploadedFile("a", b"1"))
    assert reply.faults == dict.fromkeys(("/owner", "/kept_at", "/more"), "unknown_field")
    assert Upload.objects.count() == 0


def test_what_was_ordered_with_stays_with_its_owner() -> None:
    user = make_user()
    sent = send(user=user)
    uploads.keep([uuid.UUID(sent.data["id"])])
    reply = ApiClient(user).call("DELETE", path_of(sent))
    assert (reply.status, reply.body["code"]) == (409, "upload_in_use")
    assert ApiClient(user).get(f"{path_of(sent)}/file").status == 200


def test_quota_and_rate_are_told_of(settings: Settings) -> None:
    settings.UPLOAD_QUOTA_FILES = 1
    user = make_user()
    assert send(user=user).status == 201
    reply = send(user=user)
    assert (reply.status, reply.body["code"]) == (409, "upload_quota")
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "uploads": "2/1h"}
    assert [send().status for _ in range(3)] == [201, 201, 429]


def test_a_retried_upload_is_one() -> None:
    user = make_user()
    first, again = (send(user=user, key="k") for _ in range(2))
    assert (again.headers["Idempotency-Replayed"], again.content) == ("true", first.content)
    assert (Upload.objects.count(), len(stored())) == (1, 1)


def test_programs_send_no_pictures(settings: Settings) -> None:
    settings.API_KEYS = ["robot:0123456789abcdef:customizations"]
    machine = ApiClient()
    machine.headers = {"X-API-Key": "0123456789abcdef"}
    assert machine.post("/customizations/uploads", {}).status == 403


def test_staff_bring_backgrounds_and_the_same_one_is_stored_once() -> None:
    manager = make_user(role="manager")
    first, again = (send(picture(size=(32, 16)), user=manager, path=BACKGROUNDS) for _ in range(2))
    assert (first.status, again.data) == (201, first.data)
    assert (first.data["width"], Asset.objects.count(), len(stored("backgrounds"))) == (32, 1, 1)
    canvas = {"width": 800, "height": 600, "background": first.data["id"]}
    assert make_template(schema={"options": [], "canvas": canvas}).schema["canvas"] == canvas
    for user, status in ((None, 401), (make_user(), 403)):
        assert send(user=user, path=BACKGROUNDS).status == status
    assert send(b"<svg/>", user=manager, path=BACKGROUNDS).faults == {"/file": "image_refused"}
    assert (Asset.objects.count(), len(stored("backgrounds"))) == (1, 1)
