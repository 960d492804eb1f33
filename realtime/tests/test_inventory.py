"""How many there are, as sockets are told it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any
from unittest.mock import patch

import pytest
from django.db import OperationalError, transaction
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.models import User
from catalog.enums import MovementReason
from catalog.models import Product
from catalog.services import stock
from catalog.tests.factories import make_package, make_product
from orders.tests.factories import make_order
from realtime.consumers import Limits, Relay, inventory
from realtime.consumers.database import in_database
from realtime.consumers.inventory import Inventory
from realtime.protocol import Shelf
from realtime.selectors import Level, levels_of
from realtime.tests.client import connected, run

pytestmark = pytest.mark.django_db(transaction=True)

NEVER = 3600.0
SOON = 0.05


def quick(**seconds: float) -> Inventory:
    return Inventory(**{"gap_seconds": 0.0, "refresh_seconds": NEVER, **seconds})


@asynccontextmanager
async def running(shelves: Inventory | None = None) -> AsyncIterator[Relay]:
    """A relay that hears; its sweeps heal nothing."""
    async with Relay(sweep_seconds=NEVER, inventory=shelves or quick()).running() as relay:
        await relay.listening.wait()
        yield relay


def correct(product: Product, delta: int) -> None:
    stock.correct(product.stock_id, delta=delta, reason=MovementReason.CORRECTION, reference="", actor="user:1")


def update(product: Product, available: int, status: str) -> dict[str, Any]:
    data = {"product": product.pk, "available": available, "status": status}
    return {"event": "inventory_update", "data": data}


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


@pytest.mark.parametrize(
    "data", [None, "", "x", "1.5", "-1", "0", "٣", 1.5, True, [], {}, {"product": 1, "package": 1}, "9" * 17]
)
@pytest.mark.parametrize("event", ["track_inventory", "untrack_inventory"])
def test_what_names_nothing_is_refused(event: str, data: Any) -> None:
    async def scenario() -> None:
        async with connected(Relay()) as client:
            assert (await client.ask(event, data))["data"]["code"] == "invalid"

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


class TestGuests:
    """Who has not signed in stays as long as they look at something."""

    def test_a_guest_who_follows_something_may_stay(self) -> None:
        product = make_product()

        async def scenario() -> None:
            async with connected(Relay(), limits=Limits(sign_in_seconds=0.3)) as client:
                await client.ask("track_inventory", product.pk)
                assert await client.hears_nothing(0.5)
                await client.ask("untrack_inventory", product.pk)
                assert await client.hear_refusal() == ("too_late", 4408)

        run(scenario)

    def test_a_guest_who_finds_nothing_may_not(self) -> None:
        async def scenario() -> None:
            async with connected(Relay(), limits=Limits(sign_in_seconds=0.3)) as client:
                await client.ask("track_inventory", 10**15)
                assert await client.hear_refusal() == ("too_late", 4408)

        run(scenario)

    def test_the_deadline_of_who_has_signed_in_is_their_token_s(self, token: str) -> None:
        product = make_product()

        async def scenario() -> None:
            async with connected(Relay(), token=token, limits=Limits(sign_in_seconds=0.2)) as client:
                await client.ask("track_inventory", product.pk)
                await client.ask("untrack_inventory", product.pk)
                assert await client.hears_nothing(0.4)

        run(scenario)


class TestOutages:
    """A wake-up that is lost costs time, nothing else."""

    def test_without_redis_the_refresh_tells(self, settings: Settings) -> None:
        settings.CHANNEL_LAYERS = {
            "default": {
                "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
                "CONFIG": {"hosts": ["unix:///nowhere/redis.sock"]},
            },
        }
        product = make_product(stock=7)

        async def scenario() -> None:
            relay = Relay(inventory=quick(refresh_seconds=SOON))
            async with relay.running(), connected(relay) as client:
                await client.ask("track_inventory", product.pk)
                await in_database(correct, product, 1)
                assert await client.hear() == update(product, 8, "in_stock")

        run(scenario)

    def test_without_the_refresh_and_the_wake_up_nothing_comes(self) -> None:
        product = make_product(stock=7)

        async def scenario() -> None:
            async with running() as relay, connected(relay) as client:
                await client.ask("track_inventory", product.pk)
                await in_database(silently, product)
                assert await client.hears_nothing(0.3)

        run(scenario)

    def test_a_busy_shelf_keeps_no_other_from_being_refreshed(self) -> None:
        busy, quiet = make_product(stock=100), make_product(stock=7)

        async def scenario() -> None:
            async with running(quick(refresh_seconds=0.2)) as relay, connected(relay) as client:
                await client.ask("track_inventory", busy.pk)
                await client.ask("track_inventory", quiet.pk)
                await in_database(silently, quiet)
                told: set[int] = set()
                while quiet.pk not in told:
                    await in_database(correct, busy, 1)
                    told.add((await client.hear())["data"]["product"])

        run(scenario)

    def test_after_a_reconnect_everything_is_read_anew(self) -> None:
        product = make_product(stock=7)

        async def scenario() -> None:
            async with running() as relay, connected(relay) as client:
                await client.ask("track_inventory", product.pk)
                await in_database(silently, product)
                relay.inventory.look_again()
                assert await client.hear() == update(product, 8, "in_stock")

        run(scenario)

    @pytest.mark.parametrize("error", [OperationalError(), RuntimeError()])
    def test_a_database_that_is_away_is_said_and_survived(self, error: Exception) -> None:
        product = make_product(stock=7)

        async def scenario() -> None:
            async with running(quick(refresh_seconds=SOON)) as relay, connected(relay) as client:
                with patch.object(inventory, "levels_of", side_effect=error):
                    answer = await client.ask("track_inventory", product.pk)
                    assert answer["data"]["code"] == "unavailable"
                assert not relay.inventory._followers
                await client.ask("track_inventory", product.pk)
                with patch.object(inventory, "levels_of", side_effect=error) as read:
                    await in_database(correct, product, 1)
                    assert await client.hears_nothing(4 * SOON)
                    assert read.called
                assert await client.hear() == update(product, 8, "in_stock")

        run(scenario)


def silently(product: Product) -> None:
    """One piece more that nobody is told of."""
    with patch.object(stock, "give_notice"):
        correct(product, 1)


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
