"""Events that are committed while a socket begins to follow."""

import asyncio
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any, ClassVar
from unittest.mock import patch
from uuid import UUID

import pytest

from accounts.models import User
from catalog.tests.factories import make_product
from fantasize.tests.waiting import PATIENCE_SECONDS
from orders.enums import OrderStatus
from orders.models import Order
from orders.selectors import get_order
from orders.tests.factories import make_order
from realtime import protocol
from realtime.consumers import Limits, LiveConsumer, Relay, live
from realtime.consumers.database import in_database
from realtime.selectors import History, history_of
from realtime.tests.client import Client, connected, move, run, token_of

pytestmark = pytest.mark.django_db(transaction=True)

# The sweep would heal what these tests want to see.
NEVER = 3600.0
TRIES = 40


def _read_history(order: Order) -> History:
    """As the consumer reads it, patched or not."""
    read: Callable[[Order, None], History] = vars(live)["history_of"]
    return read(order, None)


class SnapshotFirst(LiveConsumer):
    """The negative control: it reads the history before it follows."""

    async def _track(self, command: protocol.TrackOrder, reply_to: int | None) -> None:
        order = await in_database(get_order, self._require_principal().user, command.order)
        history = await in_database(_read_history, order)
        self.relay.follow(order.pk, self.inbox)
        await self._tell(*history.snapshot(command.after), reply_to)
        self.inbox.positions[order.pk] = history.seq

    _HANDLERS: ClassVar[dict[type[Any], Any]] = {**LiveConsumer._HANDLERS, protocol.TrackOrder: _track}


class Hearing(Relay):
    """Tells when it has heard that an order has moved; that it was made may come to its ears late."""

    def __init__(self) -> None:
        super().__init__(sweep_seconds=NEVER)
        self.heard = threading.Event()

    def wake(self, order_id: UUID, seq: int) -> None:
        super().wake(order_id, seq)
        if seq > 1:
            self.heard.set()


def moved_after_the_reading(relay: Hearing) -> Callable[[Order, None], History]:
    """``history_of``, overtaken: the order moves, and the wake-up comes and goes, before the history is sent."""

    def read(order: Order, holder: None) -> History:
        history = history_of(order, holder)
        move(order, OrderStatus.PROCESSING)
        assert relay.heard.wait(PATIENCE_SECONDS)
        return history

    return read


def overtake(shopper: User, consumer: type[LiveConsumer]) -> list[int]:
    """The event numbers that a client hears of, one event being committed right after its snapshot was read."""
    order, token, seqs = make_order(user=shopper), token_of(shopper), []

    async def scenario() -> None:
        relay = Hearing()
        async with relay.running(), connected(relay, token=token, application=consumer.as_asgi()) as client:
            await relay.listening.wait()
            with patch.object(live, "history_of", moved_after_the_reading(relay)):
                answer = await client.ask("track_order", str(order.pk))
            seqs.append(answer["data"]["seq"])
            if not await client.hears_nothing(0.3):
                seqs.append((await client.hear())["data"]["seq"])

    run(scenario)
    return seqs


def test_an_event_behind_the_snapshot_is_seen(shopper: User) -> None:
    assert overtake(shopper, LiveConsumer) == [1, 2]


def test_reading_before_following_would_miss_it(shopper: User) -> None:
    assert overtake(shopper, SnapshotFirst) == [1]


def test_events_committed_during_the_handshake_are_all_seen_once(shopper: User) -> None:
    token, product = token_of(shopper), make_product(stock=TRIES)
    seen: Counter[str] = Counter()
    durations = [0.01]

    async def timed_move(order: Order) -> float:
        started = time.monotonic()
        await in_database(move, order, OrderStatus.PROCESSING)
        return time.monotonic() - started

    async def track(client: Client, order: Order, *, pause: float) -> dict[str, Any]:
        await asyncio.sleep(pause)
        return await client.ask("track_order", str(order.pk))

    async def one_try(client: Client, order: Order) -> None:
        # The question comes anywhere between the beginning of the move and a little after its commit.
        pause = random.uniform(0, max(durations[-3:]))  # noqa: S311 - jitter
        duration, answer = await asyncio.gather(timed_move(order), track(client, order, pause=pause))
        durations.append(duration)
        assert (answer["event"], answer["data"]["order"]) == ("tracking", str(order.pk))
        if answer["data"]["seq"] == 1:
            update = await client.hear()
            assert (update["data"]["order"], update["data"]["seq"]) == (str(order.pk), 2)
        seen["snapshot" if answer["data"]["seq"] == 2 else "update"] += 1

    async def scenario() -> None:
        async with (
            Relay(sweep_seconds=NEVER).running() as relay,
            connected(relay, token=token, limits=Limits(frames_per_second=1000, orders=TRIES)) as client,
        ):
            await relay.listening.wait()
            for _ in range(TRIES):
                await one_try(client, await in_database(make_order, user=shopper, product=product))
            assert await client.hears_nothing(0.3)

    run(scenario)
    assert seen.total() == TRIES
    # Neither side of the race went untried.
    assert len(seen) == 2
