"""What must always hold, as questions to the database. Apps register theirs in ``AppConfig.ready()``.

A check counts what is wrong; the right answer is always 0. Each is one statement, so it sees one moment of the shop.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from django.db import connection

Check = Callable[[], int]

_checks: dict[str, Check] = {}

# An event is dispatched within moments; one that is still waiting after a minute is stuck.
_UNDISPATCHED = """
    SELECT count(*) FROM core_domainevent
     WHERE dispatched_at IS NULL AND occurred_at < now() - interval '1 minute'
"""
_SEQUENCES_WITH_HOLES = """
    SELECT count(*) FROM (
        SELECT 1 FROM core_domainevent
         GROUP BY aggregate, aggregate_id
        HAVING min(seq) <> 1 OR max(seq) <> count(*)
    ) AS broken
"""


def register(name: str, check: Check) -> None:
    """Add a check under ``name`` (``thing.what_holds``)."""
    _checks[name] = check


def violations() -> dict[str, int]:
    """How often each invariant is broken, by name in alphabetical order."""
    return {name: _checks[name]() for name in sorted(_checks)}


def count(statement: str, parameters: Sequence[Any] = ()) -> int:
    """The number that ``statement`` selects."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        number: int = cursor.fetchone()[0]
    return number


register("events.dispatched_within_a_minute", partial(count, _UNDISPATCHED))
register("events.sequences_without_holes", partial(count, _SEQUENCES_WITH_HOLES))
