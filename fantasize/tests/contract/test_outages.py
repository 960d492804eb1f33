"""What the shop answers when it has had enough, or has lost what it needs: real processes, really killed."""

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from django.test import Client
from pytest_django import Settings

from fantasize.tests.contract.stage import AUTH_QUOTA, GENERAL_QUOTA, PASSWORD, VICTIM, Stage
from fantasize.tests.contract.wire import Reply, assert_problem
from fantasize.tests.waiting import PATIENCE_SECONDS, wait_until

pytestmark = pytest.mark.processes

# The longest that a call may wait for a connection, and some for a busy machine.
LONGEST_SECONDS = 20
CREDENTIALS = {"email": "ada@example.com", "password": PASSWORD}


@pytest.mark.parametrize("path", ["/api/v0/products", "/api/v0/nothing/", "/api/products?version=v0"])
def test_a_retired_version_is_gone(settings: Settings, client: Client, path: str) -> None:
    """In this process: retiring a version is a setting, and the shop of the other tests still has them all."""
    settings.API_RETIRED_VERSIONS = frozenset({"v0"})
    answer = client.get(path)
    assert_problem(Reply(answer.status_code, answer.headers, answer.content), 410, "version_retired")
    assert 'rel="successor-version"' in answer.headers["Link"]
    assert client.get("/api/v1/schema").status_code == 200


def test_too_many_calls_are_refused_and_what_anybody_may_keep_is_not(stage: Stage) -> None:
    before, here = stage.digest(), {"X-Forwarded-For": "198.51.100.1"}
    replies = [stage.call("POST", "/api/v2/brands", {}, headers=here) for _ in range(GENERAL_QUOTA + 2)]
    assert [reply.status for reply in replies] == [401] * GENERAL_QUOTA + [429] * 2
    for left, reply in zip(reversed(range(GENERAL_QUOTA)), replies[:GENERAL_QUOTA], strict=True):
        assert f'"general";r={left};t=' in reply.headers["RateLimit"]
    assert_limited(replies[-1])
    assert stage.call("GET", "/api/v2/products", headers=here).status == 200
    assert stage.call("GET", "/api/v2/orders", who="ada", headers=here).status == 200
    assert stage.call("POST", "/api/v2/brands", {}, headers={"X-Forwarded-For": "198.51.100.2"}).status == 401
    assert stage.digest() == before


def assert_limited(reply: Reply) -> None:
    assert_problem(reply, 429, "rate_limited")
    seconds = reply.body["retry_after"]
    assert 0 < seconds <= 901
    assert reply.headers["RateLimit-Policy"] == f'"general";q={GENERAL_QUOTA};w=900'
    assert reply.headers["RateLimit"] == f'"general";r=0;t={seconds}'


def test_guessing_a_password_is_refused_even_when_the_guess_is_right(stage: Stage) -> None:
    victim = {"email": f"{VICTIM}@example.com", "password": PASSWORD}
    for _ in range(AUTH_QUOTA):
        wrong = stage.call("POST", "/api/v2/auth/login", {**victim, "password": "wrong"})
        assert_problem(wrong, 401, "invalid_credentials")
    before = stage.digest()
    for door in ("/login", "/users/login", "/api/v2/auth/login"):
        assert_problem(stage.call("POST", door, victim), 429, "rate_limited")
    assert stage.digest() == before


@contextmanager
def without(stage: Stage, service: str) -> Iterator[None]:
    """Kill a service and keep the supervisor from bringing it back meanwhile."""
    pid = stage.shop.pids()[service]
    stage.shop.process.send_signal(signal.SIGSTOP)
    try:
        os.kill(pid, signal.SIGKILL)
        yield
    finally:
        stage.shop.process.send_signal(signal.SIGCONT)
    wait_until(lambda: _is_well(stage), "the shop is well again")


def _is_well(stage: Stage) -> bool:
    is_ok: bool = stage.call("GET", "/health").body["status"] == "ok"
    return is_ok and stage.call("GET", "/api/orders", who="ada").status == 200


def test_without_its_database_the_shop_asks_to_come_back_later(stage: Stage) -> None:
    new = ("GET", "/api/v2/products?ordering=name&page_size=3", "")
    calls = [new, ("GET", "/orders", "ada"), ("PATCH", "/api/v1/users/profile", "ada")]
    before = stage.digest()
    assert stage.call("GET", "/api/v1/products?page_size=5").status == 200
    with without(stage, "postgres"), ThreadPoolExecutor(len(calls)) as pool:
        began = time.monotonic()
        refusals = [pool.submit(stage.call, method, path, who=who) for method, path, who in calls]
        for refusal in refusals:
            assert_problem(refusal.result(), 503, "unavailable")
        assert time.monotonic() - began < LONGEST_SECONDS
        # What is kept is still given out.
        assert stage.call("GET", "/api/v1/products?page_size=5").headers["Cache-Status"] == "fantasize; hit"
        assert stage.call("GET", "/health/live").status == 200
        assert stage.call("GET", "/health/ready").status == 503
    assert stage.digest() == before


def test_without_redis_the_shop_sells_on_but_lets_nobody_guess_passwords(stage: Stage) -> None:
    with without(stage, "redis"):
        before = stage.digest()
        assert_problem(stage.call("POST", "/api/v2/auth/login", CREDENTIALS), 503, "unavailable")
        assert stage.digest() == before
        assert stage.call("GET", "/api/v2/products?q=product").status == 200
        placed = stage.place("ada")
        assert placed.status == 201, placed.content
        assert stage.call("GET", f"/api/v2/orders/{placed.data['id']}/track", who="ada").data["seq"] == 1
    assert insist(stage, "/api/v2/auth/login", CREDENTIALS).status == 200


def insist(stage: Stage, path: str, body: dict[str, str]) -> Reply:
    """Come back as often, and after as long, as the shop says."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (reply := stage.call("POST", path, body)).status == 503:
        assert time.monotonic() < deadline
        time.sleep(int(reply.headers["Retry-After"]))
    return reply
