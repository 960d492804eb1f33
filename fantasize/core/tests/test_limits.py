import os
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from unittest.mock import patch

import pytest
import redis
from django.conf import settings as project
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from fantasize.core import limits
from fantasize.core.errors import RateLimitedError, UnavailableError
from fantasize.tests.waiting import PATIENCE_SECONDS

QUOTA = 40
NOWHERE = "redis://127.0.0.1:1/0"


@pytest.fixture(autouse=True)
def _policies(settings: Settings) -> Iterator[None]:
    settings.RATE_LIMITS = {"general": f"{QUOTA}/15m", "short": "3/10s", "auth": "5/15m", "none": "off"}
    limits.breaker.open_until = 0.0
    yield
    limits.breaker.open_until = 0.0
    limits.breaker.is_down = False


def key() -> str:
    return str(uuid.uuid4())


def passes(policy: str, subject: str) -> bool:
    verdict = limits.hit(policy, subject)
    assert verdict is not None
    return verdict.is_allowed


def in_parallel(call: Callable[[], bool], times: int) -> int:
    """How many of ``times`` calls from as many threads, all let go at once, came out true."""
    gate = threading.Barrier(times)

    def run() -> bool:
        gate.wait()
        return call()

    with ThreadPoolExecutor(times) as pool:
        return sum(future.result() for future in [pool.submit(run) for _ in range(times)])


def test_exactly_the_quota_passes_however_many_knock() -> None:
    subject = key()
    assert in_parallel(lambda: passes("general", subject), 10 * QUOTA) == QUOTA


def test_exactly_the_quota_passes_through_several_processes() -> None:
    program = f"""
from concurrent.futures import ThreadPoolExecutor
from django.conf import settings
settings.RATE_LIMITS = {{"general": "{QUOTA}/15m"}}
from fantasize.core import limits
with ThreadPoolExecutor(20) as pool:
    print(sum(pool.map(lambda _: limits.hit("general", {key()!r}).is_allowed, range(100))))
"""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "fantasize.settings", "REDIS_URL": str(project.REDIS_URL)}
    processes = [
        subprocess.Popen([sys.executable, "-c", program], env=environment, stdout=subprocess.PIPE) for _ in range(2)
    ]
    assert sum(int(process.communicate(timeout=PATIENCE_SECONDS)[0]) for process in processes) == QUOTA


def test_a_counter_that_reads_and_then_writes_lets_more_pass() -> None:
    """The control: without the one atomic step the same drill turns red."""
    store = redis.Redis.from_url(str(project.REDIS_URL), max_connections=10 * QUOTA)
    name = f"control:{key()}"

    def get_then_set() -> bool:
        used = int(store.get(name) or 0)
        if used >= QUOTA:
            return False
        store.set(name, used + 1, ex=60)
        return True

    assert in_parallel(get_then_set, 10 * QUOTA) > QUOTA


def test_exactly_the_quota_passes_without_redis_too(settings: Settings) -> None:
    settings.REDIS_URL = None
    subject = key()
    assert in_parallel(lambda: passes("general", subject), 10 * QUOTA) == QUOTA


def test_never_more_than_the_quota_in_any_window(monkeypatch: pytest.MonkeyPatch) -> None:
    subject, moment, passed = key(), time.time(), []
    monkeypatch.setattr("limits.storage.redis.time.time", lambda: moment)
    for _ in range(400):
        moment += 0.7
        if passes("short", subject):
            passed.append(moment)
    assert len(passed) > 50
    assert all(later - earlier >= 10 for earlier, later in zip(passed, passed[3:], strict=False))


def test_whoever_waits_as_told_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    subject, moment = key(), time.time()
    monkeypatch.setattr("limits.storage.redis.time.time", lambda: moment)
    monkeypatch.setattr("fantasize.core.limits.time.time", lambda: moment)
    for _ in range(50):
        verdict = limits.hit("short", subject)
        assert verdict is not None
        if not verdict.is_allowed:
            moment += verdict.reset_after
            assert passes("short", subject)
        moment += 0.37


