"""Pictures of oneself over HTTP: who sets them, who sees them, and what is none."""

import io
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from PIL import Image
from pytest_django import Settings

from accounts.models import User
from accounts.services import avatars
from accounts.tests.factories import make_user
from fantasize.core.api import files
from fantasize.tests.client import ApiClient, Reply

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_files(tmp_path: Any, settings: Settings) -> None:
    settings.MEDIA_ROOT = tmp_path


def png(side: int = 8) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (side, side * 2), "red").save(file, "PNG")
    return file.getvalue()


def put(user: User | None, body: Any, content_type: str = MULTIPART_CONTENT) -> Reply:
    content = encode_multipart(BOUNDARY, body) if isinstance(body, dict) else body
    headers = ApiClient(user).headers
    client = Client(raise_request_exception=False)
    return Reply(client.generic("PUT", "/api/v2/users/avatar", content, content_type, headers=headers))


def upload(content: bytes, name: str = "me.png") -> dict[str, Any]:
    return {"file": SimpleUploadedFile(name, content)}


def stored() -> list[str]:
    return default_storage.listdir("avatars")[1] if default_storage.exists("avatars") else []


@pytest.mark.django_db(transaction=True)
def test_a_picture_is_set_seen_replaced_and_taken_away() -> None:
    user = make_user()
    client = ApiClient(user)
    assert (client.get("/users/avatar").status, client.get("/users/profile").data["avatar_url"]) == (404, None)
    reply = put(user, upload(png(), "../../etc/passwd.php"))
    assert reply.status == 200
    assert reply.data["avatar_url"] == f"http://localhost:5000/api/v2/users/{user.pk}/avatar"
    [first] = stored()
    assert "passwd" not in first
    seen = client.get("/users/avatar")
    assert Image.open(io.BytesIO(seen.content)).size == (8, 8)
    assert put(user, upload(png(16))).status == 200
    [second] = stored()
    assert second != first
    assert client.get(f"/users/{user.pk}/avatar").content == client.get("/users/avatar").content != seen.content
    assert client.call("DELETE", "/users/avatar").status == 204
    assert client.call("DELETE", "/users/avatar").status == 204
    assert stored() == []
    assert client.get("/users/avatar").status == 404


def test_browsers_run_nothing_in_a_picture_and_keep_it_for_nobody_else() -> None:
    user = make_user()
    avatars.set_avatar(user=user, content=png())
    headers = ApiClient(user).get("/users/avatar", Accept="image/avif,image/webp,*/*;q=0.8").headers
    assert headers["Content-Type"] == "image/webp"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert headers["Content-Disposition"] == 'inline; filename="avatar.webp"'
    assert headers["Cache-Control"] == "private, no-store"
    assert ApiClient(user).get("/users/avatar", Accept="application/pdf").status == 406


def test_pictures_are_seen_by_their_owner_and_by_those_who_look_after_people() -> None:
    user = make_user()
    avatars.set_avatar(user=user, content=png())
    path = f"/users/{user.pk}/avatar"
    statuses = {
        who: ApiClient(actor).get(path).status
        for who, actor in {
            "owner": user,
            "administrator": make_user(role="administrator"),
            "manager": make_user(role="manager"),
            "shopper": make_user(),
            "nobody": None,
        }.items()
    }
    assert statuses == {"owner": 200, "administrator": 200, "manager": 404, "shopper": 404, "nobody": 401}
    foreign = ApiClient(make_user())
    own = {"request_id": None, "instance": None}
    bodies = {
        str({**foreign.get(f"/users/{name}/avatar").body, **own})
        for name in (user.pk, "00000000-0000-0000-0000-000000000000", "1", "x")
    }
    assert len(bodies) == 1


@pytest.mark.parametrize(
    ("body", "content_type", "status", "faults"),
    [
        ({}, MULTIPART_CONTENT, 422, {"/file": "required"}),
        ({"file": "text"}, MULTIPART_CONTENT, 422, {"/file": "invalid"}),
        (upload(b""), MULTIPART_CONTENT, 422, {"/file": "empty"}),
        (upload(b"GIF89a<script>"), MULTIPART_CONTENT, 422, {"/file": "image_refused"}),
        ({**upload(png()), "role": "administrator"}, MULTIPART_CONTENT, 422, {"/role": "unknown_field"}),
        (
            {"file": upload(png())["file"], "is_staff": SimpleUploadedFile("a", b"1")},
            MULTIPART_CONTENT,
            422,
            {"/is_staff": "unknown_field"},
        ),
        ({"file": [SimpleUploadedFile("a", b"1"), SimpleUploadedFile("b", b"1")]}, MULTIPART_CONTENT, 400, {}),
        ({f"f{number}": SimpleUploadedFile("a", b"1") for number in range(200)}, MULTIPART_CONTENT, 400, {}),
        (b"nonsense", MULTIPART_CONTENT, 422, {"/file": "required"}),
        (b"nonsense", "multipart/form-data", 400, {}),
        (b"nonsense", "multipart/form-data; boundary=" + "x" * 500, 415, {}),
        (b'{"file": "x"}', "application/json", 415, {}),
        (b"file=x", "application/x-www-form-urlencoded", 415, {}),
        (upload(b"\x89PNG" + b"0" * files.MAX_FILE_BYTES), MULTIPART_CONTENT, 413, {}),
        (upload(b"0" * (files.MAX_FILE_BYTES + 100_000)), MULTIPART_CONTENT, 413, {}),
        (upload(b"0" * (20 * 1024 * 1024)), MULTIPART_CONTENT, 413, {}),
    ],
)
def test_what_is_no_picture_changes_nothing(body: Any, content_type: str, status: int, faults: dict[str, str]) -> None:
    user = make_user()
    avatars.set_avatar(user=user, content=png())
    before = User.objects.values().get()
    reply = put(user, body, content_type)
    assert (reply.status, reply.faults) == (status, faults)
    assert User.objects.values().get() == before
    assert len(stored()) == 1


def test_only_people_have_pictures(settings: Settings) -> None:
    assert put(None, upload(png())).status == 401
    assert stored() == []
    settings.API_KEYS = ["robot:0123456789abcdef:accounts"]
    machine = ApiClient()
    machine.headers = {"X-API-Key": "0123456789abcdef"}
    assert machine.get("/users/avatar").status == 403


def test_files_are_taken_nowhere_else() -> None:
    content = encode_multipart(BOUNDARY, {"first_name": "Ada"})
    client = ApiClient(make_user())
    answer = client.client.generic("PATCH", "/api/v2/users/profile", content, MULTIPART_CONTENT, headers=client.headers)
    assert answer.status_code == 415


def test_ten_pictures_an_hour_are_enough(settings: Settings) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "uploads": "2/1h"}
    user = make_user()
    assert [put(user, upload(png())).status for _ in range(3)] == [200, 200, 429]
    assert ApiClient(user).get("/users/avatar").status == 200


def test_a_retried_upload_is_one() -> None:
    user = make_user()
    client, content = ApiClient(user), encode_multipart(BOUNDARY, upload(png()))
    for _ in range(2):
        answer = client.client.generic(
            "PUT",
            "/api/v2/users/avatar",
            content,
            MULTIPART_CONTENT,
            headers={**client.headers, "Idempotency-Key": "k"},
        )
        assert answer.status_code == 200
    assert answer.headers["Idempotency-Replayed"] == "true"
    assert len(stored()) == 1
