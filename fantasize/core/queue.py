"""The background queue: procrastinate, in the same PostgreSQL, so that enqueueing is part of the transaction."""

from collections.abc import Iterator
from contextlib import contextmanager

from procrastinate import App, PsycopgConnector, RetryStrategy
from procrastinate.connector import BaseConnector
from procrastinate.contrib.django import app as queue
from procrastinate.contrib.django import connector_params
from procrastinate.contrib.django.django_connector import DjangoConnector

# Attempts grow 1, 4, 16 ... seconds apart; the last comes after about a day.
RETRY = RetryStrategy(max_attempts=9, exponential_wait=4)
# A worker beats every ten seconds; one that has missed three beats is gone.
STALLED_AFTER_SECONDS = 30.0


def configure(app: App) -> None:
    """Set the worker's defaults (procrastinate calls this once its app is ready)."""
    app.worker_defaults.setdefault("concurrency", 4)
    app.worker_defaults.setdefault("delete_jobs", "successful")
    app.worker_defaults.setdefault("update_heartbeat_interval", 5.0)
    app.worker_defaults.setdefault("stalled_worker_timeout", STALLED_AFTER_SECONDS)
    app.worker_defaults.setdefault("fetch_job_polling_interval", 1.0)


class _WorkerConnector(PsycopgConnector):
    """Fetches jobs through connections of its own; what a job enqueues goes through Django's, as anywhere else."""

    def get_sync_connector(self) -> BaseConnector:
        """Django's connection of the job's own thread."""
        return DjangoConnector()


@contextmanager
def worker_app() -> Iterator[App]:
    """What a worker runs.

    What a job enqueues is part of the job's own transaction. With the connector of procrastinate's own command it is
    not: a job that was enqueued halfway through could run before its rows were there, or although they never came.
    """
    connector = _WorkerConnector(kwargs=connector_params())
    with queue.replace_connector(connector) as app:
        yield app
