"""How long the demonstration shop takes to appear."""

import tempfile
from pathlib import Path

from bench.report import Measurement
from bench.shop import empty_shop

_MAX_SECONDS = 5


def measure() -> list[Measurement]:
    """Seed an empty shop, then a full one, where nothing is to be done."""
    with tempfile.TemporaryDirectory() as data_dir, empty_shop(Path(data_dir)) as shop:
        first = shop.manage("seed_demo")
        second = shop.manage("seed_demo")
    return [
        Measurement("seed_demo with start-up", first.seconds, "s", _MAX_SECONDS),
        Measurement("seed_demo, processor time", first.processor_seconds, "s"),
        Measurement("seed_demo, nothing to do", second.seconds, "s"),
    ]
