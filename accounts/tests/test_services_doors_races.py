"""Guesses from many places at once: exactly as many are looked at as one by one would be."""

import threading
import uuid
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any
from unittest.mock import patch

import pytest
import redis
from django.conf import settings as project
from django.db import connection

from accounts import auth
from accounts.services import codes, login
from accounts.tests.factories import make_user
from accounts.tests.guessing import EMAIL, by_password, by_reset_code, outcome, sign_in_on, somewhere
from fantasize.core import limits
from fantasize.core.limits import Verdict
from fantasize.tests.waiting import PATIENCE_SECONDS


@pytest.fixture(autouse=True)
def _limited(settings: Any) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "auth": "5/15m", "auth_address": "30/15m"}


GUESSES, PLACES, THREADS = 500, 200, 100


def fire(evaluated: Callable[[], int]) -> tuple[Counter[str], int]:
    """Guess at one account from many places through two doors at once: the answers, and how many were looked at."""
    places = [somewhere() for _ in range(PLACES)]
    start = threading.Barrier(THREADS)

    def guess_some(first: int) -> list[str]:
        start.wait(PATIENCE_SECONDS)
        try:
            return [
                outcome((by_password, by_reset_code)[number % 2], places[number % PLACES])
                for number in range(first, GUESSES, THREADS)
            ]
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        answers = Counter(code for codes_of_one in pool.map(guess_some, range(THREADS)) for code in codes_of_one)
    return answers, evaluated()


@pytest.fixture
def evaluated() -> Any:
    """How many guesses were looked at, by whichever door."""
    with (
        patch.object(login, "is_right_password", wraps=auth.is_right_password) as passwords_seen,
        patch.object(codes, "redeem", wraps=codes.redeem) as codes_seen,
    ):
        yield lambda: passwords_seen.call_count + codes_seen.call_count


@pytest.mark.django_db(transaction=True)
def test_of_five_hundred_guesses_from_two_hundred_places_five_are_looked_at(evaluated: Callable[[], int]) -> None:
    make_user(email=EMAIL)
    token = sign_in_on(somewhere()).device_token
    before = evaluated()
    answers, after = fire(evaluated)
    assert answers["rate_limited"] == GUESSES - 5
    assert answers["invalid_credentials"] + answers["code_invalid"] == 5
    assert after - before == 5
    assert sign_in_on(somewhere(token)).session


@pytest.mark.django_db(transaction=True)
def test_a_counter_that_reads_and_then_writes_lets_more_guesses_through(evaluated: Callable[[], int]) -> None:
    """The control: with a naive counter the same drill turns red."""
    make_user(email=EMAIL)
    store = redis.Redis.from_url(str(project.REDIS_URL), max_connections=THREADS)
    real, meeting, turns = limits.hit, threading.Barrier(6), count()

    def naive(policy: str, key: str) -> Verdict | None:
        if policy != "auth":
            return real(policy, key)
        seen = int(store.get(f"control:{key}") or 0)
        if next(turns) < meeting.parties:
            meeting.wait(PATIENCE_SECONDS)  # six have read before one writes
        store.set(f"control:{key}", seen + 1)
        return Verdict(policy, 5, 900, seen < 5, 0, 900)

    with patch.object(limits, "hit", naive):
        _, looked_at = fire(evaluated)
    assert looked_at > 5


@pytest.mark.django_db(transaction=True)
def test_of_a_hundred_failures_of_one_client_at_once_thirty_are_told() -> None:
    device, callers = somewhere(), 100
    start = threading.Barrier(callers)

    def guess(_: int) -> str:
        start.wait(PATIENCE_SECONDS)
        try:
            return outcome(by_password, device, f"{uuid.uuid4().hex}@example.com")
        finally:
            connection.close()

    with ThreadPoolExecutor(callers) as pool:
        answers = Counter(pool.map(guess, range(callers)))
    assert answers == {"invalid_credentials": 30, "rate_limited": callers - 30}
