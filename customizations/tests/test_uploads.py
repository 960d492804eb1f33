"""Taking pictures in, keeping what was ordered, forgetting the rest: rows and files together, quotas exact."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from unittest.mock import patch
from uuid import uuid4

import pytest
from django.core.files.storage import default_storage
from django.test import TestCase
from pytest_django import Settings

from accounts.tests.factories import make_user
from customizations import tasks
from customizations.errors import UploadInUseError, UploadQuotaError
from customizations.models import Asset, Upload
from customizations.services import assets, files, uploads
from customizations.tests.uploads import picture, stored
from fantasize.core import clock, guests, invariants
from fantasize.core.errors import ConflictError, InvalidError, NotFoundError, UnauthenticatedError

pytestmark = pytest.mark.django_db
committed = partial(TestCase.captureOnCommitCallbacks, execute=True)

GUEST = guests.principal_of("a" * 43)


def keep(*rows: Upload) -> None:
    uploads.keep([row.pk for row in rows])


def assert_whole() -> None:
    """Every row has its file, and every file its row."""
    assert stored() == set(Upload.objects.values_list("file", flat=True))


def test_a_picture_is_stored_as_the_shop_wrote_it() -> None:
    row = uploads.store(content=picture("jpeg", (20, 10), comment=b"S3CRET"), owner=GUEST)
    with default_storage.open(str(row.file)) as file:
        content = file.read()
    assert (row.width, row.height, row.format, row.bytes) == (20, 10, "jpeg", len(content))
    assert b"S3CRET" not in content
    assert row.sha256 == hashlib.sha256(content).hexdigest()
    assert row.kept_at is None
    assert_whole()


def test_what_is_no_picture_leaves_nothing() -> None:
    with pytest.raises(InvalidError):
        uploads.store(content=b"<svg/>", owner=GUEST)
    assert (Upload.objects.count(), stored()) == (0, set())


def test_a_row_that_cannot_be_written_leaves_no_file() -> None:
    with patch.object(Upload.objects, "create", side_effect=RuntimeError), pytest.raises(RuntimeError):
        uploads.store(content=picture(), owner=GUEST)
    assert (Upload.objects.count(), stored()) == (0, set())


def test_somebody_whose_account_was_closed_meanwhile_leaves_nothing() -> None:
    user = make_user()
    uploads.store(content=picture(), owner=user.actor)
    user.is_active = False
    user.save()
    with pytest.raises(UnauthenticatedError):
        uploads.store(content=picture(), owner=user.actor)
    assert Upload.objects.count() == 1
    assert_whole()


def test_taking_a_picture_away_takes_its_file() -> None:
    row = uploads.store(content=picture(), owner=GUEST)
    with committed():
        uploads.remove(upload=row)
    assert stored() == set()
    with pytest.raises(NotFoundError):
        uploads.remove(upload=row)


def test_what_was_ordered_with_is_there_for_good() -> None:
    row, other = (uploads.store(content=picture(), owner=GUEST) for _ in range(2))
    keep(row)
    kept_at = Upload.objects.get(pk=row.pk).kept_at
    keep(row, other)
    assert Upload.objects.get(pk=row.pk).kept_at == kept_at
    with pytest.raises(UploadInUseError):
        uploads.remove(upload=row)
    with clock.frozen_at(clock.now() + timedelta(days=1000)):
        assert uploads.collect_unused() == 0
    assert_whole()
    assert len(stored()) == 2


def test_an_order_is_not_placed_with_what_is_gone() -> None:
    row = uploads.store(content=picture(), owner=GUEST)
    with pytest.raises(ConflictError) as error:
        uploads.keep([row.pk, uuid4()])
    assert error.value.code == "upload_gone"
    assert Upload.objects.get().kept_at is None


def test_what_nobody_orders_with_is_forgotten_when_its_time_is_up(settings: Settings) -> None:
    settings.UPLOAD_ORPHAN_HOURS = 72
    rows = [uploads.store(content=picture(), owner=GUEST) for _ in range(3)]
    keep(rows[0])
    Upload.objects.filter(pk=rows[1].pk).update(created_at=clock.now() - timedelta(hours=73))
    with committed():
        assert tasks.collect_unused_uploads(timestamp=0) == 1
    assert set(Upload.objects.values_list("pk", flat=True)) == {rows[0].pk, rows[2].pk}
    assert_whole()


def test_more_than_fit_into_one_go_are_forgotten_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "_AT_ONCE", 2)
    for _ in range(5):
        uploads.store(content=picture(), owner=GUEST)
    with committed(), clock.frozen_at(clock.now() + timedelta(days=4)):
        assert uploads.collect_unused() == 5
    assert stored() == set()


def test_quotas_are_of_files_and_of_bytes_and_do_not_count_what_was_ordered(settings: Settings) -> None:
    settings.UPLOAD_QUOTA_FILES = 2
    rows = [uploads.store(content=picture(), owner=GUEST) for _ in range(2)]
    with pytest.raises(UploadQuotaError):
        uploads.store(content=picture(), owner=GUEST)
    uploads.store(content=picture(), owner=guests.principal_of("b" * 43))
    keep(rows[0])
    uploads.store(content=picture(), owner=GUEST)
    settings.UPLOAD_QUOTA_FILES, settings.UPLOAD_QUOTA_BYTES = 50, 2 * rows[0].bytes + 1
    with pytest.raises(UploadQuotaError):
        uploads.store(content=picture(), owner=GUEST)
    settings.UPLOAD_QUOTA_BYTES += rows[0].bytes
    uploads.store(content=picture(), owner=GUEST)
    assert Upload.objects.filter(owner=GUEST, kept_at=None).count() == 3
    assert_whole()


def test_files_of_nobody_are_collected_and_invariants_count_them() -> None:
    row = uploads.store(content=picture(), owner=GUEST)
    Upload.objects.all().delete()
    later = clock.now() + timedelta(hours=3)
    with clock.frozen_at(later):
        assert invariants.violations()["uploads.files_have_their_rows"] == 1
        assert tasks.collect_orphans(timestamp=0) == 1
        assert invariants.violations()["uploads.files_have_their_rows"] == 0
    kept = uploads.store(content=picture(), owner=GUEST)
    assert invariants.violations()["uploads.rows_have_their_files"] == 0
    default_storage.delete(str(kept.file))
    assert invariants.violations()["uploads.rows_have_their_files"] == 1
    assert not default_storage.exists(str(row.file))


def test_of_a_background_that_two_bring_at_once_one_is_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    written = files.written
    rows: list[Asset] = []

    @contextmanager
    def overtaken(folder: str, content: bytes, suffix: str) -> Iterator[str]:
        # Somebody else is a moment ahead.
        monkeypatch.setattr(files, "written", written)
        rows.append(assets.store(content=picture()))
        with written(folder, content, suffix) as name:
            yield name

    monkeypatch.setattr(files, "written", overtaken)
    assert [assets.store(content=picture())] == rows
    assert stored("backgrounds") == {str(rows[0].file)}
