"""The embedded servers as a whole: start, watch, stop, delete."""

import shutil
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from fantasize.embedded import postgres, redis
from fantasize.embedded.errors import EmbeddedServiceError
from fantasize.embedded.home import find_home

_WATCH_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Service:
    """One kind of server.

    Attributes:
        title: for a person.
        variable: the environment variable that carries its URL.
        ensure: starts or finds it; None when this machine has no program for it.
        is_running: whether it answers.
        stop: stops it; whether there was one.
        pid: its process id.
    """

    title: str
    variable: str
    ensure: Callable[[Path], str | None]
    is_running: Callable[[Path], bool]
    stop: Callable[[Path], bool]
    pid: Callable[[Path], int | None]


SERVICES = {
    "postgres": Service(
        "PostgreSQL",
        "DATABASE_URL",
        postgres.ensure_postgres,
        postgres.is_postgres_running,
        postgres.stop_postgres,
        postgres.postgres_pid,
    ),
    "redis": Service(
        "Redis", "REDIS_URL", redis.ensure_redis, redis.is_redis_running, redis.stop_redis, redis.redis_pid
    ),
}


def start(data_dir: Path, names: Iterable[str] = tuple(SERVICES)) -> dict[str, str]:
    """Start what is not running; the URLs by environment variable, without what this machine cannot run."""
    urls = {SERVICES[name].variable: SERVICES[name].ensure(data_dir) for name in names}
    return {variable: url for variable, url in urls.items() if url}


def running(data_dir: Path, names: Iterable[str] = tuple(SERVICES)) -> dict[str, int | None]:
    """Those that answer, with their process ids."""
    return {name: SERVICES[name].pid(data_dir) for name in names if SERVICES[name].is_running(data_dir)}


def stop(data_dir: Path, names: Iterable[str] = tuple(SERVICES)) -> list[str]:
    """Stop what is running; the names of what was stopped."""
    return [name for name in names if SERVICES[name].stop(data_dir)]


def reset(data_dir: Path) -> None:
    """Stop both and delete everything they hold. Nothing brings it back."""
    stop(data_dir)
    home = find_home(data_dir)
    if home:
        shutil.rmtree(home.sockets, ignore_errors=True)
        shutil.rmtree(home.path, ignore_errors=True)
    link = data_dir / "services"
    if link.is_symlink():
        link.unlink()


@dataclass(slots=True)
class Watch:
    """Brings embedded servers back when they die, until it is stopped.

    Attributes:
        data_dir: whose servers.
        names: which of them.
        on_return: called, from the watch's thread, after one came back.
        report: called with a line about what happened.
    """

    data_dir: Path
    names: list[str]
    on_return: Callable[[], None]
    report: Callable[[str], None]
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Watch in the background."""
        self._thread = threading.Thread(target=self._run, name="services", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Watch no more; returns when nothing is being started."""
        self._stop.set()
        if self._thread:
            self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(_WATCH_SECONDS):
            for name in self.names:
                self._revive(SERVICES[name])

    def _revive(self, service: Service) -> None:
        if service.is_running(self.data_dir):
            return
        self.report(f"{service.title} does not answer; starting it again")
        try:
            service.ensure(self.data_dir)
        except EmbeddedServiceError as error:
            self.report(str(error))
        else:
            self.on_return()
