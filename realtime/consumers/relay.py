"""What wakes a process's sockets: one subscription and one sweep, however many sockets there are."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, NoReturn
from uuid import UUID

import structlog
from channels.layers import get_channel_layer
from django.db import Error as DatabaseError

from orders.policies import LinkHolder
from realtime import groups
from realtime.auth import find_standings, objection_to
from realtime.consumers.database import in_database
from realtime.consumers.inbox import Inbox
from realtime.consumers.inventory import Inventory
from realtime.selectors import ended_links, last_seqs

log = structlog.get_logger(__name__)


class Relay:
    """Knows which socket of this process follows which order, and wakes it when there is news.

    Wake-ups come over the channel layer and may be lost, late or repeated; the sweep asks PostgreSQL every
    ``sweep_seconds`` and finds what they missed. It also ends sockets whose session ended, and what is followed by a
    link that has.

    Attributes:
        listening: set while wake-ups can be heard.
        inventory: the same for the numbers on the shelves.
    """

    def __init__(self, *, sweep_seconds: float = 2.0, inventory: Inventory | None = None) -> None:
        self.listening = asyncio.Event()
        self.inventory = inventory or Inventory()
        self._sweep_seconds = sweep_seconds
        self._followers: defaultdict[UUID, set[Inbox]] = defaultdict(set)
        self._signed_in: set[Inbox] = set()
        self._with_links: set[Inbox] = set()

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Relay"]:
        """Listen and sweep inside the block."""
        work = (self._listen(), self._sweep_forever(), self.inventory.run())
        tasks = [asyncio.create_task(part) for part in work]
        try:
            yield self
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def admit(self, inbox: Inbox) -> None:
        """Somebody signed in: watch over their session."""
        self._signed_in.add(inbox)

    def follow(self, order_id: UUID, inbox: Inbox, holder: LinkHolder | None = None) -> None:
        """From now on, wake the socket for this order, as long as the link counts if it is followed by one."""
        inbox.positions.setdefault(order_id, 0)
        self._followers[order_id].add(inbox)
        if holder:
            inbox.holders[order_id] = holder
            self._with_links.add(inbox)
        else:
            self._forget_link(order_id, inbox)

    def unfollow(self, order_id: UUID, inbox: Inbox) -> None:
        """Wake the socket for this order no longer; does nothing if it does not follow it."""
        inbox.positions.pop(order_id, None)
        self._forget_link(order_id, inbox)
        self._followers[order_id].discard(inbox)
        if not self._followers[order_id]:
            del self._followers[order_id]

    def leave(self, inbox: Inbox) -> None:
        """The socket is gone."""
        self._signed_in.discard(inbox)
        self.inventory.leave(inbox)
        for order_id in list(inbox.positions):
            self.unfollow(order_id, inbox)

    def wake(self, order_id: UUID, seq: int) -> None:
        """Wake the sockets that follow the order and have not sent its event number ``seq``."""
        for inbox in self._followers.get(order_id, ()):
            inbox.wake(order_id, seq)

    async def sweep(self) -> None:
        """Wake whoever missed something and expel whoever may not stay: three queries, none without sockets."""
        if self._followers:
            for order_id, seq in (await in_database(last_seqs, list(self._followers))).items():
                self.wake(order_id, seq)
        await self._expel_sessions()
        await self._recheck_links()

    async def _expel_sessions(self) -> None:
        if signed_in := [(inbox, inbox.principal) for inbox in self._signed_in if inbox.principal]:
            standings = await in_database(find_standings, [principal.session.pk for _, principal in signed_in])
            for inbox, principal in signed_in:
                if objection := objection_to(principal, standings.get(principal.session.pk)):
                    inbox.expel(objection)

    async def _recheck_links(self) -> None:
        held = [(inbox, holder) for inbox in self._with_links for holder in inbox.holders.values()]
        if held:
            ended = await in_database(ended_links, [holder.link_id for _, holder in held])
            for inbox, holder in held:
                if holder.link_id in ended:
                    inbox.recheck(holder.order_id)

    def _forget_link(self, order_id: UUID, inbox: Inbox) -> None:
        inbox.holders.pop(order_id, None)
        if not inbox.holders:
            self._with_links.discard(inbox)

    async def _sweep_forever(self) -> NoReturn:
        while True:
            await asyncio.sleep(self._sweep_seconds)
            try:
                await self.sweep()
            except DatabaseError as error:
                log.warning("realtime.database_unreachable", error=type(error).__name__)
            except Exception:
                # A process without its sweep would lose events silently.
                log.exception("realtime.sweep_failed")

    async def _listen(self) -> NoReturn:
        """Hear wake-ups; while the channel layer cannot be reached, the sweep does its work."""
        layer = get_channel_layer()
        while True:
            try:
                channel = await layer.new_channel()
                for group in (groups.ORDERS, groups.STOCK):
                    await layer.group_add(group, channel)
                self.inventory.look_again()
                self.listening.set()
                while True:
                    self._hear(await layer.receive(channel))
            except Exception as error:  # noqa: BLE001 - layers differ in what they raise, and none of it may end the relay
                self.listening.clear()
                log.warning("realtime.layer_unreachable", error=type(error).__name__)
                await asyncio.sleep(self._sweep_seconds)

    def _hear(self, message: dict[str, Any]) -> None:
        if message["type"] == "stock.changed":
            self.inventory.look_again(message["items"])
        else:
            self.wake(UUID(message["order"]), message["seq"])
