"""``manage.py services``: the embedded PostgreSQL and Redis, by hand."""

import argparse
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from fantasize.embedded import services
from fantasize.embedded.errors import EmbeddedServiceError


class Command(BaseCommand):
    """Start, stop, show or delete the embedded servers of DATA_DIR."""

    help = "Start, stop, show or delete the embedded PostgreSQL and Redis of DATA_DIR."
    requires_system_checks = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """What to do, and the consent that deleting needs."""
        parser.add_argument("action", choices=["start", "stop", "status", "reset"])
        parser.add_argument("--yes", action="store_true", help="reset without asking")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, and say what was done."""
        data_dir = Path(settings.DATA_DIR)
        if options["action"] == "reset" and not (options["yes"] or self._agrees(data_dir)):
            raise CommandError("Nothing was deleted.")
        try:
            getattr(self, f"_{options['action']}")(data_dir)
        except EmbeddedServiceError as error:
            raise CommandError(str(error)) from None

    def _agrees(self, data_dir: Path) -> bool:
        return input(f"Delete the database and the cache in {data_dir}? [y/N] ").strip().lower() in {"y", "yes"}

    def _start(self, data_dir: Path) -> None:
        for variable, url in services.start(data_dir).items():
            self.stdout.write(f"{variable}={url}")

    def _stop(self, data_dir: Path) -> None:
        stopped = services.stop(data_dir)
        self.stdout.write(f"Stopped {' and '.join(stopped)}." if stopped else "Nothing was running.")

    def _status(self, data_dir: Path) -> None:
        running = services.running(data_dir)
        for name in services.VARIABLES:
            self.stdout.write(f"{name}: {f'running, process {running[name]}' if name in running else 'not running'}")

    def _reset(self, data_dir: Path) -> None:
        services.reset(data_dir)
        self.stdout.write("Deleted.")
