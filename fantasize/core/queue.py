"""The background queue: procrastinate, in the same PostgreSQL, so that enqueueing is part of the transaction."""

from procrastinate import App, RetryStrategy

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
