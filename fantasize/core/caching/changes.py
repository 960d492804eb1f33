"""What has changed when: a list in Redis that every process reads, so that all of them stop showing what is stale.

Each change gets a position. What is kept was read from the database at a position, and is stale once one of the names
it depends on has changed at a later one. A name costs one member of a sorted set, so a single stock item can be a name.
"""

import time
from collections.abc import Collection, Mapping
from threading import Lock
from typing import Any, Protocol, cast

from django.conf import settings
from django.core.cache import cache

from fantasize.core.caching.backend import attempt

# How long a process goes by what it has read: changes made by others show after this time at the latest.
READ_EVERY_SECONDS = 0.25
# How long Redis remembers a change; longer than anything is kept.
REMEMBERED_SECONDS = 3600
# More names than this are forgotten, and with them everything that was kept before.
MAX_NAMES = 50_000

_MICROSECONDS = 1_000_000
# A name that nothing depends on: it moves the position on.
_OUTAGE = "outage"
_KEYS = ("fantasize:changes:position", "fantasize:changes:began", "fantasize:changes:names")
# A position is the present time in microseconds, or one more than the last: never below one that was given before.
_PUBLISH = """
local last = tonumber(redis.call('GET', KEYS[1]) or 0)
if last == 0 or #ARGV > 2 then last = math.max(last + 1, tonumber(ARGV[1])) end
local at = string.format('%.0f', last)
redis.call('SET', KEYS[1], at)
redis.call('SET', KEYS[2], at, 'NX')
for i = 3, #ARGV do redis.call('ZADD', KEYS[3], at, ARGV[i]) end
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', string.format('%.0f', last - tonumber(ARGV[2])))
return at
"""

# Since when the list is without a gap (0: there is none), the last position, and the names changed after some position.
Reading = tuple[int, int, Mapping[str, int]]


class _Journal(Protocol):
    """Where changes are written down."""

    def publish(self, names: Collection[str]) -> int:
        """Give the names the next position, and return it; without names, see to it that there is a list."""

    def read(self, after: int) -> Reading:
        """What has changed after a position."""


class _RedisJournal:
    """For any number of processes."""

    def publish(self, names: Collection[str]) -> int:
        now = time.time_ns() // 1000
        arguments = (now, REMEMBERED_SECONDS * _MICROSECONDS, *names)
        return int(self._client().eval(_PUBLISH, len(_KEYS), *_KEYS, *arguments))

    def read(self, after: int) -> Reading:
        position_key, began_key, names_key = _KEYS
        # In this order: what changes between two of these commands is read again next time, and never missed.
        pipeline = self._client().pipeline(transaction=False)
        pipeline.get(began_key)
        pipeline.get(position_key)
        pipeline.zrange(names_key, f"({after}", "+inf", byscore=True, withscores=True)
        began, position, changed = pipeline.execute()
        return int(began or 0), int(position or 0), {name.decode(): int(at) for name, at in changed}

    @staticmethod
    def _client() -> Any:
        return cast("Any", cache).client.get_client(write=True)


class _LocalJournal:
    """For the one process of a shop without Redis."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._position = 1
        self._changed: dict[str, int] = {}

    def publish(self, names: Collection[str]) -> int:
        with self._lock:
            self._position += 1
            self._changed |= dict.fromkeys(names, self._position)
            return self._position

    def read(self, after: int) -> Reading:
        with self._lock:
            return 1, self._position, {name: at for name, at in self._changed.items() if at > after}


class Changes:
    """What this process knows of the list."""

    def __init__(self, journal: _Journal) -> None:
        self._journal = journal
        self._lock = Lock()
        # Names that could not be written down because Redis was away.
        self._owed: set[str] = set()
        self.forget()

    def forget(self) -> None:
        """Begin anew, as a process that has just started; what it owes stays owed."""
        self._changed: dict[str, int] = {}
        self._read_at = float("-inf")
        self._began = self._horizon = self.position = 0
        self._has_failed = False

    def catch_up(self, *, within: float = READ_EVERY_SECONDS) -> bool:
        """Know every change that is older than ``within`` seconds; False if that cannot be known now."""
        if time.monotonic() - self._read_at < within:
            return True
        with self._lock:
            if time.monotonic() - self._read_at < within:
                return True
            done = attempt(self._read, default=False)
            self._has_failed |= not done
            return done

    def publish(self, names: Collection[str]) -> None:
        """Make everything stale that depends on one of these names: here at once, elsewhere in a moment."""
        with self._lock:
            self._owed |= {*names}
            if not attempt(self._settle, default=False):
                self._has_failed = True
                self._read_at = float("-inf")

    def is_current(self, position: int, names: Collection[str]) -> bool:
        """Whether nothing has changed, as far as is known, since ``position`` under any of these names."""
        changed = self._changed
        return position >= self._horizon and all(changed.get(name, 0) <= position for name in names)

    def _settle(self) -> bool:
        if self._owed:
            names = tuple(self._owed)
            at = self._journal.publish(names)
            self._changed |= dict.fromkeys(names, at)
            self._owed.clear()
        return True

    def _read(self) -> bool:
        asked_at = time.monotonic()
        self._settle()
        began, position, changed = self._journal.read(self.position)
        if not began or began != self._began or self._has_failed:
            position, changed = self._start_over()
        self._changed |= changed
        if len(self._changed) > MAX_NAMES:
            self._changed, self._horizon = {}, position
        self.position, self._read_at = position, asked_at
        return True

    def _start_over(self) -> tuple[int, Mapping[str, int]]:
        """Read the whole list: this process is new, Redis has lost the list, or could not be reached."""
        # Who has seen an outage trusts nothing from before it: somebody may not have been able to tell of a change.
        is_new = not self._began and not self._has_failed
        now = self._journal.publish(() if is_new else (_OUTAGE,))
        began, position, changed = self._journal.read(0)
        self._horizon = began if is_new else now
        self._began, self._has_failed, self._changed = began, False, {}
        return position, changed


changes = Changes(_RedisJournal() if settings.REDIS_URL else _LocalJournal())
