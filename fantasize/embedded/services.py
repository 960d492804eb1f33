"""The embedded servers as a whole: start, watch, stop, delete."""

import functools
import shutil
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from fantasize.embedded.errors import EmbeddedServiceError

# Their names, and the environment variables that carry their URLs.
VARIABLES = {"postgres": "DATABASE_URL", "redis": "REDIS_URL"}

_WATCH_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Service:
    """One kind of server.

    Attributes:
        title: for a person.
        ensure: starts or finds it; None when this machine has no program for it.
        is_running: whether it answers.
        stop: stops it; whether there was one.
        pid: its process id.
    """

    title: str
    ensure: Callable[[Path], str | None]
    is_running: Callable[[Path], bool]
    stop: Callable[[Path], bool]
    pid: Callable[[Path], int | None]


@functools.cache
def service(name: str) -> Service:
    """The service of that name; loaded on demand, because where URLs name the servers its packages are absent."""
    if name == "postgres":
        from fantasize.embedded import postgres  # noqa: PLC0415 - see above

        return Service(
            "PostgreSQL",
            postgres.ensure_postgres,
            postgres.is_postgres_running,
            postgres.stop_postgres,
            postgres.postgres_pid,
        )
    from fantasize.embedded import redis  # noqa: PLC0415 - see above

    return Service("Redis", redis.ensure_redis, redis.is_redis_running, redis.stop_redis, redis.redis_pid)


def start(data_dir: Path, names: Iterable[str] = tuple(VARIABLES)) -> dict[str, str]:
    """Start what is not running; the URLs by environment variable, without what this machine cannot run."""
    urls = {VARIABLES[name]: service(name).ensure(data_dir) for name in names}
    return {variable: url for variable, url in urls.items() if url}


def running(data_dir: Path, names: Iterable[str] = tuple(VARIABLES)) -> dict[str, int | None]:
    """Those that answer, with their process ids."""
    return {name: service(name).pid(data_dir) for name in names if service(name).is_running(data_dir)}


def stop(data_dir: Path, names: Iterable[str] = tuple(VARIABLES)) -> list[str]:
    """Stop what is running; the names of what was stopped."""
    return [name for name in names if service(name).stop(data_dir)]


def reset(data_dir: Path) -> None:
    """Stop both and delete everything they hold. Nothing brings it back."""
    from fantasize.embedded.home import find_home  # noqa: PLC0415 - as in service()

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
                self._revive(service(name))

    def _revive(self, watched: Service) -> None:
        if watched.is_running(self.data_dir):
            return
        self.report(f"{watched.title} does not answer; starting it again")
        try:
            watched.ensure(self.data_dir)
        except EmbeddedServiceError as error:
            self.report(str(error))
        else:
            self.on_return()
