"""The bare SQL behind answers: run by ``manage.py shell`` of the shop that is measured."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch
from uuid import uuid4

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext


def print_statements(paths: Iterable[str]) -> None:
    """For each path, as a line of JSON: the statements that answering it once more took, values filled in."""
    uncached = {"Cookie": "sessionid=bench"}
    for path in paths:
        Client(headers=uncached).get(path)
        with _captured() as captured:
            answer = Client(headers=uncached).get(path)
        if answer.status_code != 200:  # noqa: PLR2004 - OK
            raise RuntimeError(f"{path} answered {answer.status_code}.")
        print(json.dumps([path, len(answer.content), [query["sql"] for query in captured]]))


def print_placements(calls: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
    """For each buyer's token and order, as a line of JSON: what they were answered, their key, and the statements."""
    for token, body in calls:
        key = str(uuid4())
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key}
        with _captured() as captured:
            answer = Client(headers=headers).post("/api/v2/orders", body, "application/json")
        if answer.status_code != 201:  # noqa: PLR2004 - Created
            raise RuntimeError(f"The order was answered with {answer.status_code}.")
        print(json.dumps([answer.json()["data"], key, [query["sql"] for query in captured]]))


@contextmanager
def _captured() -> Iterator[CaptureQueriesContext]:
    """The statements that are sent meanwhile, with their values also where these are sent apart."""
    operations: Any = connection.ops

    def filled_in(_cursor: object, text: str, values: Any) -> str:
        return str(operations.compose_sql(text, values))

    with patch.object(operations, "last_executed_query", filled_in), CaptureQueriesContext(connection) as captured:
        yield captured
