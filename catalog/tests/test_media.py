"""Pictures and videos: clean, under names of ours, in order, and with their files together to the end."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import IO, Any, cast
from unittest.mock import patch

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.db import connection, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from catalog import caching
from catalog.enums import MediaKind, MediaState
from catalog.models import Category, Product, ProductMedia
from catalog.selectors.media import attach, media_of, target_of, with_image, with_media
from catalog.services import media
from catalog.tests.factories import make_product
from catalog.tests.media import add_image, add_video, content_of, opened, picture, stored
from fantasize.core import images
from fantasize.core.errors import ConflictError, InvalidError, NotFoundError, TooLargeError
from fantasize.core.tests.pictures import SECRET
from fantasize.core.tests.videos import mp4, webm

pytestmark = pytest.mark.django_db
# What goes after the commit goes after a commit.
committed = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _own_files(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def product() -> Product:
    return make_product()


@pytest.fixture
def category() -> Category:
    return Category.objects.create(name="Home", slug="home")


def order_of(product: Product) -> list[int]:
    return list(media_of(product).values_list("pk", flat=True))


# --- images ------------------------------------------------------------------------------------------


def test_an_image_is_kept_as_we_write_it_under_a_name_of_ours(product: Product) -> None:
    content = picture(comment=SECRET) + b"<?php system($_GET[0]);"
    row = media.add_image(target=product, content=content, alt="A lantern", actor="system")
    name = str(row.file)
    folder, two, file = name.split("/")
    assert (folder, two, file[32:]) == ("catalogue", file[:2], ".jpeg")
    assert stored() == {name}
    kept = content_of(name)
    assert SECRET not in kept
    assert b"php" not in kept
    assert (row.size, row.width, row.height, row.content_type) == (len(kept), 64, 32, "image/jpeg")
    assert (row.kind, row.state, row.alt, row.position) == (MediaKind.IMAGE, MediaState.PROCESSING, "A lantern", 0)
    assert target_of(row) == product
    assert opened(name).size == (64, 32)


@pytest.mark.parametrize("content", [b"", b"<svg onload=alert(1)>", picture()[:300], picture("gif")])
def test_what_is_no_image_leaves_nothing(product: Product, content: bytes) -> None:
    with pytest.raises(InvalidError) as caught:
        media.add_image(target=product, content=content, alt="", actor="system")
    assert caught.value.code == "image_refused"
    assert (ProductMedia.objects.count(), stored(), ProcrastinateJob.objects.count()) == (0, set(), 0)


def test_one_that_is_too_large_leaves_nothing(product: Product) -> None:
    file = ContentFile(picture() + bytes(images.MAX_BYTES), "large.jpeg")
    with pytest.raises(TooLargeError) as caught:
        media.add_file(target=product, file=file, alt="", actor="system")
    assert caught.value.code == "image_too_large"
    assert (ProductMedia.objects.count(), stored()) == (0, set())


def test_a_category_has_one_picture(category: Category, django_capture_on_commit_callbacks: Any) -> None:
    first = add_image(category)
    with django_capture_on_commit_callbacks(execute=True):
        second = add_image(category, kind="png")
    assert ProductMedia.objects.get() == second
    assert str(first.file) not in stored()
    assert str(second.file) in stored()


# --- videos ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("content", "kind"), [(mp4(), "mp4"), (webm(), "webm")])
def test_a_video_is_kept_as_it_is_under_a_name_of_ours(product: Product, content: bytes, kind: str) -> None:
    file = ContentFile(content, "../../evil.php")
    row = media.add_file(target=product, file=file, alt="", actor="system")
    assert stored() == {str(row.file)}
    assert str(row.file).endswith(f".{kind}")
    assert "evil" not in str(row.file)
    assert content_of(str(row.file)) == content
    assert (row.kind, row.state, row.content_type) == (MediaKind.VIDEO, MediaState.READY, f"video/{kind}")
    assert (row.size, row.renditions) == (len(content), [])
    assert ProcrastinateJob.objects.count() == 0


def test_one_that_came_by_way_of_the_disk_goes_there(product: Product, tmp_path: Any) -> None:
    with TemporaryUploadedFile("x.mp4", "text/html", 0, None) as file:
        file.write(mp4(data=bytes(5_000_000)))
        file.size = file.tell()
        file.seek(0)
        with patch.object(TemporaryUploadedFile, "read", side_effect=cast("IO[bytes]", file.file).read) as read:
            row = media.add_file(target=product, file=file, alt="", actor="system")
        assert max((call.args or (-1,))[0] for call in read.call_args_list) < 1_000_000
    assert default_storage.size(str(row.file)) == row.size > 5_000_000


@pytest.mark.parametrize("content", [b"<html>" + mp4(), mp4() + b"<html>", webm()[:-1], mp4(brand=b"qt  ")])
def test_what_is_no_video_leaves_nothing(product: Product, content: bytes) -> None:
    with pytest.raises(InvalidError):
        media.add_file(target=product, file=ContentFile(content, "film.mp4"), alt="", actor="system")
    assert (ProductMedia.objects.count(), stored()) == (0, set())


def test_a_category_has_no_video(category: Category) -> None:
    with pytest.raises(InvalidError):
        media.add_file(target=category, file=ContentFile(mp4()), alt="", actor="system")
    assert (ProductMedia.objects.count(), stored()) == (0, set())


# --- how many ----------------------------------------------------------------------------------------


def test_there_can_be_twenty(product: Product) -> None:
    for _ in range(media.MAX_MEDIA):
        add_video(product)
    with pytest.raises(ConflictError) as caught:
        add_video(product)
    assert caught.value.code == "too_many_media"
    assert len(stored()) == ProductMedia.objects.count() == media.MAX_MEDIA
    add_video(make_product())


def flood(product: Product) -> int:
    """How many of eight videos that come at once are taken, where there is room for two."""
    for _ in range(media.MAX_MEDIA - 2):
        add_video(product)
    start = threading.Barrier(8)

    def add(_: int) -> bool:
        start.wait(30)
        try:
            add_video(product)
        except ConflictError:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(8) as pool:
        return sum(pool.map(add, range(8)))


@committed
def test_of_many_at_once_as_many_are_taken_as_there_is_room_for(product: Product) -> None:
    assert flood(product) == 2
    assert ProductMedia.objects.count() == len(stored()) == media.MAX_MEDIA
    assert sorted(media_of(product).values_list("position", flat=True)) == list(range(media.MAX_MEDIA))


@committed
def test_without_the_lock_there_would_be_too_many(product: Product) -> None:
    """The control: everybody counts before anybody has added."""
    counted = threading.Barrier(8)
    room = media._make_room

    def slow(target: Any) -> int:
        position = room(target)
        if position >= media.MAX_MEDIA - 2:
            counted.wait(30)
        return position

    with patch.object(media, "_locked", side_effect=lambda target: target), patch.object(media, "_make_room", slow):
        assert flood(product) == 8


# --- in which order ----------------------------------------------------------------------------------


def test_media_are_brought_into_an_order(product: Product) -> None:
    a, b, c = (add_video(product) for _ in range(3))
    media.reorder(target=product, ids=[c.pk, a.pk, b.pk])
    assert order_of(product) == [c.pk, a.pk, b.pk]
    media.move(media=b, position=0)
    assert order_of(product) == [b.pk, c.pk, a.pk]
    media.change(media=b, position=1, alt="Middle")
    assert (order_of(product), b.position) == ([c.pk, b.pk, a.pk], 1)
    media.move(media=c, position=99)
    assert (order_of(product), c.position) == ([b.pk, a.pk, c.pk], 2)
    assert ProductMedia.objects.get(alt="Middle") == b
    d = add_video(product)
    assert order_of(product)[-1] == d.pk


@pytest.mark.parametrize("wrong", ["less", "twice", "foreign", "none"])
def test_an_order_names_all_of_them_once(product: Product, wrong: str) -> None:
    a, b = add_video(product), add_video(product)
    foreign = add_video(make_product())
    ids = {"less": [a.pk], "twice": [b.pk, a.pk, a.pk], "foreign": [foreign.pk, a.pk], "none": []}[wrong]
    with pytest.raises(ConflictError) as caught:
        media.reorder(target=product, ids=ids)
    assert caught.value.code == "media_changed"
    assert order_of(product) == [a.pk, b.pk]


# --- what goes ---------------------------------------------------------------------------------------


@committed
def test_row_and_files_go_together(product: Product) -> None:
    row, kept = add_image(product), add_image(product)
    names = {copy["file"] for copy in row.renditions} | {str(row.file)}
    assert names < stored()
    with transaction.atomic():
        media.remove(media=row, actor="system")
        assert names < stored()
    assert not names & stored()
    assert ProductMedia.objects.get() == kept
    media.remove(media=row, actor="system")


@committed
def test_what_is_not_removed_after_all_keeps_its_files(product: Product) -> None:
    row = add_image(product)
    before = stored()
    with transaction.atomic():
        media.remove(media=row, actor="system")
        transaction.set_rollback(True)
    assert (ProductMedia.objects.get(), stored()) == (row, before)


@committed
def test_what_is_deleted_takes_its_media_with_it(product: Product, category: Category) -> None:
    add_image(product), add_video(product), add_image(category)
    with transaction.atomic():
        media.forget([product, category])
        category.delete()
    assert (ProductMedia.objects.count(), stored()) == (0, set())


@committed
def test_a_file_whose_row_is_not_committed_goes(product: Product) -> None:
    with patch.object(media, "_enqueue", side_effect=ZeroDivisionError), pytest.raises(ZeroDivisionError):
        add_image(product)
    assert (ProductMedia.objects.count(), stored()) == (0, set())


@committed
def test_what_is_gone_is_not_changed(product: Product) -> None:
    row = add_video(product)
    media.remove(media=row, actor="system")
    attempts: tuple[Callable[[], None], ...] = (
        lambda: media.set_alt(media=row, alt="x"),
        lambda: media.move(media=row, position=0),
        lambda: media.change(media=row, alt="x"),
    )
    for attempt in attempts:
        with pytest.raises(NotFoundError):
            attempt()
    media.retry(media=row)
    gone = Product(pk=0)
    with pytest.raises(NotFoundError):
        add_video(gone)
    assert (stored(), ProductMedia.objects.count(), ProcrastinateJob.objects.count()) == (set(), 0, 0)


# --- what is read ------------------------------------------------------------------------------------


def test_things_come_with_what_can_be_shown_of_them(
    product: Product, category: Category, django_assert_num_queries: Any
) -> None:
    ready, film = add_image(product), add_video(product)
    add_image(product, is_ready=False)
    other, bare = make_product(), Category.objects.create(name="Bare", slug="bare")
    shown = add_image(category)
    with django_assert_num_queries(2):
        found = {row.pk: row for row in with_media(Product.objects.all())}
    assert (found[product.pk].ready_media, found[other.pk].ready_media) == ([ready, film], [])  # type: ignore[attr-defined]
    with django_assert_num_queries(2):
        places: Any = {row.pk: row for row in with_image(Category.objects.all())}
    assert (places[category.pk].ready_image, places[bare.pk].ready_image) == (shown, None)
    with django_assert_num_queries(1):
        attach([product, other])
        attach([product, other])
        attach([])
    assert product.ready_media == [ready, film]  # type: ignore[attr-defined]
    attach([category])
    assert category.ready_image == shown  # type: ignore[attr-defined]


def test_a_change_makes_cached_answers_stale(product: Product, django_capture_on_commit_callbacks: Any) -> None:
    row = add_video(product)
    with patch.object(caching.products, "invalidate_on_commit") as stale:
        deeds: tuple[Callable[[], object], ...] = (
            lambda: media.set_alt(media=row, alt="x"),
            lambda: media.reorder(target=product, ids=[row.pk]),
            lambda: media.remove(media=row, actor="system"),
            lambda: add_video(product),
        )
        for count, deed in enumerate(deeds, 1):
            deed()
            assert stale.call_count == count


def test_a_full_disk_leaves_no_row(product: Product) -> None:
    full = OSError("disk full")
    with patch.object(default_storage, "save", side_effect=full), pytest.raises(OSError, match="disk full"):
        add_video(product)
    assert ProductMedia.objects.count() == 0
