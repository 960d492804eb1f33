"""The web server of ``bin/serve``: granian, with the application loaded once and shared by its workers.

``python -m fantasize.embedded.web PORT WORKERS``. Its command line would load the application once per worker.
"""

import multiprocessing
import os
import signal
import sys

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels

from fantasize.embedded.leash import die_with_parent

_APPLICATION = "fantasize.wsgi:application"


def serve(port: int, workers: int) -> None:
    """Serve the shop's HTTP on a private port until SIGTERM."""
    import fantasize.wsgi  # noqa: F401, PLC0415 - starts Django, so only when there is a server to run

    if sys.platform == "linux":
        multiprocessing.set_start_method("fork")
    _leash_workers()
    Granian(
        _APPLICATION,
        port=port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        websockets=False,
        workers=workers,
        blocking_threads=min(8, multiprocessing.cpu_count() * 2 + 1),
        respawn_failed_workers=True,
        respawn_interval=0.1,
        workers_kill_timeout=5,
        log_level=LogLevels.warning,
    ).serve()


def _leash_workers() -> None:
    """Let workers die with this process: a kill -9 of it must not leave them serving old code on its port."""
    main = os.getpid()
    leashed: list[bool] = []

    def leash() -> None:
        if not leashed:  # not the processes that a worker itself might fork
            leashed.append(True)
            die_with_parent(signal.SIGKILL, main)

    os.register_at_fork(after_in_child=leash)


if __name__ == "__main__":
    serve(int(sys.argv[1]), int(sys.argv[2]))
