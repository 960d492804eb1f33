"""Keeps ``docs/openapi.yaml`` equal to the code."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from fantasize.api import document
from fantasize.core.api.versioning import LATEST


class Command(BaseCommand):
    """Writes the OpenAPI document, or checks that the one in the repository is current."""

    help = "Write docs/openapi.yaml, or check that it is current."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One of ``--write`` and ``--check``."""
        choice = parser.add_mutually_exclusive_group(required=True)
        choice.add_argument("--write", action="store_true", help="write docs/openapi.yaml")
        choice.add_argument("--check", action="store_true", help="fail if docs/openapi.yaml is not what the code says")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write or check.

        Raises:
            CommandError: the code cannot be documented, or the file is not current.
        """
        path = settings.BASE_DIR / "docs" / "openapi.yaml"
        current = document.as_yaml(LATEST)
        if complaints := document.complaints():
            raise CommandError("The code leaves these open:\n" + "\n".join(complaints))
        if options["write"]:
            path.write_bytes(current)
            self.stdout.write("docs/openapi.yaml is written.")
        elif not path.exists() or path.read_bytes() != current:
            raise CommandError("docs/openapi.yaml is not current: run manage.py openapi --write.")
