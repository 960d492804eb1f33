"""Writing very many rows at once, through PostgreSQL's COPY: several times faster than building model instances."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, models
from psycopg import sql


def copy_rows(model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert ``rows`` (values in the order of ``columns``) in the caller's transaction.

    Columns that are not named get no default; the database's constraints and triggers hold as always.
    """
    table = sql.Identifier(model._meta.db_table)  # noqa: SLF001 - Django's documented name for it
    names = sql.SQL(", ").join([sql.Identifier(column) for column in columns])
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(table, names)
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
