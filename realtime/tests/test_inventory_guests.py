"""Who may follow how many there are, and what happens when Redis or the database is away."""

from unittest.mock import patch

import pytest
from django.db import OperationalError
from pytest_django import Settings

from catalog.tests.factories import make_product
from realtime.consumers import Limits, Relay, inventory
from realtime.consumers.database import in_database
from realtime.tests.client import connected, run
from realtime.tests.inventory import SOON, correct, quick, running, silently, update

pytestmark = pytest.mark.django_db(transaction=True)


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
