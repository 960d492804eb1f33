"""How levels are read: what changes meanwhile, packages, and how many queries it takes."""

import asyncio
from typing import Any
from unittest.mock import patch

import pytest
from pytest_django import DjangoAssertNumQueries

from catalog.tests.factories import make_package, make_product
from orders.tests.factories import make_order
from realtime.consumers import inventory
from realtime.consumers.database import in_database
from realtime.protocol import Shelf
from realtime.selectors import Level, levels_of
from realtime.tests.client import connected, run
from realtime.tests.inventory import correct, quick, running

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_change_behind_the_snapshot_is_seen() -> None:
    product = make_product(stock=7)

    def overtaken(shelves: Any) -> dict[Shelf, Level]:
        levels = levels_of(shelves)
        with patch.object(inventory, "levels_of", levels_of):
            correct(product, 1)
        return levels

    async def scenario() -> None:
        async with running() as relay, connected(relay) as client:
            with patch.object(inventory, "levels_of", side_effect=[None]) as read:
                read.side_effect = overtaken
                first = (await client.ask("track_inventory", product.pk))["data"]["available"]
                assert first == 7
                read.side_effect = levels_of
                assert (await client.hear())["data"]["available"] == 8

    run(scenario)


def test_a_question_that_is_given_up_leaves_the_others_their_answers() -> None:
    product = make_product(stock=7)
    shelf = Shelf("product", product.pk)

    async def scenario() -> None:
        shelves = quick()
        async with shelves._reading:
            impatient = asyncio.create_task(shelves.ask(shelf))
            patient = asyncio.create_task(shelves.ask(shelf))
            await asyncio.sleep(0)
            impatient.cancel()
        level = await patient
        assert level is not None
        assert level.available == 7

    run(scenario)


@pytest.mark.parametrize("count", [1, 3])
def test_many_levels_cost_as_many_queries_as_one(count: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    shelves = [Shelf("product", make_product().pk) for _ in range(count)]
    with django_assert_num_queries(1):
        assert len(levels_of(shelves)) == count
    with django_assert_num_queries(0):
        assert levels_of([]) == {}


def test_a_package_is_told_of_when_a_part_of_it_is_sold() -> None:
    scarce, plenty = make_product(stock=7), make_product(stock=90)
    package = make_package((scarce, 2), plenty)

    def told(available: int, status: str) -> dict[str, Any]:
        data = {"package": package.pk, "available": available, "status": status}
        return {"event": "inventory_update", "data": data}

    async def scenario() -> None:
        async with running() as relay, connected(relay) as client:
            assert await client.ask("track_inventory", {"package": package.pk}) == told(3, "in_stock")
            await in_database(make_order, product=plenty)
            await in_database(make_order, product=scarce, quantity=2)
            assert await client.hear() == told(2, "running_low")
            await in_database(make_order, product=scarce, quantity=4)
            assert await client.hear() == told(0, "out_of_stock")
            answer = await client.ask("untrack_inventory", {"package": package.pk})
            assert answer == {"event": "untracked", "data": {"package": package.pk}}

    run(scenario)


@pytest.mark.parametrize("count", [1, 3])
def test_many_packages_cost_as_many_queries_as_one(
    count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    shelves = [Shelf("package", make_package().pk) for _ in range(count)]
    with django_assert_num_queries(2):
        assert {level.available for level in levels_of(shelves).values()} == {10}
