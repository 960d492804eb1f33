"""``manage.py worker``: background jobs and periodic work, until told to stop."""

from typing import Any

from django.core.management.base import BaseCommand

from fantasize.core.queue import worker_app


class Command(BaseCommand):
    """Run the background worker in the foreground."""

    help = "Run background jobs and periodic work until SIGTERM; a job in progress is finished first."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run procrastinate's worker with the project's defaults."""
        with worker_app() as app:
            app.run_worker(name="fantasize")
