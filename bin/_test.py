"""Runs pytest against servers of its own, never against the shop's data, and stops them afterwards."""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "bin")]

from _bootstrap import apt_install  # noqa: E402 - the path comes first

from fantasize.embedded import services  # noqa: E402 - as above

_SHOP_NAMES = ("DATABASE_URL", "DATABASE_HOST", "REDIS_URL", "REDIS_HOST")


def main() -> int:
    """Run it all; the exit status is that of pytest."""
    environment = test_environment()
    embedded = [name for name, variable in services.VARIABLES.items() if not is_named(variable, environment)]
    if "redis" in embedded:
        ensure_redis_program()
    ensure_browser()
    data_dir = Path(environment["DATA_DIR"])
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / "users.lock").open("w") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        status = run_pytest(environment)
        stop_if_last(users.fileno(), data_dir, embedded)
    return status


def test_environment() -> dict[str, str]:
    """The environment without the shop's servers; an empty value also outranks one in ``.env``.

    What is compiled is kept, whatever the caller prefers: hundreds of processes are started.
    """
    data_dir = (ROOT / (os.environ.get("TEST_DATA_DIR") or "var/test")).resolve()
    servers = {name: os.environ.get(f"TEST_{name}", "") for name in _SHOP_NAMES}
    ours = {**servers, "DJANGO_ENV": "test", "DATA_DIR": str(data_dir), "PYTHONDONTWRITEBYTECODE": ""}
    return {**os.environ, **ours}


def is_named(variable: str, environment: dict[str, str]) -> bool:
    """Whether a URL, or the earlier system's host, names the server."""
    return bool(environment[variable] or environment[variable.replace("_URL", "_HOST")])


def ensure_redis_program() -> None:
    """The suite shows what several processes share, which they do in Redis."""
    from fantasize.embedded.redis import find_program  # noqa: PLC0415 - its packages are absent where a URL is set

    if find_program() is None:
        sys.exit(
            "bin/test: there is no Redis for this platform: install one (Debian: apt-get install redis-server)"
            " or set TEST_REDIS_URL."
        )


def ensure_browser() -> None:
    """Install a Chromium for the tests that look at pages, as root on Debian; else say what they need.

    The one without windows is enough, and quicker.
    """
    if any(map(shutil.which, ("chromium-headless-shell", "chromium"))) or apt_install("chromium-headless-shell"):
        return
    print("The browser tests need Chromium: run `apt-get install chromium-headless-shell` as root.", flush=True)


def run_pytest(environment: dict[str, str]) -> int:
    """Run it to its end; Ctrl-C reaches it by itself, SIGTERM is passed on."""
    arguments = sys.argv[1:] or whole_suite()
    process = subprocess.Popen([sys.executable, "-m", "pytest", *arguments], cwd=ROOT, env=environment)

    def pass_on(number: int, _: FrameType | None) -> None:
        process.send_signal(number)

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, pass_on)
    return process.wait()


def whole_suite() -> list[str]:
    """Files side by side; each process has a database and a logical Redis of its own.

    One process more than processors, because many tests wait: for a server's start, or for time to run out.
    """
    return ["-n", str(min(os.cpu_count() or 1, 4) + 1), "--dist", "loadfile", "--no-loadscope-reorder"]


def stop_if_last(users: int, data_dir: Path, embedded: list[str]) -> None:
    """Stop the servers unless another bin/test is using them."""
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    services.stop(data_dir, embedded)


if __name__ == "__main__":
    sys.exit(main())
