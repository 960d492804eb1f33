"""The rows of transfers: written and counted in bulk, and told to people."""

import csv
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from django.db import connection
from django.db.models import Count, QuerySet

from fantasize.core.bulk import copy_rows, update_rows
from fantasize.core.models import RowOutcome, Transfer, TransferRow
from fantasize.core.transfers import cells
from fantasize.core.transfers.changes import Change, Checked, Faults
from fantasize.core.transfers.resources import TransferResource

_COLUMNS = ("transfer_id", "number", "outcome", "key", "before", "after", "errors")
_KEY_LENGTH = 255
_AT_ONCE = 1000
_encode = json.JSONEncoder(ensure_ascii=False).encode
# Half a character, or how JSON writes NUL: what the database cannot hold.
_ILLEGIBLE = re.compile(r"[\ud800-\udfff]|\\u0000")

# Whatever stands in one file twice is refused in every row where it stands; each names the others.
# The groups come first and lead to their rows by id: PostgreSQL, which takes the rows of a transfer that it has not
# counted yet for one, would group them anew for each of them.
_REFUSE_DOUBLES = """
    WITH doubles AS MATERIALIZED (
        SELECT array_agg(id) AS ids, array_agg(number ORDER BY number) AS numbers
          FROM core_transferrow
         WHERE transfer_id = %(transfer)s AND {value} <> ''
         GROUP BY {value} HAVING count(*) > 1
    )
    UPDATE core_transferrow AS row
       SET outcome = 'refused',
           errors = row.errors || jsonb_build_array(jsonb_build_object(
               'column', %(column)s::text,
               'detail', 'Rows ' || array_to_string(doubles.numbers[:10], ', ')
                         || CASE WHEN cardinality(doubles.numbers) > 10 THEN ' ...' ELSE '' END
                         || ' have the same ' || %(column)s::text || '.'))
      FROM doubles, unnest(doubles.ids) AS double (id)
     WHERE row.id = double.id
"""


def write_checked(transfer: Transfer, checked: Iterable[Checked]) -> None:
    """Keep what rows would do."""
    copy_rows(TransferRow, _COLUMNS, (_checked_values(transfer, row) for row in checked))


def write_outcomes(transfer: Transfer, outcomes: Iterable[tuple[TransferRow, RowOutcome, str]]) -> None:
    """Keep what became of rows that were taken back, each with its fault; before and after change places."""
    copy_rows(
        TransferRow,
        _COLUMNS,
        (
            (
                transfer.pk,
                row.number,
                outcome.value,
                row.key,
                *map(_json, (row.after, row.before, _errors({"": fault}))),
            )
            for row, outcome, fault in outcomes
        ),
    )


def refuse_doubles(transfer: Transfer, resource: TransferResource) -> None:
    """Refuse rows of one file that are about the same thing, or give two things a value that only one can have."""
    _refuse_doubles(transfer, resource.key, "key")
    for column in resource.once:
        _refuse_doubles(transfer, column, f"after ->> '{column}'")


def _refuse_doubles(transfer: Transfer, column: str, value: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_REFUSE_DOUBLES.format(value=value), {"transfer": transfer.pk, "column": column})


def count_outcomes(transfer: Transfer) -> None:
    """Set the transfer's counts from its rows."""
    found = transfer.rows.order_by().values_list("outcome").annotate(rows=Count("pk"))
    counts: Counter[str] = Counter(dict(found))
    transfer.new_count = counts[RowOutcome.NEW]
    transfer.changed_count = counts[RowOutcome.CHANGED]
    transfer.unchanged_count = counts[RowOutcome.UNCHANGED]
    transfer.refused_count = counts[RowOutcome.REFUSED]


def record_applied(batch: Sequence[TransferRow], changes: Sequence[Change]) -> None:
    """Keep the keys that new rows were given, and why rows were not applied after all."""
    by_number = {change.number: change for change in changes}
    touched = []
    for row in batch:
        change = by_number[row.number]
        if change.fault:
            row.outcome, row.errors = RowOutcome.REFUSED, _errors({"": change.fault})
        if change.fault or change.key != row.key:
            row.key = change.key
            touched.append(row)
    update_rows(touched, ["outcome", "errors", "key"])


def error_lines(transfer: Transfer, resource: TransferResource) -> Iterator[str]:
    """The refused rows as a CSV file: row, column, reason, and the row's cells; one line for every fault."""
    writer = csv.writer(_Echo())
    yield writer.writerow(["row", "column", "reason", *map(cells.neutralise, transfer.columns)])
    rows = refused(transfer).iterator(chunk_size=_AT_ONCE)
    while batch := list(islice(rows, _AT_ONCE)):
        found = resource.by_key(row.key for row in batch)
        for row in batch:
            said = _whole(row, transfer.columns, resource, found.get(row.key))
            for error in row.errors:
                yield writer.writerow([row.number, error["column"], cells.neutralise(error["detail"]), *said])


def _whole(row: TransferRow, columns: Sequence[str], resource: TransferResource, instance: Any) -> list[str]:
    """All cells of a row. Of one that was found fit only what it would change is kept; the rest is as the shop has it.

    An empty cell instead would empty that column, once the mended file is imported.
    """
    unsaid = [name for name in columns if name not in row.after and name in resource.columns]
    present = resource.cells_of(instance, unsaid) if instance is not None else {}
    whole = {resource.key: row.key, **present, **row.after}
    return [cells.neutralise(str(whole.get(name, ""))) for name in columns]


def refused(transfer: Transfer) -> "QuerySet[TransferRow]":
    """The rows that are not applied, in their order."""
    return transfer.rows.filter(outcome=RowOutcome.REFUSED).order_by("number")


class _Echo:
    """A file whose ``write`` hands the line back."""

    def write(self, line: str) -> str:
        return line


def _checked_values(transfer: Transfer, row: Checked) -> tuple[Any, ...]:
    key = cells.legible(row.key)[:_KEY_LENGTH]
    json_cells = (_json(row.before), _json(row.after), _json(_errors(row.faults)))
    return (transfer.pk, row.number, row.outcome.value, key, *json_cells)


def _errors(faults: Faults) -> list[dict[str, str]]:
    return [{"column": column, "detail": detail} for column, detail in faults.items() if detail]


def _json(value: Any) -> str:
    text = _encode(value)
    return _encode(_legible(value)) if _ILLEGIBLE.search(text) else text


def _legible(value: Any) -> Any:
    """The same without what no JSON in the database can hold."""
    if isinstance(value, str):
        return cells.legible(value)
    if isinstance(value, dict):
        return {_legible(key): _legible(each) for key, each in value.items()}
    return [_legible(each) for each in value]
