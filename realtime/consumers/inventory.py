"""How many there are of what this process's sockets look at, read once for all of them."""

import asyncio
from collections import defaultdict
from collections.abc import Collection
from contextlib import suppress
from typing import NoReturn

import structlog
from django.db import Error as DatabaseError

from realtime.consumers.database import in_database
from realtime.consumers.inbox import Inbox
from realtime.protocol import Shelf
from realtime.selectors import SOLD_OUT, Level, levels_of

log = structlog.get_logger(__name__)

_Answer = asyncio.Future[Level | None]


class Inventory:
    """Knows which socket follows which number, reads the numbers anew when stock changes, and wakes the sockets.

    One reading comes after the other, so that a later one is never older. Whatever changes while one is under way, or
    shortly after it, goes into the next: a thousand sales a second are a few readings, however many sockets look.
    """

    def __init__(self, *, gap_seconds: float = 0.1, refresh_seconds: float = 5.0) -> None:
        self._gap_seconds, self._refresh_seconds = gap_seconds, refresh_seconds
        self._followers: defaultdict[Shelf, set[Inbox]] = defaultdict(set)
        self._levels: dict[Shelf, Level] = {}
        self._due: set[Shelf] = set()
        self._questions: defaultdict[Shelf, list[_Answer]] = defaultdict(list)
        self._reading = asyncio.Lock()
        self._signal = asyncio.Event()

    def follow(self, shelf: Shelf, inbox: Inbox) -> None:
        """From now on, wake the socket when the number changes."""
        inbox.levels.setdefault(shelf, None)
        self._followers[shelf].add(inbox)

    def unfollow(self, shelf: Shelf, inbox: Inbox) -> None:
        """Wake the socket for this no longer; does nothing if it does not follow it."""
        inbox.levels.pop(shelf, None)
        self._followers[shelf].discard(inbox)
        if not self._followers[shelf]:
            del self._followers[shelf]
            self._levels.pop(shelf, None)

    def leave(self, inbox: Inbox) -> None:
        """The socket is gone."""
        for shelf in list(inbox.levels):
            self.unfollow(shelf, inbox)

    def level(self, shelf: Shelf) -> Level | None:
        """The latest reading of what somebody follows; None before the first."""
        return self._levels.get(shelf)

    async def ask(self, shelf: Shelf) -> Level | None:
        """How many there are, by a reading that begins after the question; None: nothing that is sold.

        Raises:
            DatabaseError: the database is away.
        """
        answer: _Answer = asyncio.get_running_loop().create_future()
        self._questions[shelf].append(answer)
        async with self._reading:
            # Whoever comes first reads for all who wait.
            if not answer.done():
                await self._read()
        return answer.result()

    def look_again(self, stock_item_ids: Collection[int] | None = None) -> None:
        """Read anew what these stock items are part of; None: everything."""
        if stock_item_ids is None:
            self._due |= self._followers.keys()
        else:
            changed = frozenset(stock_item_ids)
            self._due |= {shelf for shelf, level in self._levels.items() if level.stock_items & changed}
        if self._due:
            self._signal.set()

    async def run(self) -> NoReturn:
        """Read what is due, and now and then everything: a wake-up may have been lost."""
        loop = asyncio.get_running_loop()
        refresh_at = loop.time() + self._refresh_seconds
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout_at(refresh_at):
                    await self._signal.wait()
            if loop.time() >= refresh_at:
                refresh_at = loop.time() + self._refresh_seconds
                self.look_again()
            self._signal.clear()
            async with self._reading:
                await self._read()
            await asyncio.sleep(self._gap_seconds)

    async def _read(self) -> None:
        """One reading of what is due and asked for. The caller holds the lock."""
        due, self._due = self._due & self._followers.keys(), set()
        questions, self._questions = self._questions, defaultdict(list)
        shelves = due | questions.keys()
        try:
            levels = await in_database(levels_of, shelves) if shelves else {}
        except Exception as error:  # noqa: BLE001 - whatever it is, who asked hears of it, and the reader goes on
            log.warning("realtime.inventory_unreadable", error=type(error).__name__)
            self._due |= due
            _fail(questions, error)
            return
        for shelf in shelves & self._followers.keys():
            self._take(shelf, levels.get(shelf, SOLD_OUT))
        for shelf, answers in questions.items():
            for answer in answers:
                answer.set_result(levels.get(shelf))

    def _take(self, shelf: Shelf, level: Level) -> None:
        self._levels[shelf] = level
        for inbox in self._followers[shelf]:
            inbox.wake_shelf(shelf, level)


def _fail(questions: dict[Shelf, list[_Answer]], error: Exception) -> None:
    refusal = error if isinstance(error, DatabaseError) else DatabaseError()
    for answers in questions.values():
        for answer in answers:
            answer.set_exception(refusal)
