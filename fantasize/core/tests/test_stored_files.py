"""Rows and files that belong together: what is missing, and what is nobody's."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from fantasize.core import clock, stored_files

FOLDER = "things"
LATER = timedelta(hours=3)


def store(name: str) -> str:
    return default_storage.save(f"{FOLDER}/ab/{name}", ContentFile(b"x"))


def test_an_empty_shop_misses_nothing() -> None:
    assert stored_files.count_missing(FOLDER, list) == 0
    assert stored_files.count_orphans(FOLDER, list) == 0
    assert stored_files.collect_orphans(FOLDER, list) == 0


def test_files_that_rows_name_and_that_are_not_there_are_counted() -> None:
    kept = store("kept.png")
    assert stored_files.count_missing(FOLDER, lambda: [kept]) == 0
    assert stored_files.count_missing(FOLDER, lambda: [kept, f"{FOLDER}/ab/gone.png"]) == 1


def test_a_row_that_goes_while_files_are_read_misses_nothing() -> None:
    answers = iter([[f"{FOLDER}/ab/gone.png"], []])

    def names() -> Iterable[str]:
        return next(answers)

    assert stored_files.count_missing(FOLDER, names) == 0


def test_a_file_that_comes_while_rows_are_read_is_not_missing() -> None:
    def names() -> Iterable[str]:
        return [f"{FOLDER}/ab/late.png"] if default_storage.exists(f"{FOLDER}/ab/late.png") else [store("late.png")]

    assert stored_files.count_missing(FOLDER, names) == 0


def test_what_nobody_names_is_collected_once_it_cannot_be_somebodys_any_more() -> None:
    kept, orphan = store("kept.png"), store("orphan.png")
    rows: Any = lambda: [kept]  # noqa: E731 - rows as they are
    assert stored_files.count_orphans(FOLDER, rows) == 0
    assert stored_files.collect_orphans(FOLDER, rows) == 0
    assert default_storage.exists(orphan)
    with clock.frozen_at(clock.now() + LATER):
        assert stored_files.count_orphans(FOLDER, rows) == 1
        assert stored_files.collect_orphans(FOLDER, rows) == 1
        assert stored_files.count_orphans(FOLDER, rows) == 0
    assert default_storage.exists(kept)
    assert not default_storage.exists(orphan)


@pytest.fixture(autouse=True)
def _own_files(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
