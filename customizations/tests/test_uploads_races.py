"""Pictures that are sent, kept and collected at the same time: quotas exact, and nothing lost that is ordered with."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import transaction
from pytest_django import Settings

from accounts.tests.factories import make_user
from catalog.tests.races import at_once
from customizations.errors import UploadQuotaError
from customizations.models import Upload
from customizations.services import uploads
from customizations.tests.uploads import stored
from fantasize.core import clock, guests, images

pytestmark = pytest.mark.django_db(transaction=True)

GUEST = guests.principal_of("a" * 43)


def without_decoding(content: bytes) -> images.Picture:
    """What the decoder would answer; it is not what races here."""
    return images.Picture(content, "png", 8, 8, "0" * 64)


def storing(owner: str, number: int) -> list[Callable[[], Any]]:
    return [partial(uploads.store, content=b"x" * 100, owner=owner) for _ in range(number)]


@pytest.mark.parametrize("is_guest", [True, False], ids=["guest", "person"])
@pytest.mark.parametrize("quota", [{"UPLOAD_QUOTA_FILES": 5}, {"UPLOAD_QUOTA_BYTES": 599}], ids=["files", "bytes"])
def test_the_quota_is_exact_however_many_come_at_once(
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    quota: dict[str, int],
    is_guest: bool,  # noqa: FBT001 - a case
) -> None:
    monkeypatch.setattr(images, "reencode", without_decoding)
    for name, value in quota.items():
        setattr(settings, name, value)
    owner = GUEST if is_guest else make_user().actor
    outcomes = at_once(*storing(owner, 20))
    assert sum(isinstance(outcome, Upload) for outcome in outcomes) == 5
    assert sum(isinstance(outcome, UploadQuotaError) for outcome in outcomes) == 15
    assert Upload.objects.filter(owner=owner).count() == 5
    assert stored() == set(Upload.objects.values_list("file", flat=True))


def test_without_the_lock_too_many_would_pass(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: a pause between looking and writing lets everybody in."""
    monkeypatch.setattr(images, "reencode", without_decoding)
    monkeypatch.setattr(uploads, "_lock", lambda _owner: None)
    settings.UPLOAD_QUOTA_FILES = 5
    outcomes: list[Any] = []
    for _ in range(10):
        outcomes += at_once(*storing(GUEST, 20))
        if Upload.objects.count() > 5:
            break
        Upload.objects.all().delete()
    assert Upload.objects.count() > 5


def test_the_one_that_an_order_is_being_placed_with_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "reencode", without_decoding)
    row = uploads.store(content=b"x", owner=GUEST)
    with transaction.atomic(), clock.frozen_at(clock.now() + timedelta(days=4)):
        uploads.keep([row.pk])
        assert at_once(uploads.collect_unused) == [0]
    assert Upload.objects.get().kept_at is not None
    assert stored() == {str(row.file)}
