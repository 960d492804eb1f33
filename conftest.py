"""Fixtures of the whole suite."""

import pytest

from catalog.caching import products


@pytest.fixture(autouse=True)
def _fresh_caches() -> None:
    """A test's rows are rolled back; what was cached of them must not reach the next test."""
    products.invalidate()
