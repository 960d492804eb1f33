"""Pictures of people: clean, under names nobody can guess, and gone when they go."""

import io
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from unittest.mock import patch

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from PIL import Image

from accounts.models import User
from accounts.services import avatars, erasure
from accounts.tests.factories import make_user
from accounts.tests.stand_in import StandIn
from fantasize.core import images
from fantasize.core.errors import InvalidError
from fantasize.tests.waiting import PATIENCE_SECONDS

pytestmark = pytest.mark.django_db
# What goes after the commit goes after a commit.
committed = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def picture(colour: str = "red", size: tuple[int, int] = (800, 600)) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, "JPEG", comment=b"taken at home")
    return file.getvalue()


def files() -> list[str]:
    return default_storage.listdir("avatars")[1] if default_storage.exists("avatars") else []


def test_a_picture_becomes_a_clean_square_under_a_random_name() -> None:
    user = make_user()
    avatars.set_avatar(user=user, content=picture())
    row = User.objects.get()
    assert row.avatar.name == user.avatar.name
    assert row.avatar.name.removeprefix("avatars/") in files()
    assert str(user.pk) not in row.avatar.name
    with row.avatar.open() as file:
        stored = file.read()
    assert b"taken at home" not in stored
    with Image.open(io.BytesIO(stored)) as image:
        assert (image.format, image.size) == ("WEBP", (512, 512))


@committed
def test_another_picture_takes_the_place_of_the_one_before() -> None:
    user = make_user()
    avatars.set_avatar(user=user, content=picture("red"))
    first = user.avatar.name
    avatars.set_avatar(user=user, content=picture("blue"))
    assert user.avatar.name != first
    assert files() == [str(user.avatar.name).removeprefix("avatars/")]


@committed
def test_removing_it_leaves_nothing() -> None:
    user = make_user()
    avatars.set_avatar(user=user, content=picture())
    for _ in range(2):
        avatars.remove_avatar(user=user)
        assert User.objects.get().avatar.name == ""
        assert files() == []


@pytest.mark.parametrize("content", [b"", b"<svg onload=alert(1)>", picture()[:400]])
def test_what_is_no_picture_changes_nothing(content: bytes) -> None:
    user = make_user()
    avatars.set_avatar(user=user, content=picture())
    before = user.avatar.name
    with pytest.raises(InvalidError):
        avatars.set_avatar(user=user, content=content)
    assert User.objects.get().avatar.name == before
    assert len(files()) == 1


def test_whoever_was_erased_meanwhile_gets_no_picture() -> None:
    user = make_user()
    erasure.erase(user=user)
    avatars.set_avatar(user=user, content=picture())
    assert User.objects.get().avatar.name == ""
    assert files() == []


@committed
def test_ten_pictures_at_once_leave_one_file() -> None:
    user, start = make_user(), threading.Barrier(10)

    def upload(_: int) -> None:
        start.wait(PATIENCE_SECONDS)
        try:
            avatars.set_avatar(user=User.objects.get(pk=user.pk), content=b"")
        finally:
            connection.close()

    decoded = images.Picture(b"RIFF", "webp", 1, 1, "")
    with patch.object(images, "reencode", return_value=decoded), ThreadPoolExecutor(10) as pool:
        list(pool.map(upload, range(10)))
    assert files() == [User.objects.get().avatar.name.removeprefix("avatars/")]


def test_a_providers_picture_is_fetched(provider: StandIn) -> None:
    user = make_user()
    assert avatars.import_avatar(user=user, url=f"{provider.url}/picture.png")
    assert provider.calls == ["/picture.png"]
    assert User.objects.get().avatar.name.endswith(".webp")


def test_a_picture_of_ones_own_stays(provider: StandIn) -> None:
    user = make_user()
    avatars.set_avatar(user=user, content=picture())
    assert not avatars.import_avatar(user=user, url=f"{provider.url}/picture.png")
    assert provider.calls == []
    assert User.objects.get().avatar.name == user.avatar.name


@committed
def test_a_picture_chosen_while_the_providers_was_under_way_stays(provider: StandIn) -> None:
    user, provider.delay = make_user(), 20
    with ThreadPoolExecutor(1) as pool:

        def fetch() -> bool:
            try:
                return avatars.import_avatar(user=User.objects.get(), url=f"{provider.url}/picture.png")
            finally:
                connection.close()

        fetching = pool.submit(fetch)
        while not provider.calls:
            assert not fetching.done()
        avatars.set_avatar(user=user, content=picture())
        provider.released.set()
        assert not fetching.result(PATIENCE_SECONDS)
    assert User.objects.get().avatar.name == user.avatar.name
    assert len(files()) == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data",
        "https://127.0.0.1/x.png",
        "file:///etc/passwd",
        "https://[::1]/",
        "gopher://x",
        "",
        "https://\N{SNOWMAN}",
    ],
)
def test_a_picture_that_lies_inside_is_not_fetched(url: str) -> None:
    user = make_user()
    assert not avatars.import_avatar(user=user, url=url)
    assert User.objects.get().avatar.name == ""


def test_a_providers_page_is_no_picture(provider: StandIn) -> None:
    user = make_user()
    assert not avatars.import_avatar(user=user, url=f"{provider.url}/certs")
    assert files() == []
