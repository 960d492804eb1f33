"""One running shop for the whole package: starting it takes longer than everything that is asked of it."""

from collections.abc import Iterator

import pytest

from fantasize.tests.contract.stage import SETTINGS, Stage, build_stage
from fantasize.tests.journeys.shop import running_shop


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A shop with people and things in it."""
    with running_shop(tmp_path_factory.mktemp("contract"), **SETTINGS) as shop:
        yield build_stage(shop)
