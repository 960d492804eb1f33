"""Rows of one file that are about the same thing."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fantasize.core.models import Transfer, TransferRow
from fantasize.core.transfers import rows

pytestmark = pytest.mark.django_db


def transfer_of(*keys: str) -> Transfer:
    transfer = Transfer.objects.create(kind="import", resource="product", format="csv", actor="staff")
    checked = (TransferRow(transfer=transfer, number=number, outcome="new", key=key) for number, key in enumerate(keys))
    TransferRow.objects.bulk_create(checked)
    return transfer


def steps(plan: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield plan
    for step in plan.get("Plans", ()):
        yield from steps(step)


def test_all_that_have_a_key_in_common_are_refused_and_no_others() -> None:
    earlier, transfer = transfer_of("a", "b"), transfer_of("a", "b", "a", "", "", "c")
    rows._refuse_doubles(transfer, "sku", "key")
    refused = {row.number: row.errors for row in rows.refused(transfer)}
    assert refused == {number: [{"column": "sku", "detail": "Rows 0, 2 have the same sku."}] for number in (0, 2)}
    assert not rows.refused(earlier).exists()


def test_rows_are_grouped_once_also_where_nobody_knows_yet_how_many_there_are() -> None:
    transfer_of(*map(str, range(300)))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE core_transferrow")
        transfer = transfer_of(*map(str, range(300)))
        with CaptureQueriesContext(connection) as captured:
            rows._refuse_doubles(transfer, "sku", "key")
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {captured[0]['sql']}")
        [explained] = cursor.fetchone()[0]
    found = {step["Node Type"]: step["Actual Loops"] for step in steps(explained["Plan"])}
    assert [times for step, times in found.items() if "Aggregate" in step] == [1]
