"""``manage.py seed_scenario``: the people, goods, templates and discounts that a file names."""

import json
from argparse import ArgumentParser
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from fantasize.core.errors import DomainError
from orders.services.scenario import apply_scenario
from orders.services.scenario_document import parse_scenario


class Command(BaseCommand):
    """Make what a JSON file says and print the ids. Repeatable: what exists keeps its id and is brought up to date."""

    help = (
        'Make {"users": [{"email", "password", "role", "verified"}], '
        '"products": [{"key", "name", "price", "stock", "category"?, "template"?}], '
        '"packages": [{"key", "name", "price"?, "items": [[key, quantity]], "template"?}], '
        '"templates": [{"key", "name", "schema"}], '
        '"offers": [{"name", "percent" or "amount", "products", "packages", "categories", "starts_at"?, "ends_at"?}], '
        '"coupons": [{"code", "percent" or "amount", "min_total"?, "max_uses"?, "max_uses_per_customer"?, '
        '"starts_at"?, "ends_at"?}], '
        '"price_breaks": [{"product" or "package", "min_quantity", "percent" or "unit_price"}]}, every list optional; '
        "print the ids of the first four."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Say which file."""
        parser.add_argument("--json", type=Path, required=True, metavar="FILE", dest="path", help="what to make")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make it, then print the ids."""
        document = self._read(options["path"])
        try:
            ids = apply_scenario(parse_scenario(document))
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
