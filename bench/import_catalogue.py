"""How long the real month of retail lines takes to import, and how much memory."""

import os
import tempfile
from pathlib import Path

from bench.report import Measurement
from bench.shop import ROOT, empty_shop

_MAX_SECONDS = 60
_MAX_MB = 300


def measure() -> list[Measurement]:
    """Import the file (``RETAIL_CSV`` names another) with its orders into an empty shop, twice, and check the books."""
    path = os.environ.get("RETAIL_CSV", str(ROOT / "bench" / "data" / "online_retail_2010-12.csv.gz"))
    with tempfile.TemporaryDirectory() as data_dir, empty_shop(Path(data_dir)) as shop:
        first = shop.manage("import_catalogue", path, "--orders")
        second = shop.manage("import_catalogue", path, "--orders")
        check = shop.manage("verify_invariants")
    return [
        Measurement("first import, wall clock", first.seconds, "s", _MAX_SECONDS),
        Measurement("first import, processor time", first.processor_seconds, "s"),
        Measurement("first import, peak memory", first.peak_mb, "MB", _MAX_MB),
        Measurement("second import, nothing new", second.seconds, "s"),
        Measurement("verify_invariants afterwards", check.seconds, "s"),
    ]
