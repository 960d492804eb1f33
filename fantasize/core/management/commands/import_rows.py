"""``manage.py import_rows product products.csv``: what the admin's import does, from the shell."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from fantasize.core.errors import ConflictError
from fantasize.core.models import Transfer, TransferState
from fantasize.core.transfers import imports, rows, running
from fantasize.core.transfers.errors import FileRefusedError
from fantasize.core.transfers.jobs import listed

_REFUSALS_SHOWN = 20


class Command(BaseCommand):
    """Check a file, and with ``--apply`` store what it says."""

    help = (
        "Check a CSV or XLSX file against a table and say what it would change; --apply does it. The admin undoes it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """What may be said."""
        parser.add_argument("table", help="product, package, stock or offer")
        parser.add_argument("file", type=Path)
        parser.add_argument("--apply", action="store_true", help="store it, if no row is refused")
        parser.add_argument(
            "--skip-refused", action="store_true", help="store the good rows although others are refused"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it here and now, in this process.

        Raises:
            CommandError: the file cannot be read, or rows are refused.
        """
        transfer = self._check(options["table"], options["file"])
        if options["apply"] or options["skip_refused"]:
            try:
                transfer = imports.confirm(transfer.pk, skip_refused=options["skip_refused"])
            except ConflictError as error:
                raise CommandError(error.detail) from None
            self._run(transfer, TransferState.DONE)

    def _check(self, table: str, path: Path) -> Transfer:
        try:
            with path.open("rb") as file:
                size = path.stat().st_size
                transfer = imports.upload(resource=table, file=file, name=path.name, size=size, actor="system")
        except (FileRefusedError, OSError) as error:
            raise CommandError(str(error)) from None
        self._run(transfer, TransferState.CHECKED)
        for row in rows.refused(transfer)[:_REFUSALS_SHOWN]:
            for fault in row.errors:
                self.stderr.write(f"Row {row.number}, {fault['column'] or 'row'}: {fault['detail']}")
        return transfer

    def _run(self, transfer: Transfer, wanted: TransferState) -> None:
        running.run_here(transfer)
        if transfer.state != wanted:
            raise CommandError(transfer.message or transfer.get_state_display())
        counts = [
            (transfer.new_count, "new"),
            (transfer.changed_count, "changed"),
            (transfer.unchanged_count, "unchanged"),
            (transfer.refused_count, "refused"),
        ]
        self.stdout.write(f"{transfer.get_state_display()}: {listed([(word, count) for count, word in counts])}.")
