"""``manage.py verify_invariants``: is everything as it must always be?"""

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection, transaction

from fantasize.core import invariants


class Command(BaseCommand):
    """Count the violations of every invariant; exit with 1 when there is any."""

    help = "Check every invariant of the shop. Prints each with its number of violations, which should be 0."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Say how to print."""
        parser.add_argument("--json", action="store_true", help="print one JSON object: invariant -> violations")

    def handle(self, *args: Any, **options: Any) -> None:
        """Check, print, and say by the exit status whether all is well."""
        with transaction.atomic():
            self._be_patient()
            found = invariants.violations()
        if options["json"]:
            self.stdout.write(json.dumps(found, indent=2))
        else:
            width = max(len(name) for name in found)
            for name, violations in found.items():
                self.stdout.write(f"{name:<{width}}  {violations:,}")
        if any(found.values()):
            sys.exit(1)

    def _be_patient(self) -> None:
        """Large tables take longer to read than a shopper may be kept waiting."""
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 0")
