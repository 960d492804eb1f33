"""Worlds that are built once for a file: nobody sees what another test did to them."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest
from pytest_django import DjangoDbBlocker

from catalog.models import Product
from catalog.tests.factories import make_product
from fantasize.tests.standing import Standing

pytestmark = pytest.mark.django_db
built_so_far: list[int] = []


def build() -> dict[str, Product]:
    product = make_product(name="Lamp")
    built_so_far.append(product.pk)
    return {"lamp": product}


@pytest.fixture(scope="module")
def built(standing: Standing) -> Callable[[], dict[str, Product]]:
    return standing(build)


@pytest.mark.parametrize("_", range(2))
def test_every_test_finds_it_as_it_was_built(built: Callable[[], dict[str, Product]], _: int) -> None:
    world = built()
    lamp = world["lamp"]
    assert (lamp.name, Product.objects.get().name, built_so_far) == ("Lamp", "Lamp", [lamp.pk])
    lamp.name = "Broken"
    lamp.save()
    make_product()
    world.clear()


@pytest.mark.parametrize(
    ("transaction", "fixture"), [(True, "db"), (False, "transactional_db"), (False, "live_server")]
)
def test_whoever_commits_cannot_have_one(transaction: bool, fixture: str, django_db_blocker: DjangoDbBlocker) -> None:  # noqa: FBT001 - a parameter
    marks = [pytest.mark.django_db(transaction=transaction).mark]
    test: Any = SimpleNamespace(iter_markers=lambda _: marks, fixturenames=(fixture,))
    with pytest.raises(ValueError, match="commits"):
        Standing(django_db_blocker).begin([cast("pytest.Item", test)])
