"""What the whole package shares: a running shop, and a world in the tests' own database."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection
from pytest_django import DjangoDbBlocker, Settings

from fantasize.tests.contract.stage import SETTINGS, Stage, standing_stage
from fantasize.tests.contract.standing import StandingWorld, standing_world
from fantasize.tests.contract.world import World
from fantasize.tests.journeys.shop import running_shop


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A shop with people and things in it: starting it takes longer than everything that is asked of it."""
    with running_shop(tmp_path_factory.mktemp("contract"), **SETTINGS) as shop, standing_stage(shop) as built:
        yield built


@pytest.fixture(scope="module")
def standing(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[StandingWorld]:
    """A world for all tests of a module, with as many rows as its parameter says."""
    files = tmp_path_factory.mktemp("standing") / "media"
    with django_db_blocker.unblock():
        with standing_world(files, getattr(request, "param", 1)) as built:
            yield built
        # As after any other test with a database: one without must find no connection.
        connection.close()


@pytest.fixture
def world(standing: StandingWorld, db: None, settings: Settings, tmp_path: Path) -> World:
    """The module's world; what a test does to it is undone."""
    settings.MEDIA_ROOT = tmp_path / "media"
    return standing.enter(settings.MEDIA_ROOT)
