"""``manage.py export_rows product products.csv``: what the admin's export does, from the shell."""

import shutil
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from fantasize.core.models import TransferFormat, TransferState
from fantasize.core.transfers import exports, registry, running


class Command(BaseCommand):
    """Write a whole table to a file."""

    help = "Write all rows of a table to a CSV or XLSX file, by the file's ending."

    def add_arguments(self, parser: CommandParser) -> None:
        """What may be said."""
        parser.add_argument("table", help="product, package, stock, offer or order")
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it here and now, in this process.

        Raises:
            CommandError: the file cannot be written.
        """
        path: Path = options["file"]
        ending = path.suffix.lstrip(".").lower()
        if ending not in TransferFormat.values:
            raise CommandError("The file ends in .csv or .xlsx.")
        selection = registry.get(options["table"]).resource().rows().order_by("pk")
        transfer = exports.start(
            resource=options["table"], file_format=TransferFormat(ending), selection=selection, actor="system"
        )
        running.run_here(transfer)
        if transfer.state != TransferState.DONE:
            raise CommandError(transfer.message or transfer.get_state_display())
        with transfer.file.open("rb") as source, path.open("wb") as target:
            shutil.copyfileobj(source, target)
        self.stdout.write(f"{transfer.done:,} rows.")
