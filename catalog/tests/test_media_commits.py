"""Pictures and videos of things: many that come at once, and what goes when a transaction ends."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from catalog.models import Category, Product, ProductMedia
from catalog.selectors.media import media_of
from catalog.services import media
from catalog.tests.media import add_image, add_video, stored
from fantasize.core.errors import ConflictError, NotFoundError
from fantasize.tests.waiting import PATIENCE_SECONDS

# What goes after the commit goes after a commit.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("own_files")]


def flood(product: Product) -> int:
    """How many of eight videos that come at once are taken, where there is room for two."""
    for _ in range(media.MAX_MEDIA - 2):
        add_video(product)
    start = threading.Barrier(8)

    def add(_: int) -> bool:
        start.wait(PATIENCE_SECONDS)
        try:
            add_video(product)
        except ConflictError:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(8) as pool:
        return sum(pool.map(add, range(8)))


def test_of_many_at_once_as_many_are_taken_as_there_is_room_for(product: Product) -> None:
    assert flood(product) == 2
    assert ProductMedia.objects.count() == len(stored()) == media.MAX_MEDIA
    assert sorted(media_of(product).values_list("position", flat=True)) == list(range(media.MAX_MEDIA))


def test_without_the_lock_there_would_be_too_many(product: Product) -> None:
    """The control: everybody counts before anybody has added."""
    counted = threading.Barrier(8)
    room = media._make_room

    def slow(target: Any) -> int:
        position = room(target)
        if position >= media.MAX_MEDIA - 2:
            counted.wait(PATIENCE_SECONDS)
        return position

    with patch.object(media, "_locked", side_effect=lambda target: target), patch.object(media, "_make_room", slow):
        assert flood(product) == 8


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


def test_what_is_not_removed_after_all_keeps_its_files(product: Product) -> None:
    row = add_image(product)
    before = stored()
    with transaction.atomic():
        media.remove(media=row, actor="system")
        transaction.set_rollback(True)
    assert (ProductMedia.objects.get(), stored()) == (row, before)


def test_what_is_deleted_takes_its_media_with_it(product: Product, category: Category) -> None:
    add_image(product), add_video(product), add_image(category)
    with transaction.atomic():
        media.forget([product, category])
        category.delete()
    assert (ProductMedia.objects.count(), stored()) == (0, set())


def test_a_file_whose_row_is_not_committed_goes(product: Product) -> None:
    with patch.object(media, "_enqueue", side_effect=ZeroDivisionError), pytest.raises(ZeroDivisionError):
        add_image(product)
    assert (ProductMedia.objects.count(), stored()) == (0, set())


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
