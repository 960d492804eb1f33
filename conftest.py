"""Fixtures of the whole suite, and how its files are dealt out to processes."""

import gc
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from zlib import crc32

import pytest
import redis
from django.conf import settings as shop_settings
from django.db import connection
from django.test import TransactionTestCase
from pytest_django import DjangoDbBlocker, Settings
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

from fantasize.core import caching, limits
from fantasize.tests import emptying

# These files ask one running shop, which takes longer to start than all that they ask of it.
_ONE_SHOP = ("test_error_table.py", "test_outages.py", "test_routes.py")
# A minute's work and more, of many tests that share little.
_MANY_CASES = ("test_schemathesis.py",)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:  # noqa: ARG001 - it extends the one it asks for
    """The tests' database; after a test that commits, only what it filled is emptied."""
    with django_db_blocker.unblock():
        emptying.remember_what_is_given()
        connection.close()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", emptying.empty)
        yield


@pytest.fixture(scope="session")
def _store() -> Iterator[redis.Redis | None]:
    """The process's own Redis, over one connection."""
    if not shop_settings.REDIS_URL:
        yield None
        return
    with redis.Redis.from_url(shop_settings.REDIS_URL) as store:
        yield store


@pytest.fixture(autouse=True)
def _nothing_remembered(_store: redis.Redis | None) -> None:
    """What a test cached of its rows, or learnt of a Redis taken away, must not reach the next one."""
    caching.breaker.open_until = limits.breaker.open_until = 0.0
    limits.breaker.is_down = False
    caching.forget_everything()
    if _store:
        # Guesses and failures: all tests call from one address.
        _store.flushdb()


@pytest.fixture(scope="session")
def _files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A name per test for a folder that is made when something is stored in it."""
    base = tmp_path_factory.mktemp("media")
    return (base / str(number) for number in count())


@pytest.fixture(autouse=True)
def _own_files(_files: Iterator[Path], settings: Settings) -> None:
    """No test sees the files of another: a row that was rolled back leaves its file."""
    settings.MEDIA_ROOT = next(_files)


@pytest.fixture(autouse=True)
def _empty_queue(request: pytest.FixtureRequest) -> None:
    """Begin without jobs: those of committed transactions stay, for Django does not empty tables it does not manage."""
    if request.node.get_closest_marker("django_db") or {"db", "transactional_db"} & {*request.fixturenames}:
        request.getfixturevalue("db")
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM procrastinate_jobs; DELETE FROM procrastinate_workers")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with whole shops and browsers, then with the contract: one of them left for the end would run alone."""
    items.sort(
        key=lambda item: (
            not {"processes", "browser"} & {mark.name for mark in item.iter_markers()},
            "contract" not in item.path.parts,
        )
    )


def pytest_collection_finish() -> None:
    """What is loaded by now stays: the collector need not look through it again and again."""
    gc.freeze()


class _SharedShopScheduling(LoadFileScheduling):
    """A file stays together, and so do the files that share a shop; one that takes minutes is dealt out in parts."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.split("::", 1)[0]
        if file.endswith(_MANY_CASES):
            return f"{file} {crc32(nodeid.encode()) % 4}"
        return "one shop" if file.endswith(_ONE_SHOP) else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadFileScheduling:
    """The scheduler for ``-n``."""
    return _SharedShopScheduling(config, log)
