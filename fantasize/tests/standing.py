"""What all tests of a file begin with: built once, seen by each as it was built."""

from collections.abc import Callable, Iterable
from copy import deepcopy
from typing import TypeVar

import pytest
from django.db import connection, transaction
from pytest_django import DjangoDbBlocker

World = TypeVar("World")
# Fixtures with which pytest-django has a test commit, whatever its mark says.
_COMMITTING = frozenset({"transactional_db", "live_server"})


class Standing:
    """Builds worlds in a transaction around all tests of one file; each test is a savepoint in it.

    Whatever a test does to the rows is rolled back, and the objects it gets are copies of its own. Files are not kept:
    every test has a folder of its own.
    """

    def __init__(self, blocker: DjangoDbBlocker) -> None:
        self._blocker = blocker
        self._around = transaction.atomic()
        # As Django marks its own around a test: services that must be outermost may be called.
        self._around._from_testcase = True  # type: ignore[attr-defined]

    def begin(self, tests: Iterable[pytest.Item]) -> None:
        """Open the transaction around these tests.

        Raises:
            ValueError: one of them commits; it would be in the transaction of the others, or would empty their world.
        """
        if any(map(_commits, tests)):
            raise ValueError("Where a test commits, each test of the file has to build its world itself.")
        with self._blocker.unblock():
            self._around.__enter__()

    def __call__(self, build: Callable[[], World]) -> Callable[[], World]:
        """Build it now; what comes back hands out copies."""
        with self._blocker.unblock():
            world = build()
            # What waits for the end of the transaction is checked now, and not again after every test.
            connection.check_constraints()
        return lambda: deepcopy(world)

    def end(self) -> None:
        """Take everything back."""
        with self._blocker.unblock():
            transaction.set_rollback(True)
            self._around.__exit__(None, None, None)


def _commits(test: pytest.Item) -> bool:
    is_asked_for = any(mark.kwargs.get("transaction") for mark in test.iter_markers("django_db"))
    return is_asked_for or not _COMMITTING.isdisjoint(getattr(test, "fixturenames", ()))
