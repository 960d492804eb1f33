"""Fixtures of accounts' tests."""

import pytest
import redis
from django.conf import settings
from django.db import connection


@pytest.fixture(autouse=True)
def _empty_queue(request: pytest.FixtureRequest) -> None:
    """Begin without jobs: those of committed transactions stay, for Django does not empty tables it does not manage."""
    if request.node.get_closest_marker("django_db"):
        request.getfixturevalue("db")
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM procrastinate_jobs")


@pytest.fixture(autouse=True)
def _nothing_counted() -> None:
    """Begin without guesses and failures, for all tests call from one address."""
    redis.Redis.from_url(str(settings.REDIS_URL)).flushdb()
