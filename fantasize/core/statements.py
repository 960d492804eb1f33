"""What is asked at every call, always in the same words: worded once for the process, planned once for a connection.

Django takes longer to word most queries, and PostgreSQL to plan them, than it takes to answer them. What a
``Statement`` says is still what the models say.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from functools import cached_property
from typing import Any, Generic, TypeVar

from django.db import NotSupportedError, connection, models
from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.models.expressions import Expression
from django.db.models.sql.compiler import SQLCompiler

Row = TypeVar("Row")
# How often a connection is asked something before it has it planned.
_ASKED_BEFORE = 2


def fetch_all(text: str, params: Sequence[Any] | Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """The rows that a statement answers, which says the same at every call; only ``params`` differ."""
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    try:
        return _fetch(text, params)
    except NotSupportedError:
        if not connection.get_autocommit():
            # What undoes the transaction forgets all plans.
            raise
        # A migration has altered what is read: PostgreSQL never answers by the old plan again.
        connection.connection._prepared.clear()  # noqa: SLF001 - as psycopg does when a transaction is undone
        return _fetch(text, params)


def _fetch(text: str, params: Sequence[Any] | Mapping[str, Any]) -> list[tuple[Any, ...]]:
    # Django's usual cursor writes the values into the text, which PostgreSQL plans anew each time.
    with _planning(connection.connection) as asked:
        cursor: Any = connection._prepare_cursor(_PlannedCursor(asked))  # type: ignore[attr-defined, call-arg]  # noqa: SLF001 - as ``cursor()`` does
        with cursor:
            cursor.execute(text, params)
            rows: list[tuple[Any, ...]] = cursor.fetchall()
            return rows


@contextmanager
def _planning(asked: Any) -> Iterator[Any]:
    """A connection that plans what it is asked in the same words again; of all other texts it remembers nothing."""
    asked.prepare_threshold = _ASKED_BEFORE
    try:
        yield asked
    finally:
        asked.prepare_threshold = None


class _PlannedCursor(ServerBindingCursor):
    """Has PostgreSQL plan what is asked again once; whoever counts queries is told of those that it knows, too."""

    def _send_query_prepared(self, name: bytes, pgq: Any, **options: Any) -> None:
        self._query = pgq
        super()._send_query_prepared(name, pgq, **options)  # type: ignore[misc]  # its stubs leave the base out


class Slot(Expression):
    """Where a statement takes a value when it is asked."""

    template = "%s"

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> Any:  # noqa: ARG002 - Django's signature
        """The place for the value."""
        return self.template, [self]


class IdsSlot(Slot):
    """Where a statement takes a list of whole numbers, on the right of ``__in``."""

    template = "(SELECT unnest(%s::bigint[]))"


class TextsSlot(Slot):
    """Where a statement takes a list of texts, in capitals, on the right of ``__in``."""

    template = "(SELECT UPPER(unnest(%s::text[])))"


class Statement(Generic[Row]):
    """A queryset that is always the same but for the values in its slots.

    Args:
        rows: makes the queryset, with a ``Slot`` for each value that differs from call to call.
    """

    def __init__(self, rows: Callable[[], models.QuerySet[Any, Row]]) -> None:
        self._rows = rows

    def fetch(self, **values: Any) -> list[Row]:
        """The rows, with these values in the slots. One query, and what the queryset prefetches."""
        queryset, compiler, text, params = self._worded
        found = fetch_all(text, [values[each.name] if isinstance(each, Slot) else each for each in params])
        asked, asking = queryset._chain(), copy(compiler)  # noqa: SLF001 - a queryset without what another has fetched
        asking.connection, asking.execute_sql = connection, lambda *_, **__: [found]
        asked.query.get_compiler = lambda *_, **__: asking
        return list(asked)

    @cached_property
    def _worded(self) -> tuple[Any, Any, str, Sequence[Any]]:
        queryset: Any = self._rows()
        compiler = queryset.query.get_compiler(connection=connection)
        text, params = compiler.as_sql()
        converters = compiler.get_converters([column for column, _, _ in compiler.select])
        compiler.get_converters = lambda _: converters
        return queryset, compiler, text, params
