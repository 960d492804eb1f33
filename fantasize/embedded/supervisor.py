"""Keeps programs running: passes their output on, restarts what dies, and ends them in order."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from fantasize.embedded.programs import BASE_DIR, Program

_LEASH = Path(__file__).with_name("leash.py")
_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 2.0
# A process that lived this long was well: its next death is a first one again.
_WELL_SECONDS = 10.0

_output_lock = threading.Lock()


def say(name: str, line: str) -> None:
    """Print one line with the name of the process it comes from; a closed terminal is no reason to stop."""
    with _output_lock, contextlib.suppress(OSError, ValueError):
        sys.stdout.write(f"{name:>8} | {line}\n")
        sys.stdout.flush()


@dataclass(slots=True)
class Child:
    """One program, and the process that runs it at the moment."""

    program: Program
    environment: Mapping[str, str]
    process: "subprocess.Popen[str] | None" = None
    _started_at: float = 0.0
    _pause: float = _FIRST_PAUSE
    _due_at: float = 0.0
    _readers: list[threading.Thread] = field(default_factory=list)

    @property
    def pid(self) -> int | None:
        """Its process id while it runs."""
        return self.process.pid if self.process else None

    def status(self) -> int | None:
        """Its exit status; None while it runs."""
        return self.process.poll() if self.process else None

    def start(self) -> None:
        """Start it in its own session, so that Ctrl-C in the terminal reaches only the supervisor.

        Call it from the main thread: the kernel counts the death of the starting thread as the parent's.
        """
        leash = [sys.executable, "-I", "-S", str(_LEASH), str(int(self.program.orphan_signal)), str(os.getpid())]
        self._started_at = time.monotonic()
        self.process = subprocess.Popen(  # noqa: S603 - our own programs
            [*leash, *self.program.command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            cwd=BASE_DIR,
            env=dict(self.environment),
            start_new_session=True,
            pass_fds=self.program.descriptors,
        )
        reader = threading.Thread(target=self._pass_on, args=(self.process.stdout,), daemon=True)
        reader.start()
        self._readers = [*(thread for thread in self._readers if thread.is_alive()), reader]

    def _pass_on(self, output: TextIO) -> None:
        with output:
            for line in output:
                say(self.program.name, line.rstrip("\n"))

    def restart_if_dead(self) -> bool:
        """Start it again after a short pause if it died; whether it was started."""
        now = time.monotonic()
        if self.process:
            status = self.status()
            if status is None:
                return False
            self._bury(status, now)
        if now < self._due_at:
            return False
        self.start()
        return True

    def _bury(self, status: int, now: float) -> None:
        self.kill()
        self._pause = _FIRST_PAUSE if now - self._started_at > _WELL_SECONDS else min(self._pause * 2, _LONGEST_PAUSE)
        self._due_at = now + self._pause
        self.process = None
        say("serve", f"{self.program.name} ended ({_describe(status)}); starting it again")

    def terminate(self) -> None:
        """Ask it to end what it is doing and stop."""
        if self.process and self.process.poll() is None:
            self.process.terminate()

    def kill(self) -> None:
        """End it and whatever it has forked, at once."""
        if self.process:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            for reader in self._readers:
                reader.join(timeout=1)


def _describe(status: int) -> str:
    return f"signal {signal.Signals(-status).name}" if status < 0 else f"exit status {status}"


def stop_all(children: Iterable[Child], *, seconds: float) -> None:
    """Ask all of them to stop; after ``seconds`` kill the rest. Returns when every one is gone."""
    children = list(children)
    for child in children:
        child.terminate()
    deadline = time.monotonic() + seconds
    for child in children:
        if child.process:
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.process.wait(timeout=max(0.0, deadline - time.monotonic()))
            child.kill()
