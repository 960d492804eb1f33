"""What waits for one socket besides its client's frames."""

import asyncio
from typing import Any
from uuid import UUID

from fantasize.core.errors import DomainError
from orders.policies import LinkHolder
from realtime.auth import Principal
from realtime.protocol import Shelf
from realtime.selectors import Level


class Inbox:
    """Wake-ups, a verdict and a deadline for one socket.

    It holds no events and no levels, only which orders and shelves have some: a reader that is slow or stalled costs no
    memory, reads the event log from where it stopped, and hears of the latest level only.

    Attributes:
        principal: who signed in; None before.
        positions: the orders followed, each with the number of the last event that was sent.
        holders: those of them that are followed by a link.
        levels: the shelves followed, each with the level that was sent last; None before the first.
    """

    def __init__(self, deadline: float) -> None:
        self.principal: Principal | None = None
        self.positions: dict[UUID, int] = {}
        self.holders: dict[UUID, LinkHolder] = {}
        self.levels: dict[Shelf, Level | None] = {}
        self._deadline: float | None = deadline
        self._woken: set[UUID] = set()
        self._woken_shelves: set[Shelf] = set()
        self._verdict: DomainError | None = None
        self._signal = asyncio.Event()

    def wake(self, order_id: UUID, seq: int) -> None:
        """The order has an event number ``seq``; does nothing when that was sent already."""
        if self.positions.get(order_id, seq) < seq:
            self._woken.add(order_id)
            self._signal.set()

    def recheck(self, order_id: UUID) -> None:
        """Look at the order again, also without news of it: whether the link to it still counts is asked on the way."""
        self._woken.add(order_id)
        self._signal.set()

    def wake_shelf(self, shelf: Shelf, level: Level) -> None:
        """The shelf is at ``level``; does nothing when that was sent last."""
        if self.levels.get(shelf, level) != level:
            self._woken_shelves.add(shelf)
            self._signal.set()

    def expel(self, verdict: DomainError) -> None:
        """The socket may not stay."""
        self._verdict = verdict
        self._signal.set()

    def set_deadline(self, deadline: float | None) -> None:
        """Ring at ``deadline`` (seconds on the event loop's clock), or never."""
        self._deadline = deadline
        self._signal.set()

    def take_woken(self) -> set[UUID]:
        """The orders followed that have news, which are forgotten here."""
        woken, self._woken = self._woken & self.positions.keys(), set()
        return woken

    def take_woken_shelves(self) -> set[Shelf]:
        """The shelves followed that have news, which are forgotten here."""
        woken, self._woken_shelves = self._woken_shelves & self.levels.keys(), set()
        return woken

    async def next(self) -> dict[str, Any]:
        """Wait for whatever comes first, as a message for the consumer."""
        while True:
            try:
                async with asyncio.timeout_at(self._deadline):
                    await self._signal.wait()
            except TimeoutError:
                return {"type": "deadline.passed"}
            self._signal.clear()
            if self._verdict:
                return {"type": "access.ended", "error": self._verdict}
            if self._woken:
                # What else there is comes next.
                self._signal.set()
                return {"type": "orders.changed"}
            if self._woken_shelves:
                return {"type": "stock.changed"}
