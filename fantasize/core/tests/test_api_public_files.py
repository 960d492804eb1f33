"""Public files: one type by our own names, whole or in ranges, kept for ever, and nothing beside them."""

import io
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client

from fantasize.core.api import public_files

# Files need no database, but the end of an answer looks after a connection that another test may have left open.
pytestmark = pytest.mark.django_db

STEM = "0123456789abcdef0123456789abcdef"
NAME = f"catalogue/01/{STEM}.webp"
CONTENT = bytes(range(256)) * 1000
SIZE = len(CONTENT)


@pytest.fixture(autouse=True)
def _own_files(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    default_storage.save(NAME, ContentFile(CONTENT))


def get(path: str = f"/media/{NAME}", method: str = "GET", **headers: str) -> Any:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return Client(raise_request_exception=False).generic(method, path, headers=sent)


def test_a_file_is_everybodys_and_for_ever() -> None:
    answer = get()
    assert (answer.status_code, answer.getvalue()) == (200, CONTENT)
    expected = {
        "Content-Type": "image/webp",
        "Content-Length": str(SIZE),
        "Content-Disposition": f'inline; filename="{STEM}.webp"',
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "public, max-age=31536000, immutable",
        "ETag": f'"{STEM}"',
        "Accept-Ranges": "bytes",
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    assert {name: answer[name] for name in expected} == expected
    assert "Set-Cookie" not in answer
    assert "Cookie" not in answer.get("Vary", "")


@pytest.mark.parametrize(("suffix", "content_type"), public_files.CONTENT_TYPES.items())
def test_its_type_is_what_its_name_says(suffix: str, content_type: str) -> None:
    name = f"catalogue/aa/{'a' * 32}-thumb.{suffix}"
    default_storage.save(name, ContentFile(b"<html><script>alert(1)</script>"))
    answer = get(f"/media/{name}")
    assert (answer.status_code, answer["Content-Type"]) == (200, content_type)
    answer.close()


def test_asking_for_its_head_brings_no_body() -> None:
    answer = get(method="HEAD", Range="bytes=0-1")
    assert (answer.status_code, answer.content, answer["Content-Length"]) == (200, b"", str(SIZE))


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_it_is_only_read(method: str) -> None:
    assert get(method=method).status_code == 405
    assert default_storage.size(NAME) == SIZE


@pytest.mark.parametrize("tag", [f'"{STEM}"', f'W/"{STEM}"', f'"x", "{STEM}"', "*"])
def test_who_has_it_is_told_so(tag: str) -> None:
    answer = get(If_None_Match=tag, Range="bytes=0-1")
    assert (answer.status_code, answer.content) == (304, b"")
    assert (answer["ETag"], answer["Cache-Control"]) == (f'"{STEM}"', "public, max-age=31536000, immutable")
    assert "Content-Type" not in answer


def test_who_has_another_gets_it() -> None:
    answer = get(If_None_Match='"other"')
    assert answer.getvalue() == CONTENT


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=0-99", 0, 100),
        ("bytes=100000-200000", 100_000, 200_001),
        ("bytes=255999-", 255_999, SIZE),
        ("bytes=10-999999999", 10, SIZE),
        ("bytes=-5", SIZE - 5, SIZE),
        ("bytes=-999999999", 0, SIZE),
    ],
)
def test_a_range_is_a_part(asked: str, start: int, end: int) -> None:
    answer = get(Range=asked)
    body = answer.getvalue()
    assert body == CONTENT[start:end]
    assert answer["Content-Length"] == str(end - start)
    if (start, end) == (0, SIZE):
        assert answer.status_code == 200
    else:
        assert (answer.status_code, answer["Content-Range"]) == (206, f"bytes {start}-{end - 1}/{SIZE}")


@pytest.mark.parametrize("asked", [f"bytes={SIZE}-", "bytes=999999999-", "bytes=-0"])
def test_a_range_that_is_not_there_is_refused(asked: str) -> None:
    answer = get(Range=asked)
    assert (answer.status_code, answer.content, answer["Content-Range"]) == (416, b"", f"bytes */{SIZE}")
    assert "immutable" not in answer.get("Cache-Control", "")


@pytest.mark.parametrize(
    "asked",
    [
        "",
        "bytes=-",
        "bytes=5-2",
        "bytes=0-1,5-6",
        "lines=0-1",
        "bytes=a-b",
        "bytes=٣-٤",
        f"bytes={'9' * 400}-",
        "bytes=0-1;x",
    ],
)
def test_what_is_no_single_range_is_ignored(asked: str) -> None:
    answer = get(Range=asked)
    assert (answer.status_code, answer.getvalue()) == (200, CONTENT)


