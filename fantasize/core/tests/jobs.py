"""Background jobs in a test: done at once, in this process."""

from unittest.mock import patch

from procrastinate.periodic import PeriodicRegistry

from fantasize.core.queue import worker_app


def work_off() -> None:
    """What a worker does until nothing is left to do; not what the clock asks for, which comes by chance."""
    with worker_app() as worker, patch.object(worker, "periodic_registry", PeriodicRegistry()):  # type: ignore[no-untyped-call] # theirs
        worker.run_worker(wait=False, concurrency=1, install_signal_handlers=False, listen_notify=False)
