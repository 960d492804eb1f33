"""Keeping the search up to date."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from procrastinate.contrib.django.models import ProcrastinateJob

from catalog.models import Product, SearchWord
from catalog.search import vocabulary
from catalog.search.port import Filters
from catalog.selectors.search import find
from catalog.services import search
from catalog.tasks import search as tasks
from catalog.tests.factories import make_package, make_product

pytestmark = pytest.mark.django_db


def test_everything_is_rebuilt_with_progress() -> None:
    lantern = make_product(name="Oak lantern")
    make_package(lantern, name="Box")
    Product.objects.update(search=None)
    assert find("oak", Filters()).total == 1  # the package, by its part
    said = StringIO()
    call_command("rebuild_search", stdout=said)
    assert find("oak", Filters()).total == 2
    assert "2 rows" in said.getvalue()
    assert set(SearchWord.objects.values_list("word", flat=True)) == {"oak", "lantern", "box"}


def test_very_many_rows_go_in_batches(monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any) -> None:
    monkeypatch.setattr(search, "_BATCH", 2)
    products = [make_product(name=f"Lantern {number}") for number in range(5)]
    Product.objects.update(search=None)
    with django_assert_num_queries(6 + 2):  # a savepoint, and of each batch its documents and the packages it is in
        search.refresh(products=[product.pk for product in products])
    assert find("lantern", Filters()).total == 5


def test_when_many_rows_change_their_words_are_counted_by_one_job(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    monkeypatch.setattr(search, "_MANY", 1)
    with django_capture_on_commit_callbacks(execute=True):
        make_product(name="Oak lantern")
        make_product(name="Pine lantern")
    assert ProcrastinateJob.objects.filter(task_name=search.COUNT_TASK).count() == 1
    assert not SearchWord.objects.exists()
    assert tasks.count_words() == 3
    assert SearchWord.objects.get(word="lantern").frequency == 2


def test_words_that_cannot_be_learnt_are_logged_and_fail_nobody(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, django_capture_on_commit_callbacks: Any
) -> None:
    def fail(_names: object) -> None:
        raise OSError

    monkeypatch.setattr(vocabulary, "learn", fail)
    with django_capture_on_commit_callbacks(execute=True):
        product = make_product(name="Oak lantern")
    assert Product.objects.filter(pk=product.pk).exists()
    assert [record.exc_info[0] for record in caplog.records if record.exc_info] == [OSError]


def test_nothing_to_refresh_is_nothing_to_do() -> None:
    search.refresh()
    search.refresh(products=[0], packages=[0])
    assert find("lantern", Filters()).total == 0
