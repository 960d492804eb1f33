"""``bin/serve`` once the environment is made: everything behind one port, in the foreground, until told to stop."""

import argparse
import contextlib
import http.client
import os
import signal
import socket
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from fantasize.embedded import prepared, programs, services
from fantasize.embedded.claim import Claim, claim
from fantasize.embedded.configuration import Configuration, ServeError
from fantasize.embedded.errors import EmbeddedServiceError
from fantasize.embedded.ports import bind_public, free_private_port
from fantasize.embedded.supervisor import Child, say, stop_all

_TICK_SECONDS = 0.05
_READY_SECONDS = 60.0
_DRAIN_SECONDS = 8.5
_WEB_STOP_SECONDS = 3.0


@dataclass(slots=True)
class Stop:
    """Whether we were told to stop. A plain flag: a ``threading.Event`` set by a signal handler can wait for itself."""

    is_requested: bool = False

    def request(self, *_: object) -> None:
        """Ask for it; a signal handler."""
        self.is_requested = True

    def wait(self, seconds: float) -> bool:
        """Let that much time pass, unless it is requested already; whether it is."""
        if not self.is_requested:
            time.sleep(seconds)
        return self.is_requested


@dataclass(slots=True)
class Shop:
    """The shop's sockets and processes.

    Attributes:
        configuration: how to serve.
        claimed: our right to DATA_DIR.
        listeners: the public port.
        stop: requested by a signal.
    """

    configuration: Configuration
    claimed: Claim
    listeners: list[socket.socket]
    stop: Stop
    children: dict[str, Child] = field(default_factory=dict)
    owned: list[str] = field(default_factory=list)
    _watch: services.Watch | None = None
    _environment: dict[str, str] = field(default_factory=dict)
    _sockets_port: int = 0

    @property
    def port(self) -> int:
        """The public port's number."""
        return int(self.listeners[0].getsockname()[1])

    @property
    def url(self) -> str:
        """Where a person finds the shop."""
        host = self.configuration.host
        is_any = host in {"0.0.0.0", "::", "localhost"}  # noqa: S104 - compared, not bound
        return f"http://{'localhost' if is_any else host}:{self.port}"

    def run(self) -> None:
        """Start everything, keep it running until a signal, stop everything.

        Raises:
            ServeError, EmbeddedServiceError: when it cannot be started.
        """
        began_at = time.monotonic()
        try:
            self._start_services()
            self._start_shop()
            is_ready = self._wait_until_ready()
            if is_ready:
                self._welcome(time.monotonic() - began_at)
            if not self.stop.is_requested:
                self._add(*programs.background())
            while not self.stop.wait(_TICK_SECONDS):
                self._restart_dead()
                if not is_ready and self._is_ready():
                    is_ready = True
                    self._welcome(time.monotonic() - began_at)
        finally:
            self._stop()

    def _start_services(self) -> None:
        needed = self.configuration.embedded
        before = services.running(self.configuration.data_dir, needed)
        self.owned = [name for name in needed if name not in before or name in self.claimed.left_running]
        self.claimed.publish(self.url, self.owned)
        urls = services.start(self.configuration.data_dir, needed)
        self._environment = self.configuration.environment(urls, self.port)
        watched = [name for name in needed if services.VARIABLES[name] in urls]
        self._watch = services.Watch(self.configuration.data_dir, watched, self._publish_pids, _report)
        self._watch.start()

    def _start_shop(self) -> None:
        """Web and sockets load while the database is prepared; nobody can reach them before."""
        web_port = free_private_port(set())
        self._sockets_port = free_private_port({web_port})
        self._add(programs.web(web_port, self._web_processes()), programs.sockets(self._sockets_port))
        self._prepare()
        descriptors = tuple(listener.fileno() for listener in self.listeners)
        self._add(programs.front(descriptors, web_port, self._sockets_port, self.configuration.trusted_proxies))

    def _web_processes(self) -> int:
        """One process when nothing but its memory is shared."""
        has_redis = "redis" not in self.configuration.embedded or "REDIS_URL" in self._environment
        return self.configuration.web_processes if has_redis else 1

    def _add(self, *added: programs.Program) -> None:
        for program in added:
            self.children[program.name] = Child(program, self._environment)
            self.children[program.name].start()
        self._publish_pids()

    def _prepare(self) -> None:
        database_url = self._environment.get("DATABASE_URL", "")
        if prepared.is_prepared(self.configuration.data_dir, database_url):
            return
        child = Child(programs.prepare(), {"LOG_LEVEL": "WARNING", **self._environment})
        child.start()
        while (status := child.status()) is None:
            if self.stop.wait(_TICK_SECONDS):
                child.kill()
                return
        child.kill()
        if status != 0:
            raise ServeError("The database could not be prepared; the reason is above.")
        prepared.remember(self.configuration.data_dir, database_url)

    def _restart_dead(self) -> None:
        restarted = [name for name, child in self.children.items() if child.restart_if_dead()]
        if restarted:
            self._publish_pids()

    def _publish_pids(self) -> None:
        pids = {name: child.pid for name, child in self.children.items()}
        embedded = services.running(self.configuration.data_dir, self.configuration.embedded)
        self.claimed.publish_pids({"supervisor": os.getpid(), **pids, **embedded})

    def _wait_until_ready(self) -> bool:
        deadline = time.monotonic() + _READY_SECONDS
        while not self.stop.wait(_TICK_SECONDS):
            self._restart_dead()
            if self._is_ready():
                return True
            if time.monotonic() > deadline:
                _report(f"the shop is not ready after {_READY_SECONDS:.0f} s; it keeps trying, see the lines above")
                return False
        return False

    def _is_ready(self) -> bool:
        address = self.listeners[0].getsockname()[0]
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(address, address)  # noqa: S104 - compared, not bound
        connection = http.client.HTTPConnection(host, self.port, timeout=2)
        try:
            socket.create_connection(("127.0.0.1", self._sockets_port), timeout=1).close()
            connection.request("GET", "/health/ready", headers={"Host": f"localhost:{self.port}"})
            return connection.getresponse().status == http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def _welcome(self, seconds: float) -> None:
        accounts = self.configuration.data_dir / "demo-accounts.json"
        lines = [
            f"The shop is ready after {seconds:.1f} s.",
            f"  API       {self.url}/api/products",
            f"  Admin     {self.url}/admin/",
            f"  API docs  {self.url}/api-docs",
            *([f"  Accounts  {_shorten(accounts)}"] if accounts.exists() else []),
            "Ctrl-C stops everything.",
        ]
        for line in lines:
            _report(line)

    def _stop(self) -> None:
        """Accept nothing more, let what is in flight end, then stop what it needed."""
        if self.stop.is_requested:
            _report("stopping")
        if self._watch:
            self._watch.stop()
        for listener in self.listeners:
            listener.close()
        web = self.children.pop("web", None)
        stop_all(self.children.values(), seconds=_DRAIN_SECONDS)
        stop_all([web] if web else [], seconds=_WEB_STOP_SECONDS)
        services.stop(self.configuration.data_dir, self.owned)
        if self.stop.is_requested:
            _report("stopped")


def _shorten(path: Path) -> Path:
    return path.relative_to(programs.BASE_DIR) if path.is_relative_to(programs.BASE_DIR) else path


def _report(line: str) -> None:
    say("serve", line)


def main(arguments: Sequence[str]) -> int:
    """Serve until a signal; 0 after a clean stop, 1 when the shop cannot be started."""
    about = "Serves the whole shop on one port. How is said by the environment or .env: see docs/operations.md."
    argparse.ArgumentParser(prog="bin/serve", description=about).parse_args(arguments)
    stop = Stop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop.request)
    try:
        configuration = Configuration.read()
        with claim(configuration.data_dir) as claimed, contextlib.ExitStack() as stack:
            listeners = [stack.enter_context(one) for one in bind_public(configuration.host, configuration.port)]
            Shop(configuration, claimed, listeners, stop).run()
    except (ServeError, EmbeddedServiceError) as error:
        sys.stderr.write(f"bin/serve: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
