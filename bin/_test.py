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
from fantasize.embedded.redis import find_program  # noqa: E402 - as above

_SHOP_NAMES = ("DATABASE_URL", "DATABASE_HOST", "REDIS_URL", "REDIS_HOST")


def main() -> int:
    """Run it all; the exit status is that of pytest."""
    environment = test_environment()
    if not environment["REDIS_URL"] and find_program() is None:
        sys.exit(
            "bin/test: there is no Redis for this platform: install one (Debian: apt-get install redis-server)"
            " or set TEST_REDIS_URL."
        )
    ensure_browser()
    data_dir = Path(environment["DATA_DIR"])
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / "users.lock").open("w") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        status = run_pytest(environment)
        stop_if_last(users.fileno(), data_dir)
    return status


def test_environment() -> dict[str, str]:
    """The environment without the shop's servers; an empty value also outranks one in ``.env``."""
    data_dir = (ROOT / (os.environ.get("TEST_DATA_DIR") or "var/test")).resolve()
    servers = {name: os.environ.get(f"TEST_{name}", "") for name in _SHOP_NAMES}
    return {**os.environ, **servers, "DJANGO_ENV": "test", "DATA_DIR": str(data_dir)}


def ensure_browser() -> None:
    """Install Chromium for the tests that look at pages, as root on Debian; else say what they need."""
    if shutil.which("chromium") or apt_install("chromium"):
        return
    print("The browser tests need Chromium: run `apt-get install chromium` as root.", flush=True)


def run_pytest(environment: dict[str, str]) -> int:
    """Run it to its end; Ctrl-C reaches it by itself, SIGTERM is passed on."""
    process = subprocess.Popen([sys.executable, "-m", "pytest", *sys.argv[1:]], cwd=ROOT, env=environment)

    def pass_on(number: int, _: FrameType | None) -> None:
        process.send_signal(number)

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, pass_on)
    return process.wait()


def stop_if_last(users: int, data_dir: Path) -> None:
    """Stop the servers unless another bin/test is using them."""
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    services.stop(data_dir)


if __name__ == "__main__":
    sys.exit(main())
