"""Uploads for tests."""

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from accounts.models import User
from catalog.models import ProductMedia
from catalog.tests.media import stored
from fantasize.tests.client import ApiClient, Reply


def post(user: User | None, path: str, body: Any, content_type: str = MULTIPART_CONTENT, **headers: str) -> Reply:
    """What the shop answers to a body, which may be none."""
    content = encode_multipart(BOUNDARY, body) if isinstance(body, dict) else body
    sent = ApiClient(user).headers | {name.replace("_", "-"): value for name, value in headers.items()}
    client = Client(raise_request_exception=False)
    return Reply(client.generic("POST", f"/api/v2{path}", content, content_type, headers=sent))


def upload(content: bytes, name: str = "lantern.jpg", declared: str = "image/jpeg", **fields: Any) -> dict[str, Any]:
    """The fields of an upload."""
    return {"file": SimpleUploadedFile(name, content, declared), **fields}


def nothing_changed() -> bool:
    """Whether there is neither a row nor a file."""
    return (ProductMedia.objects.count(), stored()) == (0, set())


def raw(content: bytes, name: str, declared: str = "image/png") -> bytes:
    """A body whose file is called ``name``, however strange that is."""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'.encode()
    return head + f"Content-Type: {declared}\r\n\r\n".encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode()
