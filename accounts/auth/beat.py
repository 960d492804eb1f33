"""Answers that leave at set moments, so that the time they take tells nothing of the work behind them."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings


@contextmanager
def on_the_beat() -> Iterator[None]:
    """Go on only when a whole number of ``REGISTRATION_BEAT_SECONDS`` has passed since it began.

    What was refused goes on at once. Not in a transaction.
    """
    began = time.monotonic()
    yield
    beat = settings.REGISTRATION_BEAT_SECONDS
    if beat:
        time.sleep(-(time.monotonic() - began) % beat)
