"""The bare SQL behind answers: run by ``manage.py shell`` of the shop that is measured."""

import json
from collections.abc import Iterable

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext


def print_statements(paths: Iterable[str]) -> None:
    """For each path, as a line of JSON: the statements that answering it once more took, values filled in."""
    uncached = {"Cookie": "sessionid=bench"}
    for path in paths:
        Client(headers=uncached).get(path)
        with CaptureQueriesContext(connection) as captured:
            answer = Client(headers=uncached).get(path)
        if answer.status_code != 200:  # noqa: PLR2004 - OK
            raise RuntimeError(f"{path} answered {answer.status_code}.")
        print(json.dumps([path, len(answer.content), [query["sql"] for query in captured]]))
