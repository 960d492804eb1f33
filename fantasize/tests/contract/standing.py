"""A world that stands for many tests: each begins in it and leaves no trace."""

import copy
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import redis
from django.conf import settings
from django.db import connection, transaction
from django.test import override_settings

from fantasize.core import caching
from fantasize.tests.contract.world import World, build_world


@contextmanager
def undone() -> Iterator[None]:
    """What happens inside has not happened afterwards."""
    block: Any = transaction.atomic()
    # As Django's own test case marks its transactions: services that insist on the outermost one may run inside.
    block._from_testcase = True
    with block:
        yield
        transaction.set_rollback(True)


class Mark:
    """A point to come back to again and again: one statement each time, where ``undone`` takes three."""

    def __init__(self) -> None:
        self.point, self.waiting = transaction.savepoint(), len(connection.run_on_commit)

    @contextmanager
    def undone(self) -> Iterator[None]:
        """What happens inside has not happened afterwards."""
        try:
            yield
        finally:
            transaction.set_rollback(False)
            transaction.savepoint_rollback(self.point)
            del connection.run_on_commit[self.waiting :]


@dataclass(frozen=True, slots=True)
class StandingWorld:
    """A world, its files, and what Redis kept of it when it was built."""

    world: World
    files: Path
    kept: dict[bytes, bytes]

    def enter(self, files: Path) -> World:
        """A copy for one test, with ``files`` of its own."""
        shutil.copytree(self.files, files)
        if self.kept:
            with _store() as store:
                for key, value in self.kept.items():
                    store.restore(key, 0, value, replace=True)
        return copy.deepcopy(self.world)


@contextmanager
def standing_world(files: Path, rows: int = 1) -> Iterator[StandingWorld]:
    """Build a world of ``rows`` that is gone at the end; its pictures lie in ``files``."""
    files.mkdir()
    _forget()
    with override_settings(MEDIA_ROOT=files), undone():
        yield StandingWorld(build_world(rows), files, _kept())


def _forget() -> None:
    """What other tests left must not be kept."""
    caching.forget_everything()
    if settings.REDIS_URL:
        with _store() as store:
            store.flushdb()


def _kept() -> dict[bytes, bytes]:
    if not settings.REDIS_URL:
        return {}
    with _store() as store:
        return {key: store.dump(key) for key in store.scan_iter()}


def _store() -> Any:
    return redis.Redis.from_url(settings.REDIS_URL or "")
