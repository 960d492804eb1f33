"""What the shop answers when it has had enough, or has lost something that it needs: the real processes, really killed."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from fantasize.tests.contract.stage import PASSWORD, Stage, build_stage
from fantasize.tests.contract.wire import Reply, assert_problem
from fantasize.tests.journeys.shop import running_shop

pytestmark = pytest.mark.processes

# The longest that anything may wait for a connection, and some for a busy machine.
PATIENCE = 20
CREDENTIALS = {"email": "ada@example.com", "password": PASSWORD}


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A shop with one retired version and few calls for strangers."""
    limits = {"RATE_LIMIT_GENERAL": "3/15m", "RATE_LIMIT_AUTH": "2/15m", "API_RETIRED_VERSIONS": "v0"}
    with running_shop(tmp_path_factory.mktemp("strict"), **limits) as shop:
        yield build_stage(shop)


@pytest.mark.parametrize("path", ["/api/v0/products", "/api/v0/nothing/", "/api/products?version=v0"])
def test_a_retired_version_is_gone(strict: Stage, path: str) -> None:
    reply = strict.call("GET", path)
    assert_problem(reply, 410, "version_retired")
    assert 'rel="successor-version"' in reply.headers["Link"]
    assert strict.call("GET", "/products").status == 200


def assert_limited(reply: Reply, policy: str, quota: int) -> None:
    assert_problem(reply, 429, "rate_limited")
    assert 0 < reply.body["retry_after"] <= 900
    assert f'"{policy}";q={quota};w=900' in reply.headers["RateLimit-Policy"]
    assert f'"{policy}";r=0;t={reply.body["retry_after"]}' in reply.headers["RateLimit"]


def test_too_many_calls_are_refused_and_public_reads_are_not(strict: Stage) -> None:
    before = strict.digest()
    replies = [strict.call("POST", "/api/v2/orders", {}) for _ in range(5)]
    assert [reply.status for reply in replies] == [401, 401, 401, 429, 429]
    assert_limited(replies[-1], "general", 3)
    assert strict.call("GET", "/api/v2/products").status == 200
    assert strict.call("GET", "/api/v2/orders", who="ada").status == 200
    assert strict.digest() == before


def test_guessing_a_password_is_refused_even_when_the_guess_is_right(strict: Stage) -> None:
    guesses = [strict.call("POST", "/api/v2/auth/login", {**CREDENTIALS, "email": "bob@example.com", "password": "wrong"}) for _ in range(2)]
    assert [guess.status for guess in guesses] == [401, 401]
    assert_problem(strict.call("POST", "/login", {**CREDENTIALS, "email": "bob@example.com"}), 429, "rate_limited")


@contextmanager
def without(stage: Stage, service: str) -> Iterator[None]:
    """Kill a service and keep the supervisor from bringing it back meanwhile."""
    stage.shop.process.send_signal(signal.SIGSTOP)
    try:
        os.kill(stage.shop.pids()[service], signal.SIGKILL)
        yield
    finally:
        stage.shop.process.send_signal(signal.SIGCONT)
    _wait_until_well(stage)


def _wait_until_well(stage: Stage) -> None:
    deadline = time.monotonic() + 60
    while (health := stage.call("GET", "/health").body)["status"] != "ok":
        assert time.monotonic() < deadline, health
        time.sleep(0.1)


def test_without_its_database_the_shop_asks_to_come_back_later(strict: Stage) -> None:
    calls = [("GET", "/api/v2/products?q=mug", "", None), ("GET", "/api/v2/orders", "ada", None), ("PATCH", "/api/v2/users/profile", "ada", {})]
    with without(strict, "postgres"):
        for method, path, who, body in calls:
            began = time.monotonic()
            assert_problem(strict.call(method, path, body, who=who), 503, "unavailable")
            assert time.monotonic() - began < PATIENCE
        assert strict.call("GET", "/health/live").status == 200
        assert strict.call("GET", "/health/ready").status == 503
    assert strict.call("GET", "/api/v2/orders", who="ada").status == 200


def test_without_redis_the_shop_sells_on_but_lets_nobody_guess_passwords(strict: Stage) -> None:
    with without(strict, "redis"):
        before = strict.digest()
        assert_problem(strict.call("POST", "/api/v2/auth/login", CREDENTIALS), 503, "unavailable")
        assert strict.digest() == before
        assert strict.call("GET", "/api/v2/products?q=product").status == 200
        placed = strict.place("ada")
        assert placed.status == 201, placed.content
        assert strict.call("GET", f"/api/v2/orders/{placed.data['id']}/track", who="ada").data["seq"] == 1
    assert strict.call("POST", "/api/v2/auth/login", CREDENTIALS).status == 200
