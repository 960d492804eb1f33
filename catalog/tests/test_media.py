"""Pictures and videos: clean, under names of ours, in order, and with their files together to the end."""

from collections.abc import Callable
from typing import IO, Any, cast
from unittest.mock import patch

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import TemporaryUploadedFile
from procrastinate.contrib.django.models import ProcrastinateJob

from catalog import caching
from catalog.enums import MediaKind, MediaState
from catalog.models import Category, Product, ProductMedia
from catalog.selectors.media import Medium, attach, media_of, target_of, with_image, with_media
from catalog.services import media
from catalog.tests.factories import make_product
from catalog.tests.media import add_image, add_video, content_of, opened, picture, stored
from fantasize.core import images
from fantasize.core.errors import ConflictError, InvalidError, TooLargeError
from fantasize.core.tests.pictures import SECRET
from fantasize.core.tests.videos import mp4, webm

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_files")]


def as_listed(row: ProductMedia) -> Medium:
    return Medium(row.pk, row.kind, str(row.file), row.alt, row.width, row.height, row.renditions)


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
    assert product.ready_media == [as_listed(ready), as_listed(film)]  # type: ignore[attr-defined]
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
