"""Wakes the sockets when an order has a new event or stock has changed.

May be lost: the sockets find by themselves what they missed.
"""

import asyncio
import os
from collections.abc import Collection
from functools import cache
from threading import Thread
from typing import Any

import structlog
from channels.layers import get_channel_layer

from fantasize.core.models import DomainEvent
from realtime import groups

log = structlog.get_logger(__name__)

TIMEOUT_SECONDS = 1.0
# The connection that was open when Redis restarted fails once, and is new the second time.
ATTEMPTS = 2
# An import changes more than a message should name: then everybody looks again.
MOST_ITEMS = 500


def wake(event: DomainEvent) -> None:
    """Tell every socket process that an order has a new event. Returns at once and never raises."""
    message = {"type": "order.changed", "order": event.aggregate_id, "seq": event.seq}
    asyncio.run_coroutine_threadsafe(send(groups.ORDERS, message), _loop())


def wake_shelves(stock_item_ids: Collection[int]) -> None:
    """Tell every socket process that there are more or less of these stock items. Returns at once and never raises."""
    items = sorted(stock_item_ids) if len(stock_item_ids) <= MOST_ITEMS else None
    asyncio.run_coroutine_threadsafe(send(groups.STOCK, {"type": "stock.changed", "items": items}), _loop())


async def send(group: str, message: dict[str, Any]) -> bool:
    """Send a wake-up over the channel layer; whether it was sent."""
    for _ in range(ATTEMPTS):
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                await get_channel_layer().group_send(group, message)
        except Exception as error:  # noqa: BLE001 - layers differ in what they raise, and none of it may reach a request
            failure = type(error).__name__
        else:
            return True
    log.warning("realtime.wake_up_lost", error=failure)
    return False


@cache
def _loop() -> asyncio.AbstractEventLoop:
    """This process's event loop for sending: one thread, one connection, and no request waits for Redis."""
    loop = asyncio.new_event_loop()
    Thread(target=loop.run_forever, name="wake-ups", daemon=True).start()
    return loop


# A forked child has no thread behind the loop that it inherits.
os.register_at_fork(after_in_child=_loop.cache_clear)
