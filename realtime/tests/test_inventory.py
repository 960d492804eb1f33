"""How many there are, as sockets are told it."""

import asyncio
from contextlib import AsyncExitStack
from typing import Any
from unittest.mock import patch

import pytest
from django.db import transaction

from accounts.models import User
from catalog.enums import MovementReason
from catalog.models import Product
from catalog.services import stock
from catalog.tests.factories import make_product
from orders.tests.factories import make_order
from realtime.consumers import Limits, Relay, inventory
from realtime.consumers.database import in_database
from realtime.protocol import Shelf
from realtime.selectors import levels_of
from realtime.tests.client import connected, run
from realtime.tests.inventory import SOON, correct, quick, running, update

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("spell", [str, int, lambda pk: {"product": pk}, lambda pk: {"product": str(pk)}])
def test_anybody_is_told_at_once_how_many_there_are(spell: Any) -> None:
    product = make_product(stock=7)

    async def scenario() -> None:
        async with connected(Relay()) as client:
            await client.say("track_inventory", spell(product.pk), id=4)
            assert await client.hear() == {**update(product, 7, "in_stock"), "id": 4}

    run(scenario)


def test_every_writer_of_stock_is_heard_of_and_only_changes_are_told() -> None:
    product, other = make_product(stock=7), make_product(stock=7)
    demand = {product.stock_id: 3}

    def atomically(work: Any, *args: Any, **kwargs: Any) -> None:
        with transaction.atomic():
            work(*args, **kwargs)

    async def scenario() -> None:
        async with running() as relay, connected(relay) as client:
            await client.ask("track_inventory", product.pk)
            await in_database(atomically, stock.hold, demand)
            assert await client.hear() == update(product, 4, "running_low")
            await in_database(correct, other, 5)
            await in_database(atomically, stock.consume, demand, reference="1", actor="system")
            await in_database(correct, product, -4)
            assert await client.hear() == update(product, 0, "out_of_stock")
            restock = {"reason": MovementReason.RETURN, "reference": "1", "actor": "system"}
            await in_database(atomically, stock.restock, demand, **restock)
            assert await client.hear() == update(product, 3, "running_low")
            await in_database(stock.set_low_mark, product.stock_id, low_stock_at=1)
            assert await client.hear() == update(product, 3, "in_stock")
            assert await client.hears_nothing()

    run(scenario)


def test_an_order_is_heard_of_and_one_that_fails_is_not() -> None:
    product = make_product(stock=7)

    def fail_to_order() -> None:
        with transaction.atomic():
            make_order(product=product)
            transaction.set_rollback(True)

    async def scenario() -> None:
        async with running() as relay, connected(relay) as client:
            await client.ask("track_inventory", product.pk)
            await in_database(fail_to_order)
            await in_database(make_order, product=product, quantity=2)
            assert await client.hear() == update(product, 5, "running_low")
            assert await client.hears_nothing()

    run(scenario)


def test_a_burst_is_a_few_updates_and_ends_with_the_last() -> None:
    product = make_product(stock=500)

    async def scenario() -> None:
        async with running(quick(gap_seconds=0.3)) as relay, connected(relay) as client:
            await client.ask("track_inventory", product.pk)
            for _ in range(30):
                await in_database(correct, product, -1)
            told = [(await client.hear())["data"]["available"]]
            while told[-1] != 470:
                told.append((await client.hear())["data"]["available"])
            assert told == sorted(told, reverse=True)
            assert len(told) < 15
            assert await client.hears_nothing(0.4)

    run(scenario)


def test_many_sockets_cost_one_reading() -> None:
    product, count = make_product(stock=9), 20

    async def scenario() -> None:
        async with running() as relay, AsyncExitStack() as stack:
            clients = [await stack.enter_async_context(connected(relay)) for _ in range(count)]
            await asyncio.gather(*(client.ask("track_inventory", product.pk) for client in clients))
            with patch.object(inventory, "levels_of", side_effect=levels_of) as read:
                await in_database(correct, product, 1)
                told = [await client.hear() for client in clients]
                assert await clients[0].hears_nothing()
            assert told == [update(product, 10, "in_stock")] * count
            assert read.call_count == 1

    run(scenario)


