"""Writing very many rows at once: several times faster than building and saving model instances."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, models
from psycopg import sql


def copy_rows(model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert ``rows`` (values in the order of ``columns``) by PostgreSQL's COPY, in the caller's transaction.

    Columns that are not named get no default; the database's constraints and triggers hold as always.
    """
    names = sql.SQL(", ").join([sql.Identifier(column) for column in columns])
    table = sql.Identifier(model._meta.db_table)  # noqa: SLF001 - Django's documented name for it
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(table, names)
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def update_rows(rows: Sequence[models.Model], fields: Sequence[str]) -> None:
    """Store ``fields`` of rows that are there already; one statement for all of them, in the caller's transaction."""
    if not rows:
        return
    options = type(rows[0])._meta  # noqa: SLF001 - Django's documented interface
    columns: list[Any] = [options.pk, *(options.get_field(name) for name in fields)]
    statement = sql.SQL("UPDATE {} AS old SET {} FROM unnest({}) AS new ({}) WHERE old.{key} = new.{key}").format(
        sql.Identifier(options.db_table),
        _joined("{name} = new.{name}", columns[1:]),
        _joined("%s::{type}[]", columns),
        _joined("{name}", columns),
        key=sql.Identifier(columns[0].column),
    )
    values = [[field.get_db_prep_save(getattr(row, field.attname), connection) for row in rows] for field in columns]
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def _joined(pattern: str, columns: Sequence[Any]) -> sql.Composed:
    parts = [
        sql.SQL(pattern).format(name=sql.Identifier(field.column), type=sql.SQL(field.rel_db_type(connection)))
        for field in columns
    ]
    return sql.SQL(", ").join(parts)
