"""``manage.py rebuild_search``: everything is found by what it says now."""

from typing import Any

from django.core.management.base import BaseCommand
from tqdm import tqdm

from catalog.services import search


class Command(BaseCommand):
    """Write every search document anew, and count the words. The shop goes on meanwhile."""

    help = "Write the search documents of all products and packages anew, in batches, and count their words."

    def handle(self, *args: Any, **options: Any) -> None:
        """Rebuild with a progress bar."""
        written = 0
        with tqdm(total=search.rows_to_rebuild(), unit=" rows", disable=None) as progress:
            for rows in search.rebuild():
                progress.update(rows)
                written += rows
        self.stdout.write(f"{written:,} rows, ready to be found.")
