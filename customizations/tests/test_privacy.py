"""What customizations know about people: handed out with its files, and forgotten with them."""

import zipfile

import pytest
from django.db import transaction
from django.test import TestCase

from accounts.models import User
from accounts.services import erasure
from accounts.tests.factories import make_user
from customizations.models import Upload
from customizations.services import uploads
from customizations.tests.uploads import picture, stored
from fantasize.core import guests, privacy

pytestmark = pytest.mark.django_db


def store(user: User) -> Upload:
    return uploads.store(content=picture(), owner=user.actor)


def test_somebodys_pictures_are_in_their_export_and_nobody_elses() -> None:
    user, other = make_user(), make_user()
    row = store(user)
    store(other)
    with privacy.write_archive(user.pk) as file, zipfile.ZipFile(file) as archive:
        ours = {name for name in archive.namelist() if name.startswith("customizations/")}
        assert ours == {"customizations/uploads.json", f"customizations/uploads/{row.pk}.png"}
        content = archive.read(f"customizations/uploads/{row.pk}.png")
        assert row.sha256.encode() in archive.read("customizations/uploads.json")
    assert len(content) == row.bytes


def test_whoever_is_forgotten_leaves_no_picture_not_even_one_they_ordered_with() -> None:
    user, other = make_user(), make_user()
    kept, _ = store(user), store(user)
    theirs = store(other)
    guest = uploads.store(content=picture(), owner=guests.principal_of("a" * 43))
    uploads.keep([kept.pk])
    for _ in range(2):
        with TestCase.captureOnCommitCallbacks(execute=True):
            erasure.erase(user=user)
        assert set(Upload.objects.values_list("pk", flat=True)) == {theirs.pk, guest.pk}
        assert stored() == {str(theirs.file), str(guest.file)}


def test_an_erasure_that_does_not_come_about_takes_nothing() -> None:
    user = make_user()
    store(user)
    with TestCase.captureOnCommitCallbacks(execute=True), transaction.atomic():
        erasure.erase(user=user)
        transaction.set_rollback(True)
    assert (Upload.objects.count(), len(stored())) == (1, 1)
