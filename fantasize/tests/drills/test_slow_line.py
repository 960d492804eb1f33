"""The line that makes a database slow: what comes back is what was asked for, late."""

import time
from pathlib import Path

import psycopg
import pytest

from fantasize.settings.env import DATA_DIR
from fantasize.tests.drills.slow_line import slow_line

pytestmark = pytest.mark.processes


def test_what_is_asked_takes_its_time_only_while_the_switch_is_on(tmp_path: Path) -> None:
    switch = tmp_path / "slow"
    with slow_line(DATA_DIR, switch=switch, most_ms=200) as url, psycopg.connect(url, autocommit=True) as line:
        text = "x" * 200_000

        def ask() -> float:
            began = time.monotonic()
            assert line.execute("SELECT %s", (text,)).fetchone() == (text,)
            return time.monotonic() - began

        quick = min(ask() for _ in range(3))
        switch.touch()
        assert max(ask() for _ in range(3)) > quick + 0.05
