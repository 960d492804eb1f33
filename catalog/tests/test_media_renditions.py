"""Smaller copies: never larger, always the same, and nothing left over however often the work is begun."""

from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from procrastinate.contrib.django import app as queue
from procrastinate.contrib.django.models import ProcrastinateJob

from catalog.enums import MediaState
from catalog.models import Product, ProductMedia
from catalog.services import media, media_files, renditions
from catalog.tasks.media import collect_orphans, prepare_media, resume_media
from catalog.tests.media import add_image, add_video, content_of, opened, stored
from fantasize.core import clock, images
from fantasize.core.errors import InvalidError, UnavailableError

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_files")]
committed = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    ("size", "copies"),
    [
        ((2400, 1200), [("thumb", 160, 80), ("card", 480, 240), ("full", 1200, 600)]),
        ((300, 600), [("thumb", 80, 160), ("card", 240, 480), ("full", 300, 600)]),
        ((300, 200), [("thumb", 160, 107), ("card", 300, 200), ("full", 300, 200)]),
        ((160, 90), [("thumb", 160, 90), ("card", 160, 90), ("full", 160, 90)]),
        ((1, 1), [("thumb", 1, 1), ("card", 1, 1), ("full", 1, 1)]),
    ],
)
def test_copies_are_made_and_none_is_larger_than_the_picture(
    product: Product, size: tuple[int, int], copies: list[tuple[str, int, int]]
) -> None:
    row = add_image(product, size=size)
    assert row.state == MediaState.READY
    assert [(copy["name"], copy["width"], copy["height"]) for copy in row.renditions] == copies
    for copy in row.renditions:
        image = opened(copy["file"])
        assert (image.format, image.size) == ("WEBP", (copy["width"], copy["height"]))
    files = {copy["file"] for copy in row.renditions}
    assert len(files) == len({(width, height) for _, width, height in copies})
    assert stored() == {str(row.file), *files}


def test_the_worker_is_asked_in_the_same_transaction(product: Product) -> None:
    row = add_image(product, is_ready=False)
    job = ProcrastinateJob.objects.get()
    assert (job.task_name, job.args, job.lock) == (
        "catalog.tasks.prepare_media",
        {"media_id": row.pk},
        f"media:{row.pk}",
    )
    prepare_media(**job.args)
    row.refresh_from_db()
    assert row.state == MediaState.READY


def test_doing_it_again_changes_nothing(product: Product) -> None:
    row = add_image(product, size=(600, 400))
    before = {name: content_of(name) for name in stored()}
    renditions.prepare(media_id=row.pk)
    ProductMedia.objects.update(state=MediaState.PROCESSING)
    renditions.prepare(media_id=row.pk)
    again = ProductMedia.objects.get()
    assert (again.state, again.renditions) == (MediaState.READY, row.renditions)
    assert {name: content_of(name) for name in stored()} == before


class Killed(BaseException):
    """As if the process had ended there."""


@pytest.mark.parametrize("moment", [0, 1, 2, 3, 4])
def test_killed_at_any_moment_it_is_repeated_without_a_trace(product: Product, moment: int) -> None:
    row = add_image(product, size=(1300, 900), is_ready=False)
    save, steps = renditions._write, iter(range(5))

    def dying(name: str, content: bytes) -> str:
        if next(steps) == moment:
            raise Killed
        return save(name, content)

    finish = Killed() if moment >= 3 else None
    with (
        patch.object(renditions, "_write", dying),
        patch.object(renditions, "_finish", side_effect=finish),
        pytest.raises(Killed),
    ):
        renditions.prepare(media_id=row.pk)
    assert ProductMedia.objects.get().state == MediaState.PROCESSING
    assert media_files.count_missing() == 0
    renditions.prepare(media_id=row.pk)
    done = ProductMedia.objects.get()
    assert done.state == MediaState.READY
    assert stored() == {str(done.file), *(copy["file"] for copy in done.renditions)}
    assert len(stored()) == 4


@committed
def test_killed_and_then_removed_it_leaves_nothing(product: Product) -> None:
    row = add_image(product, size=(1300, 900), is_ready=False)
    with patch.object(renditions, "_finish", side_effect=Killed), pytest.raises(Killed):
        renditions.prepare(media_id=row.pk)
    assert len(stored()) == 4
    media.remove(media=row, actor="system")
    assert stored() == set()


