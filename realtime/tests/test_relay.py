"""What wakes sockets, what heals them and what ends them."""

import asyncio
import threading
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.db import OperationalError, connection
from pytest_django import Settings

from accounts.models import Session, User
from accounts.tests.factories import make_user
from accounts.tokens import issue_access
from fantasize.core import clock
from fantasize.embedded.redis import ensure_redis
from fantasize.tests.waiting import PATIENCE_SECONDS
from orders.enums import OrderStatus
from orders.models import Order
from orders.tests.factories import make_order
from realtime.consumers import Limits, Relay, relay
from realtime.consumers.database import MOST_THREADS, THREADS, in_database
from realtime.tests.client import STEPS, connected, move, open_session, run, token_of
from realtime.tests.redis_servers import kill_redis

pytestmark = pytest.mark.django_db(transaction=True)

NEVER = 3600.0
SOON = 0.05


def test_a_wake_up_brings_the_event_without_any_sweep(token: str, order: Order) -> None:

    async def scenario() -> None:
        async with Relay(sweep_seconds=NEVER).running() as relay, connected(relay, token=token) as client:
            await client.ask("track_order", str(order.pk))
            await relay.listening.wait()
            await in_database(move, order, OrderStatus.SHIPPED)
            assert [(await client.hear())["data"]["seq"] for _ in range(3)] == [2, 3, 4]

    run(scenario)


def test_without_redis_the_sweep_brings_every_event(token: str, order: Order, settings: Settings) -> None:
    settings.CHANNEL_LAYERS = {
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {"hosts": ["unix:///nowhere/redis.sock"]},
        },
    }

    async def scenario() -> None:
        async with Relay(sweep_seconds=SOON).running() as relay, connected(relay, token=token) as client:
            assert (await client.ask("track_order", str(order.pk)))["data"]["seq"] == 1
            for number, status in enumerate(STEPS, start=2):
                await in_database(move, order, status)
                assert (await client.hear())["data"]["seq"] == number
            assert await client.hears_nothing(4 * SOON)

    run(scenario)


def test_without_redis_and_without_the_sweep_nothing_comes(token: str, order: Order, settings: Settings) -> None:
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}

    async def scenario() -> None:
        async with connected(Relay(), token=token) as client:
            await client.ask("track_order", str(order.pk))
            await in_database(move, order, OrderStatus.PROCESSING)
            assert await client.hears_nothing(0.3)

    run(scenario)


class WithoutSweep(Relay):
    """Hears wake-ups and nothing else."""

    async def sweep(self) -> None:
        """Find nothing."""


def test_wake_ups_are_heard_again_after_redis_came_back(shopper: User, token: str, own_redis: Path) -> None:
    orders = [make_order(user=shopper) for _ in range(40)]

    async def scenario() -> None:
        relay, limits = WithoutSweep(sweep_seconds=SOON), Limits(frames_per_second=1000)
        async with relay.running(), connected(relay, token=token, limits=limits) as client:
            for order in orders:
                await client.ask("track_order", str(order.pk))
            await relay.listening.wait()
            kill_redis(own_redis)
            await in_database(move, orders.pop(), OrderStatus.PROCESSING)
            assert await client.hears_nothing(0.3)
            ensure_redis(own_redis)
            # The subscription needs a moment to come back.
            while await client.hears_nothing(1):
                await in_database(move, orders.pop(), OrderStatus.PROCESSING)
            assert (await client.hear())["data"]["name"] == "order.processing"

    run(scenario)


@pytest.mark.parametrize("error", [OperationalError(), RuntimeError()])
def test_the_sweep_survives_its_failures(token: str, order: Order, error: Exception) -> None:

    async def scenario() -> None:
        async with AsyncExitStack() as stack:
            one = Relay(sweep_seconds=SOON)
            with patch.object(relay, "last_seqs", side_effect=error) as last_seqs, patch.object(one, "_listen"):
                await stack.enter_async_context(one.running())
                client = await stack.enter_async_context(connected(one, token=token))
                await client.ask("track_order", str(order.pk))
                await in_database(move, order, OrderStatus.PROCESSING)
                assert await client.hears_nothing(3 * SOON)
                assert last_seqs.called
            assert (await client.hear())["data"]["seq"] == 2

    run(scenario)


