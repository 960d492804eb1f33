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
from django.test import TransactionTestCase, override_settings
from django.test.client import ClientHandler
from pytest_django import DjangoDbBlocker, Settings
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

from fantasize.core import caching, images, limits
from fantasize.core.tests import pictures
from fantasize.tests import applications, databases, emptying
from fantasize.tests.standing import Standing

pytest_plugins = ["fantasize.tests.browsers"]

# These files ask one running shop, which takes longer to start than all that they ask of it.
_ONE_SHOP = {
    **dict.fromkeys(("test_error_table.py", "test_outages.py", "test_routes.py"), "one shop"),
    **dict.fromkeys(("test_first_sale.py", "test_special_request.py", "test_tracking.py"), "journeys"),
}
# A minute's work and more, of many tests that share little.
_MANY_CASES = ("test_schemathesis.py",)


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None,  # noqa: ARG001 - what it does must come first
    django_db_modify_db_settings: None,  # noqa: ARG001 - as above: the database's name
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[None]:
    """The tests' database; after a test that commits, only what it filled is emptied."""
    with django_db_blocker.unblock():
        outside = databases.enter(connection.settings_dict["TEST"]["NAME"])
        emptying.remember_what_is_given()
        connection.close()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", emptying.empty)
        yield
    with django_db_blocker.unblock():
        databases.leave(outside)


@pytest.fixture(scope="module")
def standing(
    request: pytest.FixtureRequest,
    django_db_setup: None,  # noqa: ARG001 - the database comes first
    django_db_blocker: DjangoDbBlocker,
    _files: Iterator[Path],
) -> Iterator[Standing]:
    """Builds what all tests of a file begin with, once; its files are found by nobody."""
    world = Standing(django_db_blocker)
    with override_settings(MEDIA_ROOT=next(_files)):
        world.begin(item for item in request.session.items if item.path == request.path)
        yield world
        world.end()


@pytest.fixture(scope="session", autouse=True)
def _quick() -> Iterator[None]:
    """Clients share an application; pictures are decoded here, except where a test asks for the ``decoder``."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ClientHandler, "load_middleware", applications.load_once)
        patch.setattr(images, "_run", pictures.decode_here)
        yield


@pytest.fixture
def decoder(monkeypatch: pytest.MonkeyPatch) -> None:
    """The program that decodes pictures, as in the shop."""
    monkeypatch.setattr(images, "_run", pictures.DECODER)


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
    """A name per test, and per world, for a folder that is made when something is stored in it."""
    base = tmp_path_factory.mktemp("media")
    return (base / str(number) for number in count())


@pytest.fixture(autouse=True)
def _own_files(_files: Iterator[Path], settings: Settings) -> None:
    """No test sees the files of another: a row that was rolled back leaves its file."""
    settings.MEDIA_ROOT = next(_files)


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
    """What is loaded by now stays: the collector need not look through it again and again, nor come so often."""
    gc.freeze()
    gc.set_threshold(50_000)


class _SharedShopScheduling(LoadFileScheduling):
    """A file stays together, and so do the files that share a shop; one that takes minutes is dealt out in parts."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.split("::", 1)[0]
        if file.endswith(_MANY_CASES):
            return f"{file} {crc32(nodeid.encode()) % 4}"
        return _ONE_SHOP.get(file.rsplit("/", 1)[-1], file)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadFileScheduling:
    """The scheduler for ``-n``."""
    return _SharedShopScheduling(config, log)
