"""A shop's database as it is before anybody has used it: made once for the code as it is, and copied for each shop."""

import fcntl
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from fantasize.embedded import prepared, services
from fantasize.embedded.home import find_home, locked, make_home
from fantasize.embedded.programs import BASE_DIR

_MARK = "prepared.json"


def lay_out(data_dir: Path, store: Path, environment: Mapping[str, str]) -> None:
    """Give ``data_dir`` a PostgreSQL of its own, with everything migrated; ``bin/serve`` finds it prepared.

    Args:
        data_dir: of the shop that is about to start.
        store: where the one to copy is kept, for all shops of all runs. One made for other code is thrown away.
        environment: what the shop will be started with.
    """
    with _alone(store):
        blank = store / prepared.fingerprint()
        if not (blank / _MARK).exists():
            for stale in store.glob("*/"):
                services.reset(stale)
                shutil.rmtree(stale)
            _make(blank, environment)
        _copy(blank, data_dir)


@contextmanager
def _alone(store: Path) -> Iterator[None]:
    """One process at a time; the kernel lets the next one in when it is killed."""
    store.mkdir(parents=True, exist_ok=True)
    with (store / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _make(blank: Path, environment: Mapping[str, str]) -> None:
    """Have it prepared as a start would; it is whole once its mark is there, which comes last."""
    command = [sys.executable, "-m", "fantasize.tests.journeys.blank", str(blank)]
    done = subprocess.run(
        command,
        cwd=BASE_DIR,
        env={**environment, "DATA_DIR": str(blank)},
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def _copy(blank: Path, data_dir: Path) -> None:
    source = find_home(blank)
    assert source is not None
    with locked(data_dir):
        target = make_home(data_dir).path / "postgres"
        if not target.exists():
            # Under the name that a start takes for half of a cluster, until it is whole.
            unfinished = target.with_suffix(".new")
            subprocess.run(
                ["/bin/cp", "-a", "--reflink=auto", str(source.path / "postgres"), str(unfinished)], check=True
            )
            unfinished.rename(target)
            shutil.copy(blank / _MARK, data_dir / _MARK)


def main(blank: Path) -> None:
    """Make it, in a process with the environment of a shop."""
    try:
        url = services.start(blank, ["postgres"])["DATABASE_URL"]
        command = [sys.executable, "manage.py", "prepare"]
        subprocess.run(command, cwd=BASE_DIR, env={**os.environ, "DATABASE_URL": url}, check=True)
        state = prepared.state_of(url)
    finally:
        services.stop(blank)
    (blank / _MARK).write_text(json.dumps(state))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
