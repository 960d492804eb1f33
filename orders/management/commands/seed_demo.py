"""``manage.py seed_demo``: an attractive shop to look around in."""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from orders.services import demo
from orders.services.demo import DemoAccount


class Command(BaseCommand):
    """Fill an empty shop with gifts, people and a month of orders. Does nothing in a shop that has either."""

    help = "Fill an empty shop with demonstration data; who can sign in is written to DATA_DIR/demo-accounts.json."

    def handle(self, *args: Any, **options: Any) -> None:
        """Seed, and leave the accounts where only the shop's owner can read them."""
        if settings.IS_PRODUCTION:
            raise CommandError("A production shop gets no demonstration data.")
        path = Path(settings.DATA_DIR) / "demo-accounts.json"
        with transaction.atomic():
            accounts = demo.seed_demo()
            if accounts:
                _write_privately(path, accounts)
        if accounts:
            self.stdout.write(f"The demonstration shop is ready. Accounts: {path}")
        else:
            self.stdout.write("The shop has products or people already: nothing was changed.")


def _write_privately(path: Path, accounts: Sequence[DemoAccount]) -> None:
    """Replace ``path`` in one step by a file that only its owner may read."""
    rows = [{"email": each.email, "password": each.password, "role": each.role.value} for each in accounts]
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".tmp")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump(rows, file, indent=2)
    draft.replace(path)
