"""``manage.py seed_scenario``: the people and products that a file names."""

import json
from argparse import ArgumentParser
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from fantasize.core.errors import DomainError
from orders.services import scenario


class Command(BaseCommand):
    """Make what a JSON file says and print the ids. Repeatable: what exists keeps its id and is brought up to date."""

    help = (
        'Make users ({"email", "password", "role", "verified"}) and products '
        '({"key", "name", "price", "stock", "category"}) from {"users": [...], "products": [...]}; print their ids.'
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Say which file."""
        parser.add_argument("--json", type=Path, required=True, metavar="FILE", dest="path", help="what to make")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make it, then print the ids."""
        document = self._read(options["path"])
        try:
            ids = scenario.apply_scenario(scenario.parse_scenario(document))
        except DomainError as error:
            places = "; ".join(f"{fault.location or '/'}: {fault.detail}" for fault in error.errors)
            raise CommandError(places or error.detail) from error
        self.stdout.write(json.dumps(ids, indent=2))

    def _read(self, path: Path) -> Any:
        try:
            return json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror}.") from error
        except ValueError as error:
            raise CommandError(f"{path} is not JSON: {error}.") from error
