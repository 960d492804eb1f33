"""Pictures behind everything: kept as long as a template or one of its versions names them."""

from datetime import timedelta
from unittest.mock import patch

import pytest
from django.db import connection, transaction
from django.test import TestCase
from django.test.utils import CaptureQueriesContext

from catalog.tests.races import at_once
from customizations import tasks
from customizations.models import Asset
from customizations.services import assets, templates
from customizations.tests.factories import CANVAS, make_schema, make_template
from customizations.tests.uploads import picture, stored
from fantasize.core import clock
from fantasize.core.errors import InvalidError

pytestmark = pytest.mark.django_db
WEEK = assets.UNUSED_KEPT


def collect(*, after: timedelta = WEEK + timedelta(hours=1)) -> int:
    with clock.frozen_at(clock.now() + after), TestCase.captureOnCommitCallbacks(execute=True):
        return tasks.collect_unused_backgrounds(timestamp=0)


def bring(size: int = 8) -> Asset:
    return assets.store(content=picture(size=(size, size)))


def document(asset: Asset) -> dict[str, object]:
    return make_schema(canvas={**CANVAS, "background": asset.pk})


def test_what_no_template_names_goes_after_a_week_file_and_all() -> None:
    asset = bring()
    assert collect(after=WEEK - timedelta(hours=1)) == 0
    assert stored("backgrounds") == {str(asset.file)}
    assert collect() == 1
    assert (Asset.objects.count(), stored("backgrounds")) == (0, set())


def test_what_a_draft_or_a_version_names_stays_however_old_it_is() -> None:
    drafted, sold, replaced = bring(8), bring(9), bring(10)
    draft = make_template(is_published=False, schema=document(replaced))
    published = make_template(schema=document(sold))
    for template, schema in ((draft, document(drafted)), (published, make_schema())):
        templates.update_template(template=template, changes={"schema": schema}, actor="system")
    assert collect(after=timedelta(days=1000)) == 1
    assert set(Asset.objects.all()) == {drafted, sold}
    assert stored("backgrounds") == {str(drafted.file), str(sold.file)}


def test_one_that_is_brought_again_is_as_good_as_new() -> None:
    asset = bring()
    with clock.frozen_at(clock.now() + timedelta(days=6)):
        assert bring() == asset
    assert collect() == 0
    assert stored("backgrounds") == {str(asset.file)}


@pytest.mark.django_db(transaction=True)
def test_one_that_a_template_is_being_saved_with_stays() -> None:
    asset = bring()
    with transaction.atomic():
        make_template(schema=document(asset))
        assert at_once(collect) == [0]
    assert collect() == 0
    assert Asset.objects.get() == asset


def test_it_is_looked_at_once_more_after_it_was_locked() -> None:
    """Somebody saves a template with it between the first look and the lock."""
    asset = bring()
    with patch.object(assets, "_is_named", side_effect=[False, True]) as looked:
        assert collect() == 0
    assert (looked.call_count, Asset.objects.get()) == (2, asset)


def test_a_template_cannot_be_saved_with_one_that_was_collected() -> None:
    asset = bring()
    collect()
    with pytest.raises(InvalidError) as refusal:
        make_template(schema=document(asset))
    assert [each.location for each in refusal.value.errors] == ["/schema/canvas/background"]


def test_whether_one_is_named_an_index_says() -> None:
    with CaptureQueriesContext(connection) as queries:
        assets._is_named("0" * 64)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        for query, index in zip(queries.captured_queries, ("template_schema", "template_version_schema"), strict=True):
            cursor.execute(f"EXPLAIN {query['sql']}")
            assert index in str(cursor.fetchall())
