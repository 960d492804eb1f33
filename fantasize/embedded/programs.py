"""What ``bin/serve`` runs: the shop's processes and their command lines."""

import signal
import sys
from dataclasses import dataclass, field
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent.parent
# Larger frames are no part of the protocol; the server closes with 1009.
_LARGEST_FRAME = 64 * 1024
# Somebody waits for the others; these get their share, but after them.
_BEHIND = ("nice", "-n", "5")


@dataclass(frozen=True, slots=True)
class Program:
    """One process to keep running.

    Attributes:
        name: as it appears in the output and in pids.json.
        command: program and arguments.
        orphan_signal: what it gets when the supervisor dies.
        descriptors: open files that it inherits.
    """

    name: str
    command: list[str]
    orphan_signal: signal.Signals = signal.SIGTERM
    descriptors: tuple[int, ...] = field(default=())


def prepare() -> Program:
    """Migrations and the demo shop; runs once."""
    return Program("prepare", _manage("prepare"))


def web(port: int, processes: int) -> Program:
    """HTTP by WSGI, on a private port."""
    return Program("web", [*_module("fantasize.embedded.web"), str(port), str(processes)])


def sockets(port: int) -> Program:
    """WebSockets and streams by ASGI, on a private port; on SIGTERM every socket is closed with 1012."""
    options = {
        "--host": "127.0.0.1",
        "--port": str(port),
        "--ws": "websockets-sansio",
        "--ws-max-size": str(_LARGEST_FRAME),
        "--timeout-graceful-shutdown": "5",
        "--log-level": "warning",
        "--lifespan": "on",
    }
    command = [*_module("uvicorn"), "--no-proxy-headers", "--no-access-log", *_flat(options)]
    return Program("sockets", [*command, "fantasize.asgi:application"])


def background() -> list[Program]:
    """The worker, and the factory where orders have one: they give way to whoever waits for an answer."""
    factory = BASE_DIR / "orders" / "management" / "commands" / "run_factory.py"
    names = {"worker": "worker"} | ({"factory": "run_factory"} if factory.exists() else {})
    return [Program(name, [*_BEHIND, *_manage(command)]) for name, command in names.items()]


def front(descriptors: tuple[int, ...], web_port: int, sockets_port: int, trusted: str) -> Program:
    """The one public port, on listening sockets that outlive it."""
    addresses = {"--web": f"127.0.0.1:{web_port}", "--sockets": f"127.0.0.1:{sockets_port}", "--trusted": trusted}
    listening = [word for descriptor in descriptors for word in ("--fd", str(descriptor))]
    command = [*_module("fantasize.embedded.front"), *listening, *_flat(addresses)]
    return Program("front", command, orphan_signal=signal.SIGKILL, descriptors=descriptors)


def _manage(command: str) -> list[str]:
    return [sys.executable, str(BASE_DIR / "manage.py"), command]


def _module(name: str) -> list[str]:
    return [sys.executable, "-m", name]


def _flat(options: dict[str, str]) -> list[str]:
    return [word for pair in options.items() for word in pair]
