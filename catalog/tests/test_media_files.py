"""Rows and files: faults that are planted are counted, and what is nobody's is collected."""

import os
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from catalog.models import Product, ProductMedia
from catalog.services import media_files
from catalog.tests.media import add_image, add_video, stored
from fantasize.core import clock, invariants

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_files")]
_MISSING, _ORPHANS = "media.rows_have_their_files", "media.files_have_their_rows"


def found() -> tuple[int, int]:
    """What ``verify_invariants`` counts."""
    violations = invariants.violations()
    return violations[_MISSING], violations[_ORPHANS]


def age(hours: float) -> None:
    """Make every file so old."""
    moment = (clock.now() - timedelta(hours=hours)).timestamp()
    for name in stored():
        os.utime(default_storage.path(name), (moment, moment))


def test_a_shop_without_media_is_well() -> None:
    assert found() == (0, 0)
    assert media_files.collect_orphans() == 0


def test_rows_and_files_that_are_together_are_well(product: Product) -> None:
    add_image(product), add_image(product, is_ready=False), add_video(product)
    age(hours=30)
    before = stored()
    assert found() == (0, 0)
    assert media_files.collect_orphans() == 0
    assert stored() == before


@pytest.mark.parametrize("which", ["original", "copy"])
def test_a_row_without_its_file_is_counted(product: Product, which: str) -> None:
    row = add_image(product)
    add_video(product)
    default_storage.delete(str(row.file) if which == "original" else row.renditions[0]["file"])
    assert found() == (1, 0)


def test_a_file_without_its_row_is_counted_and_collected(product: Product) -> None:
    kept, lost = add_image(product), add_image(product)
    ProductMedia.objects.filter(pk=lost.pk).delete()
    default_storage.save("catalogue/ab/nobodys.php", ContentFile(b"x"))
    default_storage.save("avatars/mine.webp", ContentFile(b"x"))
    assert found() == (0, 0)
    age(hours=3)
    assert found() == (0, 3)
    assert media_files.collect_orphans() == 3
    assert found() == (0, 0)
    assert stored() == {str(kept.file), *(copy["file"] for copy in kept.renditions)}
    assert default_storage.exists("avatars/mine.webp")


def test_half_finished_copies_belong_to_their_row(product: Product) -> None:
    row = add_image(product)
    ProductMedia.objects.filter(pk=row.pk).update(renditions=[])
    age(hours=3)
    assert found() == (0, 0)


def test_a_young_file_may_belong_to_a_row_to_come() -> None:
    default_storage.save("catalogue/ab/new.webp", ContentFile(b"x"))
    assert media_files.collect_orphans() == 0
    with clock.frozen_at(clock.now() + timedelta(hours=3)):
        assert media_files.collect_orphans() == 1
