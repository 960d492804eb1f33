"""Things of one name that are made at the same moment: each gets a slug of its own."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError

from catalog.models import Brand
from catalog.services import naming, taxonomy
from catalog.tests.factories import make_package, make_product
from catalog.tests.races import at_once
from fantasize.tests.waiting import PATIENCE_SECONDS

pytestmark = pytest.mark.django_db(transaction=True)
TOGETHER = 4


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda: make_product(name="Twin"), id="product"),
        pytest.param(lambda: make_package(name="Twin"), id="package"),
        pytest.param(lambda: taxonomy.create_category(values={"name": "Twin"}), id="category"),
    ],
)
def test_each_gets_its_own(make: Callable[[], Any]) -> None:
    made = at_once(*[make] * TOGETHER)
    assert [row for row in made if isinstance(row, Exception)] == []
    assert {row.slug for row in made} == {"twin", "twin-2", "twin-3", "twin-4"}


def test_also_where_only_the_slug_is_alike() -> None:
    names = ("Twin", "twin!", "TWIN", "Twin.")
    made = at_once(*(lambda name=name: taxonomy.create_label(model=Brand, values={"name": name}) for name in names))
    assert [row for row in made if isinstance(row, Exception)] == []
    assert len({row.slug for row in made}) == TOGETHER


def test_without_taking_turns_all_but_one_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: all find the same slug free."""
    free, meet = naming.free_slugs, threading.Barrier(TOGETHER)

    def free_together(*args: Any) -> list[str]:
        found = free(*args)
        meet.wait(PATIENCE_SECONDS)
        return found

    monkeypatch.setattr(naming, "take_turns", lambda *_: None)
    monkeypatch.setattr(naming, "free_slugs", free_together)
    made = at_once(*[lambda: make_product(name="Twin")] * TOGETHER)
    assert sum(isinstance(row, IntegrityError) for row in made) == TOGETHER - 1
