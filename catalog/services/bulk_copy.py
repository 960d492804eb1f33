"""Writing very many rows at once, through PostgreSQL's COPY: several times faster than building model instances."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, models
from psycopg import sql


def copy_rows(model: type[models.Model], fields: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert ``rows`` (values in the order of ``fields``) in the caller's transaction.

    Fields that are not named get no default; the database's constraints and triggers hold as always.
    """
    table = model._meta  # noqa: SLF001 - Django's documented name for it
    columns = sql.SQL(", ").join(sql.Identifier(table.get_field(name).column) for name in fields)
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table.db_table), columns)
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
