"""The providers that people sign in with."""

from collections.abc import Iterator
from typing import Any

import pytest

from accounts.tests.stand_in import StandIn, stand_in


@pytest.fixture
def provider(settings: Any) -> Iterator[StandIn]:
    """A stand-in for all of them."""
    with stand_in(settings) as running:
        yield running
