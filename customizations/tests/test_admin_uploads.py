"""Shoppers' pictures in the admin: staff look at them, and do nothing else."""

from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.test import Client

from accounts.tests.factories import make_user
from customizations.models import Upload
from customizations.services import uploads
from customizations.tests.factories import make_upload
from fantasize.core import clock
from fantasize.core.errors import UnavailableError
from fantasize.core.tests.pictures import corners, encoded
from fantasize.tests.staff import make_viewer, signed_in

pytestmark = pytest.mark.django_db
HOME = "/admin/customizations/upload/"
GUEST = f"cart:{'a' * 64}"


@pytest.fixture
def upload(settings: Any, tmp_path: Path) -> Upload:
    settings.MEDIA_ROOT = tmp_path
    person = make_user(first_name="Ada", last_name="Byron", email="ada@example.com")
    return uploads.store(content=encoded(corners((400, 300)), "PNG"), owner=str(person.actor))


def listed(client: Client, **query: str) -> list[Any]:
    return [row.pk for row in client.get(HOME, query).context["cl"].result_list]


def test_the_list_says_whose_they_are_and_whether_they_are_used(upload: Upload, manager: Client) -> None:
    page = manager.get(HOME).content.decode()
    assert "Ada Byron (ada@example.com)" in page
    assert "400 × 300 px" in page
    assert f"{HOME}{upload.pk}/thumbnail/" in page
    assert 'data-upload="unused"' in page


def test_of_guests_no_more_is_shown_than_that_they_are(manager: Client) -> None:
    make_upload(GUEST)
    page = manager.get(HOME).content.decode()
    assert "A guest" in page
    assert "a" * 64 not in page


def test_the_list_is_narrowed_by_use(upload: Upload, manager: Client) -> None:
    other = make_upload(GUEST)
    Upload.objects.filter(pk=other.pk).update(kept_at=clock.now())
    assert listed(manager, use="ordered") == [other.pk]
    assert listed(manager, use="unused") == [upload.pk]
    assert set(listed(manager, use="nonsense")) == {other.pk, upload.pk}
    assert 'data-upload="ordered"' in manager.get(HOME).content.decode()


def test_staff_see_the_picture_and_a_small_copy(upload: Upload, manager: Client) -> None:
    assert f"{HOME}{upload.pk}/file/" in manager.get(f"{HOME}{upload.pk}/change/").content.decode()
    whole, small = (manager.get(f"{HOME}{upload.pk}/{name}/") for name in ("file", "thumbnail"))
    assert len(whole.getvalue()) == upload.bytes
    assert small["Content-Type"] == "image/webp"
    for answer in (whole, small):
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer["Content-Security-Policy"]
        assert answer["Cache-Control"].startswith("private, no-store")


def test_nobody_else_sees_either_and_nobody_changes_one(upload: Upload) -> None:
    viewer = signed_in(make_viewer("customizations.view_customizationtemplate"))
    for name in ("file", "thumbnail"):
        assert viewer.get(f"{HOME}{upload.pk}/{name}/").status_code == 403
        assert Client().get(f"{HOME}{upload.pk}/{name}/").status_code == 302
        assert signed_in().post(f"{HOME}{upload.pk}/{name}/").status_code == 405
    manager = signed_in()
    assert manager.post(f"{HOME}{upload.pk}/delete/", {"post": "yes"}).status_code == 403
    assert manager.post(f"{HOME}{upload.pk}/change/", {}).status_code == 403
    assert Upload.objects.count() == 1


def test_a_picture_that_is_gone_is_not_found(manager: Client) -> None:
    upload = make_upload(GUEST)
    for pk in (upload.pk, "00000000-0000-4000-8000-000000000000"):
        assert manager.get(f"{HOME}{pk}/file/").status_code == 404
        assert manager.get(f"{HOME}{pk}/thumbnail/").status_code == 404


def test_a_small_copy_waits_while_many_are_made(upload: Upload, manager: Client) -> None:
    with patch("fantasize.core.images.reencode", side_effect=UnavailableError("Busy.")):
        assert manager.get(f"{HOME}{upload.pk}/thumbnail/").status_code == 503