@committed
def test_one_removed_while_it_is_prepared_leaves_nothing(product: Product) -> None:
    row = add_image(product, is_ready=False)
    make = renditions._make_copies

    def slow(which: ProductMedia) -> Any:
        copies = make(which)
        media.remove(media=row, actor="system")
        for copy in copies:
            renditions._write(copy["file"], b"late")
        return copies

    with patch.object(renditions, "_make_copies", slow):
        renditions.prepare(media_id=row.pk)
    assert (ProductMedia.objects.count(), stored()) == (0, set())


def test_nothing_to_do_is_done_quietly(product: Product) -> None:
    renditions.prepare(media_id=0)
    film = add_video(product)
    with patch.object(images, "reencode", side_effect=AssertionError):
        renditions.prepare(media_id=film.pk)


@pytest.mark.parametrize("is_final", [True, False])
def test_a_failure_is_seen_and_can_be_tried_again(product: Product, is_final: bool) -> None:  # noqa: FBT001
    row = add_image(product, is_ready=False)
    error = InvalidError("Too much.", code="image_refused") if is_final else OSError("disk full")
    with patch.object(images, "reencode", side_effect=error):
        if is_final:
            renditions.prepare(media_id=row.pk)
        else:
            with pytest.raises(OSError, match="disk full"):
                renditions.prepare(media_id=row.pk)
    assert ProductMedia.objects.get().state == MediaState.FAILED
    jobs = ProcrastinateJob.objects.count()
    media.retry(media=row)
    media.retry(media=row)
    assert ProductMedia.objects.get().state == MediaState.PROCESSING
    assert ProcrastinateJob.objects.count() == jobs + 1
    renditions.prepare(media_id=row.pk)
    assert ProductMedia.objects.get().state == MediaState.READY


def test_a_picture_without_its_file_has_failed(product: Product) -> None:
    row = add_image(product, is_ready=False)
    default_storage.delete(str(row.file))
    renditions.prepare(media_id=row.pk)
    assert ProductMedia.objects.get().state == MediaState.FAILED


def test_waiting_for_others_is_no_failure(product: Product) -> None:
    row = add_image(product, is_ready=False)
    with patch.object(images, "reencode", side_effect=UnavailableError), pytest.raises(UnavailableError):
        renditions.prepare(media_id=row.pk)
    assert ProductMedia.objects.get().state == MediaState.PROCESSING


def test_a_late_failure_takes_nothing_back(product: Product) -> None:
    row = add_image(product)
    renditions._fail(row, OSError())
    assert ProductMedia.objects.get().state == MediaState.READY


def test_a_name_that_is_taken_after_all_is_no_trouble(product: Product) -> None:
    """Two attempts at once: the storage gives the later one another name, and the row keeps that."""
    row = add_image(product, is_ready=False)
    with patch.object(default_storage, "delete"):
        for copies in (renditions._make_copies(row), renditions._make_copies(row)):
            renditions._finish(row, copies)
    ready = ProductMedia.objects.get()
    assert media_files.count_missing() == 0
    assert {copy["file"] for copy in ready.renditions} < stored()


def test_what_is_nobodys_is_collected_every_hour() -> None:
    assert collect_orphans(0) == 0
    [tick] = [it for it in queue.periodic_registry.periodic_tasks.values() if it.task is collect_orphans]
    assert tick.cron == "27 * * * *"


def test_a_picture_whose_job_was_lost_is_prepared_later(product: Product) -> None:
    lost, late = (add_image(product, is_ready=False) for _ in range(2))
    add_image(product)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
    with clock.frozen_at(lost.created_at + media.LOST_AFTER):
        assert resume_media(0) == 0
    ProductMedia.objects.filter(pk=late.pk).update(created_at=lost.created_at + media.LOST_AFTER)
    with clock.frozen_at(lost.created_at + media.LOST_AFTER + timedelta(seconds=1)):
        assert resume_media(0) == 1
    assert [job.args for job in ProcrastinateJob.objects.all()] == [{"media_id": lost.pk}]
