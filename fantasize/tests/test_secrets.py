"""The secrets that a shop makes for itself: one for all processes that start together, whoever is first."""

import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from fantasize.settings.env import secret
from fantasize.tests.waiting import PATIENCE_SECONDS

_CROWD, _ROUNDS = 8, 20


def make_badly(name: str) -> str:
    """The file is there before what it says."""
    path: Path = secret.__globals__["DATA_DIR"] / name
    with suppress(FileExistsError), path.open("x") as file:
        time.sleep(0.001)
        file.write(os.urandom(32).hex())
    return path.read_text()


def ask_together(make: Callable[[str], str]) -> list[set[str]]:
    """What processes that start together read, round by round."""
    barrier = threading.Barrier(_CROWD)

    def ask(number: int) -> str:
        barrier.wait(PATIENCE_SECONDS)
        return make(f"KEY_{number}")

    with ThreadPoolExecutor(_CROWD) as pool:
        return [set(pool.map(ask, [number] * _CROWD)) for number in range(_ROUNDS)]


@pytest.fixture(autouse=True)
def _own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(secret.__globals__, "DATA_DIR", tmp_path)


def test_all_who_start_together_read_the_same_whole_secret(tmp_path: Path) -> None:
    read = ask_together(secret)
    assert all(len(each) == 1 and len(min(each)) == 64 for each in read)
    assert len(set.union(*read)) == _ROUNDS
    kept = list((tmp_path / "secrets").iterdir())
    assert len(kept) == _ROUNDS
    assert {path.stat().st_mode & 0o777 for path in kept} == {0o600}


def test_a_file_that_is_made_before_it_is_written_is_read_empty() -> None:
    assert any("" in each for each in ask_together(make_badly))
