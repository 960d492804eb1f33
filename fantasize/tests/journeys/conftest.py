"""One shop for every journey: it takes longer to start than all that they do in it."""

from collections.abc import Iterator

import pytest

from fantasize.tests import screenshots
from fantasize.tests.journeys.shop import Shop, running_shop


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    # The demo shop is for the pictures: filling it and drawing its goods is half a minute's work.
    demo = "on" if screenshots.IS_KEPT else "off"
    with running_shop(tmp_path_factory.mktemp("journeys"), SEED_DEMO=demo, FACTORY_SECONDS="3600") as running:
        yield running
