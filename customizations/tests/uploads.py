"""Pictures for tests, and what of them lies in the storage."""

from pathlib import Path
from typing import Any

from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from accounts.models import User
from fantasize.core.tests.pictures import corners, encoded
from fantasize.tests.client import ApiClient, Reply


def picture(kind: str = "png", size: tuple[int, int] = (8, 8), **options: Any) -> bytes:
    """A picture of four colours."""
    return encoded(corners(size), kind, **options)


def send(
    content: bytes | None = None,
    *,
    user: User | None = None,
    token: str | None = None,
    name: str = "me.png",
    path: str = "/api/v2/customizations/uploads",
    key: str | None = None,
    **more: Any,
) -> Reply:
    """Send a picture as somebody, or as a guest with or without a token."""
    body = {"file": SimpleUploadedFile(name, picture() if content is None else content), **more}
    headers = ApiClient(user).headers | ({"X-Cart-Token": token} if token is not None else {})
    headers |= {"Idempotency-Key": key} if key else {}
    sent = encode_multipart(BOUNDARY, body)
    client = Client(raise_request_exception=False)
    return Reply(client.generic("POST", path, sent, MULTIPART_CONTENT, headers=headers))


def stored(folder: str = "uploads") -> set[str]:
    """The names of all files in a folder of the storage."""
    root = Path(default_storage.path(folder))
    return {str(path.relative_to(root.parent)) for path in root.rglob("*") if path.is_file()}
