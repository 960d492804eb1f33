"""One running shop for the whole package: starting it takes longer than everything that is asked of it."""

from collections.abc import Iterator

import pytest

from fantasize.tests.contract.stage import API_KEYS, Stage, build_stage
from fantasize.tests.journeys.shop import running_shop

LIMITS = ("GENERAL", "CATALOGUE", "SIGNED_IN", "AUTH", "AUTH_ADDRESS", "ORDERS", "STAFF", "STAFF_READS")


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A shop that counts no calls, with people and things in it."""
    unlimited = {f"RATE_LIMIT_{name}": "off" for name in LIMITS}
    with running_shop(tmp_path_factory.mktemp("contract"), API_KEYS=API_KEYS, **unlimited) as shop:
        yield build_stage(shop)
