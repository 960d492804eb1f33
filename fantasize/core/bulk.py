"""Writing very many rows at once: several times faster than building and saving model instances."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection, models
from psycopg import sql


def copy_rows(model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert ``rows`` (values in the order of ``columns``) by PostgreSQL's COPY, in the caller's transaction.

    Columns that are not named get no default; the database's constraints and triggers hold as always.
    """
    _copy(model._meta.db_table, columns, rows)  # noqa: SLF001 - Django's documented name for it


def take_keys(model: type[models.Model], count: int) -> list[int]:
    """Primary keys that nobody else will have, for rows that are inserted with them."""
    options = model._meta  # noqa: SLF001 - Django's documented interface
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
            [options.db_table, options.pk.column, count],
        )
        return [key for (key,) in cursor.fetchall()]


def stored_fields(model: type[models.Model]) -> list[str]:
    """The names of all of a model's columns but those that the database computes."""
    return [field.name for field in model._meta.concrete_fields if not field.generated]  # noqa: SLF001 - as above


@contextmanager
def staged(rows: Sequence[models.Model], fields: Sequence[str], *, computed: Sequence[str]) -> Iterator[str]:
    """``fields`` of ``rows`` in a table without indexes, in the caller's transaction; yields its name.

    There the database fills in the columns that are ``computed``, before ``insert_staged`` or ``update_staged`` stores
    the rows: each of them once, for it is the indexes of the real table that cost. The table is gone after the block.
    """
    options = type(rows[0])._meta  # noqa: SLF001 - Django's documented interface
    columns: list[Any] = [options.get_field(name) for name in fields]
    table = f"staged_{options.db_table}"
    every = _identifiers([*[field.column for field in columns], *computed])
    make = sql.SQL("CREATE TEMPORARY TABLE {} ON COMMIT DROP AS SELECT {} FROM {} WITH NO DATA")
    with connection.cursor() as cursor:
        cursor.execute(make.format(sql.Identifier(table), every, sql.Identifier(options.db_table)))
    values = ([getattr(row, field.attname) for field in columns] for row in rows)
    _copy(table, [field.column for field in columns], values)
    yield table
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(table)))


def insert_staged(model: type[models.Model], table: str, fields: Sequence[str]) -> None:
    """Store ``fields`` of staged rows as new ones."""
    options: Any = model._meta  # noqa: SLF001 - as above
    names = _identifiers(options.get_field(name).column for name in fields)
    statement = sql.SQL("INSERT INTO {} ({}) SELECT {} FROM {}")
    with connection.cursor() as cursor:
        cursor.execute(statement.format(sql.Identifier(options.db_table), names, names, sql.Identifier(table)))


def update_staged(model: type[models.Model], table: str, fields: Sequence[str]) -> None:
    """Store ``fields`` of staged rows that are there already; their keys are among what is staged."""
    options: Any = model._meta  # noqa: SLF001 - as above
    columns = [options.get_field(name) for name in fields]
    statement = sql.SQL("UPDATE {} AS old SET {} FROM {} AS new WHERE old.{key} = new.{key}").format(
        sql.Identifier(options.db_table),
        _joined("{name} = new.{name}", columns),
        sql.Identifier(table),
        key=sql.Identifier(options.pk.column),
    )
    with connection.cursor() as cursor:
        cursor.execute(statement)


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


def _copy(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), _identifiers(columns))
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def _identifiers(columns: Iterable[str]) -> sql.Composed:
    return sql.SQL(", ").join([sql.Identifier(column) for column in columns])


def _joined(pattern: str, columns: Sequence[Any]) -> sql.Composed:
    parts = [
        sql.SQL(pattern).format(name=sql.Identifier(field.column), type=sql.SQL(field.rel_db_type(connection)))
        for field in columns
    ]
    return sql.SQL(", ").join(parts)
