"""Waiting in tests: for what comes sooner or later, however busy the machine is."""

import time
from collections.abc import Callable

# Who waits this long waits for something that never comes. What must come quickly is asserted where it is promised.
PATIENCE_SECONDS = 180.0


def wait_until(is_so: Callable[[], bool], what: str = "what was waited for") -> None:
    """Return as soon as it is so."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < deadline, f"{what}: not within {PATIENCE_SECONDS:g} s"
        time.sleep(0.03)
