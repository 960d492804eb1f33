"""A manager's browser, built once for a file whose tests all begin with it."""

from collections.abc import Callable

import pytest
from django.test import Client

from fantasize.tests.staff import signed_in
from fantasize.tests.standing import Standing


@pytest.fixture(scope="module")
def built_manager(standing: Standing) -> Callable[[], Client]:
    """Builds ``manager``."""
    return standing(signed_in)


@pytest.fixture
def manager(built_manager: Callable[[], Client]) -> Client:
    """A browser in which a manager is signed in."""
    return built_manager()
