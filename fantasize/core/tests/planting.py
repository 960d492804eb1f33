"""Breaking the books on purpose, past everything that forbids it; the test's transaction takes it back."""

from collections.abc import Sequence
from typing import Any

from django.db import connection


def plant(table: str, statement: str, parameters: Sequence[Any] = (), *, without: str = "") -> None:
    """Run ``statement`` with ``table``'s own triggers off and, if named, its constraint ``without`` gone."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        if without:
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {without}")
        cursor.execute(statement, parameters)
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
