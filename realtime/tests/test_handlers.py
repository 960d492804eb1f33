"""Wake-ups: sent after the commit and again by the worker, at nobody's cost."""

import asyncio
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import AsyncMock, patch

import pytest
from channels.layers import get_channel_layer
from django.db import transaction
from pytest_django import Settings
from redis.exceptions import ConnectionError as RedisConnectionError

from fantasize.core import events, outbox
from fantasize.core.models import DomainEvent
from fantasize.embedded.redis import ensure_redis
from fantasize.tests.waiting import PATIENCE_SECONDS
from orders.enums import OrderStatus
from orders.tests.factories import make_order
from realtime import groups, handlers
from realtime.consumers.database import in_database
from realtime.tests.client import move, run
from realtime.tests.redis_servers import kill_redis, use_redis

NOBODYS = "00000000-0000-0000-0000-000000000000"
WAKE_UP = {"type": "order.changed", "order": NOBODYS, "seq": 1}


@pytest.fixture
def black_hole(settings: Settings) -> Iterator[None]:
    """A Redis that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        use_redis(settings, f"redis://127.0.0.1:{server.getsockname()[1]}/0")
        yield


@pytest.mark.django_db(transaction=True)
def test_a_commit_wakes_and_a_rollback_does_not() -> None:
    order = make_order()
    heard: list[int] = []

    async def scenario() -> None:
        layer = get_channel_layer()
        channel = await layer.new_channel()
        await layer.group_add(groups.ORDERS, channel)
        await in_database(move_and_roll_back)
        await in_database(move, order, OrderStatus.PROCESSING)
        async with asyncio.timeout(PATIENCE_SECONDS):
            while 2 not in heard:
                message = await layer.receive(channel)
                if message["order"] == str(order.pk) and message["seq"] > 1:
                    heard.append(message["seq"])

    def move_and_roll_back() -> None:
        with transaction.atomic():
            move(order, OrderStatus.SHIPPED)
            transaction.set_rollback(True)

    run(scenario)
    # Rolled back: 2, 3 and 4. The one that counts came after them.
    assert heard == [2]


def sent(wake: Callable[[], None]) -> list[tuple[str, dict[str, Any]]]:
    """What is sent to which group."""
    with patch.object(handlers, "send", new=lambda *message: message), patch.object(handlers, "_loop"):
        with patch.object(asyncio, "run_coroutine_threadsafe") as submit:
            wake()
        return [call.args[0] for call in submit.call_args_list]


def test_shelves_are_named_unless_they_are_very_many() -> None:
    assert sent(lambda: handlers.wake_shelves([3, 1])) == [("stock", {"type": "stock.changed", "items": [1, 3]})]
    many = range(handlers.MOST_ITEMS + 1)
    assert sent(lambda: handlers.wake_shelves(many)) == [("stock", {"type": "stock.changed", "items": None})]


@pytest.mark.django_db(transaction=True)
def test_the_worker_wakes_again() -> None:
    order = make_order()
    event = DomainEvent.objects.get(aggregate_id=str(order.pk))
    assert handlers.wake in events.handlers_for("order")
    with patch.object(asyncio, "run_coroutine_threadsafe") as submit:
        outbox.dispatch(event.pk)
        submit.call_args.args[0].close()
    submit.assert_called_once()


def test_words_among_staff_wake_nobody() -> None:
    assert handlers.wake not in events.handlers_for("order_staff")
    assert handlers.wake not in events.live_listeners_for("order_staff")


@pytest.mark.usefixtures("black_hole")
def test_a_redis_that_hangs_holds_up_no_request() -> None:
    event = DomainEvent(aggregate="order", aggregate_id=NOBODYS, seq=1)
    started = time.perf_counter()
    for _ in range(100):
        handlers.wake(event)
    # One after the other they would have waited much longer.
    assert time.perf_counter() - started < 100 * handlers.TIMEOUT_SECONDS / 4
    with patch.object(handlers, "TIMEOUT_SECONDS", 0.05):
        assert asyncio.run(handlers.send(groups.ORDERS, WAKE_UP)) is False


def test_a_redis_that_is_away_is_only_logged(own_redis: Path) -> None:
    kill_redis(own_redis)
    assert asyncio.run(handlers.send(groups.ORDERS, WAKE_UP)) is False


def test_a_wake_up_after_a_restart_of_redis_gets_through(own_redis: Path) -> None:
    async def scenario() -> None:
        assert await handlers.send(groups.ORDERS, WAKE_UP)
        await asyncio.to_thread(kill_redis, own_redis)
        await asyncio.to_thread(ensure_redis, own_redis)
        assert await handlers.send(groups.ORDERS, WAKE_UP)

    run(scenario)


@pytest.mark.parametrize(("attempts", "is_sent"), [(1, False), (handlers.ATTEMPTS, True)])
def test_a_connection_that_a_restart_cut_costs_an_attempt_and_not_the_wake_up(attempts: int, is_sent: bool) -> None:  # noqa: FBT001 - a parameter
    with patch.object(handlers, "get_channel_layer") as get_layer, patch.object(handlers, "ATTEMPTS", attempts):
        get_layer.return_value.group_send = AsyncMock(side_effect=[RedisConnectionError, None])
        assert asyncio.run(handlers.send(groups.ORDERS, WAKE_UP)) is is_sent


def test_many_threads_share_one_loop() -> None:
    loops: list[asyncio.AbstractEventLoop] = []
    handlers._loop()
    threads = [threading.Thread(target=lambda: loops.append(handlers._loop())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(loops)) == 1
    assert loops[0].is_running()


def test_a_forked_process_sends_from_a_loop_of_its_own() -> None:
    inherited = handlers._loop()
    pid = os.fork()
    if pid == 0:
        own = handlers._loop()
        os._exit(0 if own is not inherited else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