def test_a_verdict_says_what_is_left() -> None:
    subject = key()
    verdicts = [verdict for verdict in (limits.hit("short", subject) for _ in range(4)) if verdict]
    left = [(verdict.remaining, verdict.is_allowed) for verdict in verdicts]
    assert left == [(2, True), (1, True), (0, True), (0, False)]
    assert {(verdict.quota, verdict.window) for verdict in verdicts} == {(3, 10)}
    assert all(9 <= verdict.reset_after <= 11 for verdict in verdicts)


def test_refusal_says_when_to_come_back() -> None:
    subject = key()
    for _ in range(3):
        verdict = limits.hit("short", subject)
        assert verdict is not None
        verdict.require()
    verdict = limits.hit("short", subject)
    assert verdict is not None
    with pytest.raises(RateLimitedError) as refusal:
        verdict.require()
    assert refusal.value.extra["retry_after"] == verdict.reset_after


def test_looking_does_not_count_and_clearing_forgets() -> None:
    subject = key()
    for _ in range(10):
        verdict = limits.test("short", subject)
        assert verdict is not None
        assert verdict.is_allowed
    assert [passes("short", subject) for _ in range(4)] == [True, True, True, False]
    verdict = limits.test("short", subject)
    assert verdict is not None
    assert not verdict.is_allowed
    limits.clear("short", subject)
    assert passes("short", subject)


def test_a_policy_that_is_off_says_nothing() -> None:
    assert limits.hit("none", "x") is None
    assert limits.test("none", "x") is None
    limits.clear("none", "x")


@pytest.mark.parametrize(
    ("rate", "amount", "seconds"), [("100/15m", 100, 900), ("5/s", 5, 1), ("7/900s", 7, 900), ("1/2d", 1, 172800)]
)
def test_rates_are_read(rate: str, amount: int, seconds: int) -> None:
    item = limits.parse(rate)
    assert item is not None
    assert (item.amount, item.get_expiry()) == (amount, seconds)


@pytest.mark.parametrize("rate", ["", "100", "100/", "/15m", "a/b", "100/15w"])
def test_rates_that_mean_nothing_stop_the_start(rate: str) -> None:
    with pytest.raises(ImproperlyConfigured):
        limits.parse(rate)


def test_without_redis_accounts_stay_closed_and_the_rest_is_counted_here(settings: Settings) -> None:
    settings.REDIS_URL = NOWHERE
    subject = key()
    with pytest.raises(UnavailableError) as refusal:
        limits.hit("auth", subject)
    assert refusal.value.extra["retry_after"] >= 1
    assert [passes("short", subject) for _ in range(4)] == [True, True, True, False]
    with pytest.raises(UnavailableError):
        limits.test("auth", subject)


def test_an_outage_is_told_once_and_costs_one_attempt(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(limits.log, "warning", lambda event, **_: told.append(event), raising=False)
    monkeypatch.setattr("fantasize.core.limits.time.monotonic", lambda: 1000.0)
    settings.REDIS_URL = NOWHERE
    with patch.object(limits, "_shared", wraps=limits._shared) as attempts:
        for _ in range(200):
            limits.hit("short", key())
        assert attempts.call_count == 1
        limits.breaker.open_until = 0.0
        limits.hit("short", key())
        assert attempts.call_count == 2
    assert told == ["limits.redis_unreachable"]


def test_it_comes_back_by_itself(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    alive, subject = settings.REDIS_URL, key()
    settings.REDIS_URL = NOWHERE
    assert passes("short", subject)
    settings.REDIS_URL = alive
    with pytest.raises(UnavailableError):
        limits.hit("auth", subject)
    later = time.monotonic() + limits.RETRY_AFTER_SECONDS + 1
    monkeypatch.setattr("fantasize.core.limits.time.monotonic", lambda: later)
    assert passes("auth", subject)
    assert not limits.breaker.is_down


def test_accounts_need_no_redis_where_there_is_none_at_all(settings: Settings) -> None:
    settings.REDIS_URL = None
    assert passes("auth", key())