@pytest.mark.parametrize("missing", ["hidden", "absent", "package"])
def test_what_is_not_sold_is_not_found_and_the_socket_stays(missing: str) -> None:
    hidden = make_product(is_active=False)
    shelf = {"hidden": hidden.pk, "absent": 10**15, "package": {"package": hidden.pk}}[missing]

    async def scenario() -> None:
        relay = Relay()
        async with connected(relay) as client:
            answer = await client.ask("track_inventory", shelf)
            assert answer["data"] == {"code": "not_found", "title": "Not found", "detail": "Not found."}
            assert not relay.inventory._followers
            assert (await client.ask("ping"))["event"] == "pong"

    run(scenario)


NO_NAMES: list[Any] = [None, "", "x", "1.5", "-1", "0", "٣", 1.5, True, [], {}, {"product": 1, "package": 1}, "9" * 17]


@pytest.mark.parametrize("event", ["track_inventory", "untrack_inventory"])
def test_what_names_nothing_is_refused(event: str) -> None:
    async def scenario() -> None:
        async with connected(Relay()) as client:
            for data in NO_NAMES:
                assert (await client.ask(event, data))["data"]["code"] == "invalid", data

    run(scenario)


def test_a_product_that_is_taken_out_of_the_shop_is_sold_out_to_who_looks_at_it() -> None:
    product = make_product(stock=7)

    async def scenario() -> None:
        async with running(quick(refresh_seconds=SOON)) as relay, connected(relay) as client:
            await client.ask("track_inventory", product.pk)
            await in_database(Product.objects.filter(pk=product.pk).update, is_active=False)
            assert await client.hear() == update(product, 0, "out_of_stock")
            assert await client.hears_nothing(3 * SOON)
            await in_database(Product.objects.filter(pk=product.pk).update, is_active=True)
            assert await client.hear() == update(product, 7, "in_stock")

    run(scenario)


def test_it_is_followed_no_longer_when_asked() -> None:
    product = make_product(stock=7)

    async def scenario() -> None:
        async with running() as relay, connected(relay) as client:
            await client.ask("track_inventory", product.pk)
            for _ in range(2):
                answer = await client.ask("untrack_inventory", str(product.pk))
                assert answer == {"event": "untracked", "data": {"product": product.pk}}
            await in_database(correct, product, 1)
            assert await client.hears_nothing(0.3)
            assert not relay.inventory._followers
            assert not relay.inventory._levels

    run(scenario)


def test_nothing_is_kept_of_a_socket_that_is_gone() -> None:
    product = make_product(stock=7)

    async def scenario() -> None:
        async with running() as relay, connected(relay) as staying:
            async with connected(relay) as leaving:
                for client in (staying, leaving):
                    await client.ask("track_inventory", product.pk)
            assert len(relay.inventory._followers[Shelf("product", product.pk)]) == 1
            await in_database(correct, product, 1)
            assert await staying.hear() == update(product, 8, "in_stock")
        assert not relay.inventory._followers

    run(scenario)


def test_one_socket_follows_a_bounded_number() -> None:
    products = [make_product() for _ in range(3)]

    async def scenario() -> None:
        async with connected(Relay(), limits=Limits(shelves=2)) as client:
            for product in products[:2]:
                assert (await client.ask("track_inventory", product.pk))["event"] == "inventory_update"
            assert (await client.ask("track_inventory", products[2].pk))["data"]["code"] == "too_many_products"
            assert (await client.ask("track_inventory", products[0].pk))["event"] == "inventory_update"
            await client.ask("untrack_inventory", products[0].pk)
            assert (await client.ask("track_inventory", products[2].pk))["event"] == "inventory_update"

    run(scenario)


def test_signing_in_changes_nothing_about_what_is_followed(shopper: User, token: str) -> None:
    product = make_product(stock=7)

    async def scenario() -> None:
        async with running() as relay, connected(relay) as client:
            await client.ask("track_inventory", product.pk)
            assert (await client.ask("authenticate", token))["event"] == "authenticated"
            order = await in_database(make_order, user=shopper, product=product)
            assert await client.hear() == update(product, 6, "in_stock")
            assert (await client.ask("track_order", str(order.pk)))["event"] == "tracking"

    run(scenario)