def test_a_session_that_ends_takes_its_sockets_along(shopper: User) -> None:
    ended, other = open_session(shopper), open_session(shopper)

    async def scenario() -> None:
        async with (
            Relay(sweep_seconds=SOON).running() as relay,
            connected(relay, token=issue_access(ended)) as client,
            connected(relay, token=issue_access(ended)) as twin,
            connected(relay, token=issue_access(other)) as bystander,
        ):
            await in_database(Session.objects.filter(pk=ended.pk).update, revoked_at=clock.now())
            assert await client.hear_refusal() == ("session_ended", 4401)
            assert await twin.hear_refusal() == ("session_ended", 4401)
            assert (await bystander.ask("ping"))["event"] == "pong"

    run(scenario)


def test_staff_who_lose_their_rights_lose_their_sockets(order: Order) -> None:
    manager = make_user(role="manager")
    token = token_of(manager)

    async def scenario() -> None:
        async with Relay(sweep_seconds=SOON).running() as relay, connected(relay, token=token) as client:
            assert (await client.ask("track_order", str(order.pk)))["event"] == "tracking"
            await in_database(User.objects.filter(pk=manager.pk).update, is_staff=False)
            assert await client.hear_refusal() == ("rights_changed", 4403)

    run(scenario)


def test_one_of_two_followers_leaves_and_the_other_stays(token: str, order: Order) -> None:

    async def scenario() -> None:
        async with Relay(sweep_seconds=SOON).running() as relay, connected(relay, token=token) as staying:
            async with connected(relay, token=token) as leaving:
                for client in (staying, leaving):
                    await client.ask("track_order", str(order.pk))
            await in_database(move, order, OrderStatus.PROCESSING)
            assert (await staying.hear())["data"]["seq"] == 2

    run(scenario)


def test_nothing_is_kept_of_a_socket_that_is_gone(token: str, order: Order) -> None:

    async def scenario() -> None:
        relay = Relay()
        async with connected(relay, token=token) as client:
            await client.ask("track_order", str(order.pk))
            assert len(relay._followers) == len(relay._signed_in) == 1
        async with connected(relay, token=token) as client:
            await client.ask("track_order", str(order.pk))
            await client.say_text("nonsense")
            await client.hear_refusal()
            assert not relay._followers
        assert not relay._followers
        assert not relay._signed_in

    run(scenario)


def wait_for_threads() -> None:
    """A sweep that was cancelled leaves its thread at work for a moment: meet all of them, which only idle ones do."""
    meeting = threading.Barrier(MOST_THREADS)
    list(THREADS.map(lambda _: meeting.wait(PATIENCE_SECONDS), range(MOST_THREADS)))


def test_twenty_sockets_leave_the_pool_room_and_give_everything_back(shopper: User) -> None:
    orders = [make_order(user=shopper) for _ in range(20)]
    tokens = [token_of(shopper) for _ in orders]
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined] # of PostgreSQL's wrapper; a fresh pool shows what is taken here
    pool: Any = connection.pool  # type: ignore[attr-defined] # of PostgreSQL's wrapper
    before = pool.get_stats()

    async def scenario() -> None:
        async with Relay(sweep_seconds=SOON).running() as relay, AsyncExitStack() as stack:
            clients = [await stack.enter_async_context(connected(relay)) for _ in orders]
            await asyncio.gather(
                *(client.ask("authenticate", token) for client, token in zip(clients, tokens, strict=True))
            )
            answers = await asyncio.gather(
                *(client.ask("track_order", str(order.pk)) for client, order in zip(clients, orders, strict=True))
            )
            assert {answer["event"] for answer in answers} == {"tracking"}
            await asyncio.gather(*(in_database(move, order, OrderStatus.PROCESSING) for order in orders))
            updates = await asyncio.gather(*(client.hear() for client in clients))
            assert [update["data"]["order"] for update in updates] == [str(order.pk) for order in orders]

    run(scenario)
    wait_for_threads()
    stats = pool.get_stats()
    assert stats["pool_size"] <= 9
    assert stats["pool_available"] == stats["pool_size"]
    assert stats.get("requests_errors", 0) == before.get("requests_errors", 0)
