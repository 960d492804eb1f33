"""Fixtures of the whole suite."""

import pytest

from catalog.caching import products
from fantasize.core import caching, limits


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    """What a test cached of its rows, or learnt of a Redis taken away, must not reach the next one."""
    caching.breaker.open_until = limits.breaker.open_until = 0.0
    limits.breaker.is_down = False
    products.invalidate()
