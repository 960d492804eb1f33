"""The registry of what is known about people: exports and erasures go through every app."""

import json
import random
import uuid
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from unittest.mock import patch

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.transaction import TransactionManagementError
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from fantasize.core import privacy
from fantasize.core.errors import ConflictError
from fantasize.core.privacy import Document, Upload

WHO = uuid.UUID(int=7)


@pytest.fixture(autouse=True)
def _registry() -> Iterator[None]:
    with patch.dict(privacy._holders, clear=True):
        yield


def register(name: str, parts: Any = (), erase: Any = lambda _: None) -> None:
    privacy.register(name, export=lambda _: iter(parts), erase=erase)


def read(archive: Any) -> dict[str, bytes]:
    with archive, zipfile.ZipFile(archive) as files:
        return {name: files.read(name) for name in files.namelist()}


def test_an_archive_holds_every_app_s_parts_in_order(tmp_path: Any, settings: Settings) -> None:
    settings.MEDIA_ROOT = tmp_path
    default_storage.save("pictures/1.webp", ContentFile(b"picture"))
    moment = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
    register("zoo", [Document("animals", iter([{"name": "Ä"}, {"name": "ß", "price": Decimal("1.50")}]))])
    register(
        "art", [Document("me", {"id": WHO, "at": moment}), Document("no", iter([])), Upload("face", "pictures/1.webp")]
    )
    found = read(privacy.write_archive(WHO))
    assert list(found) == ["art/me.json", "art/no.json", "art/face.webp", "zoo/animals.json"]
    assert json.loads(found["art/me.json"]) == {"id": str(WHO), "at": "2026-01-02T03:04:00Z"}
    assert json.loads(found["art/no.json"]) == []
    assert found["art/face.webp"] == b"picture"
    assert json.loads(found["zoo/animals.json"]) == [{"name": "Ä"}, {"name": "ß", "price": "1.50"}]


def test_the_same_data_make_the_same_bytes() -> None:
    parts = [Document("me", {"b": 1, "a": 2})]
    register("one", parts)
    with privacy.write_archive(WHO) as first:
        parts[0] = Document("me", {"a": 2, "b": 1})
        with privacy.write_archive(WHO) as second:
            assert first.read() == second.read()


def test_an_app_that_fails_leaves_nothing_open() -> None:
    def broken() -> Iterator[dict[str, Any]]:
        yield {}
        raise KeyError

    register("one", [Document("rows", broken())])
    with pytest.raises(KeyError):
        privacy.write_archive(WHO)


def test_rows_are_written_one_after_the_other() -> None:
    """However much somebody has bought: one row is in memory, and the archive is on disk."""
    taken, dice = 0, random.Random(7)  # noqa: S311 - text that does not pack

    def rows() -> Iterator[dict[str, Any]]:
        nonlocal taken
        for number in range(2000):
            taken += 1
            yield {"number": number, "text": dice.randbytes(1000).hex()}

    register("big", [Document("rows", rows())])
    archive = privacy.write_archive(WHO)
    assert archive._rolled  # type: ignore[attr-defined] # it has gone to disk
    rows_back = json.loads(read(archive)["big/rows.json"])
    assert (taken, rows_back[-1]["number"]) == (2000, 1999)


@pytest.mark.django_db
def test_who_builds_on_others_forgets_first() -> None:
    heard: list[str] = []
    for name in ("accounts", "catalog", "orders"):
        register(name, erase=lambda _, name=name: heard.append(name))
    privacy.erase_everything(WHO)
    assert heard == ["orders", "catalog", "accounts"]


@pytest.mark.django_db
def test_one_refusal_stops_everything() -> None:
    heard: list[str] = []

    def refuse(_: uuid.UUID) -> None:
        raise ConflictError

    register("accounts", erase=lambda _: heard.append("accounts"))
    register("orders", erase=refuse)
    with pytest.raises(ConflictError), transaction.atomic():
        privacy.erase_everything(WHO)
    assert heard == []


@pytest.mark.django_db(transaction=True)
def test_nobody_is_half_forgotten() -> None:
    with pytest.raises(TransactionManagementError):
        privacy.erase_everything(WHO)


@pytest.mark.django_db
def test_files_outlive_a_rollback(
    tmp_path: Any,
    settings: Settings,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    settings.MEDIA_ROOT = tmp_path
    default_storage.save("one", ContentFile(b"1"))
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        privacy.delete_files_on_commit(["one"])
        transaction.set_rollback(True)
    assert default_storage.exists("one")
    with django_capture_on_commit_callbacks(execute=True):
        privacy.delete_files_on_commit(["one", "", "never there"])
        assert default_storage.exists("one")
    assert not default_storage.exists("one")