@pytest.mark.parametrize(("tag", "status"), [(f'"{STEM}"', 206), ('"other"', 200), (f'W/"{STEM}"', 200)])
def test_a_range_of_the_file_that_one_has_begun(tag: str, status: int) -> None:
    answer = get(Range="bytes=1-2", If_Range=tag)
    assert answer.status_code == status
    answer.close()


def test_an_empty_file_has_no_ranges() -> None:
    name = f"catalogue/ee/{'e' * 32}.png"
    default_storage.save(name, ContentFile(b""))
    assert get(f"/media/{name}", Range="bytes=0-0").status_code == 416
    assert get(f"/media/{name}", Range="bytes=-1").status_code == 416
    assert get(f"/media/{name}").getvalue() == b""


def test_one_that_goes_meanwhile_was_never_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(default_storage, "size", lambda _name: 5)
    assert get(f"/media/catalogue/ff/{'f' * 32}.png").status_code == 404


SECRETS = ["avatars/me.webp", "exports/all.csv", "proofs/1.png", "catalogue/secret.webp", f"{STEM}.webp"]


@pytest.fixture
def _secrets(tmp_path: Any) -> None:
    for name in SECRETS:
        default_storage.save(name, ContentFile(b"SECRET"))
    (tmp_path / "outside.webp").write_bytes(b"SECRET")
    (tmp_path / "media" / "catalogue" / "link").symlink_to(tmp_path / "media" / "avatars")


def spellings() -> list[str]:
    """Ways to name files that are not public ones."""
    ups = [
        "../",
        "..%2f",
        "%2e%2e/",
        "%2e%2e%2f",
        "..\\",
        "..%5c",
        "%252e%252e%252f",
        "..;/",
        "....//",
        "..%c0%af",
        "/",
    ]
    targets = ["avatars/me.webp", "../outside.webp", "etc/passwd", f"{STEM}.webp"]
    prefixes = ["/media/", "/media/catalogue/", "/media/catalogue/01/", f"/media/{NAME}/"]
    found = [
        f"{prefix}{up * times}{target}"
        for prefix in prefixes
        for up in ups
        for times in (1, 2, 5)
        for target in targets
    ]
    plain = [f"/media/{name}" for name in SECRETS]
    return [
        *found,
        *plain,
        "/media",
        "/media/",
        "/media/catalogue",
        "/media/catalogue/",
        "/media/catalogue/01/",
        "/media/catalogue/link/me.webp",
        "/media//etc/passwd",
        "/media/%2fetc%2fpasswd",
        f"/media/catalogue/{'a' * 4000}",
        f"/media/catalogue/01/{'a' * 4000}.webp",
        f"/media/{NAME}%00",
        f"/media/{NAME}%00.png",
        f"/media/catalogue/01/%00{STEM}.webp",
        f"/media/{NAME}/",
        f"/media/{NAME}%0a",
        f"/media/{NAME}%20",
        f"/media/{NAME}.php",
        f"/media/{NAME.upper()}",
        f"/media/{NAME.replace('.webp', '.svg')}",
        f"/media/{NAME.replace('.webp', '.webp%E2%80%AEgpj.exe')}",
        f"/media/catalogue/02/{STEM}.webp",
        f"/media/catalogue/01/{STEM}-CON.webp",
        f"/media/catalogue/01/{STEM}-thumb-thumb.webp",
        f"//media/{NAME}",
        f"/./media/{NAME}",
        f"/x/../media/{NAME}",
    ]


@pytest.mark.usefixtures("_secrets")
def test_nothing_else_is_found_however_it_is_spelled() -> None:
    found = {path: get(path) for path in spellings()}
    taken = {path: answer.status_code for path, answer in found.items() if answer.status_code != 404}
    assert taken == {}
    assert all(b"SECRET" not in answer.content and b"root:" not in answer.content for answer in found.values())
    assert len(found) > 400
    assert get().getvalue() == CONTENT


def test_who_hangs_up_leaves_no_file_open(monkeypatch: pytest.MonkeyPatch) -> None:
    file = io.BytesIO(CONTENT)
    monkeypatch.setattr(default_storage, "open", lambda _name: file)
    answer = get()
    assert not file.closed
    answer.close()
    assert file.closed
