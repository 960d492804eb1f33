import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import redis
from django.conf import settings as project
from pytest_django import Settings

from fantasize.core.tests.api_client import STAFF, assert_problem, client_for
from fantasize.core.tests.sample_api import Caller

pytestmark = [pytest.mark.urls("fantasize.core.tests.sample_api"), pytest.mark.django_db]

POLICIES = ("general", "catalogue", "signed_in", "auth", "auth_address", "orders", "staff_reads", "staff_writes")
OFF = dict.fromkeys(POLICIES, "off")


@pytest.fixture(autouse=True)
def _empty() -> None:
    redis.Redis.from_url(str(project.REDIS_URL)).flushdb()


def limit(settings: Settings, **policies: str) -> None:
    settings.RATE_LIMITS = {**OFF, **policies}


def statuses(times: int, path: str = "/api/echo", caller: Any = None, **extra: Any) -> list[int]:
    return [client_for(caller).get(path, **extra).status_code for _ in range(times)]


def test_strangers_are_counted_by_address(settings: Settings) -> None:
    limit(settings, general="3/15m")
    assert statuses(5) == [200, 200, 200, 429, 429]
    assert statuses(1, REMOTE_ADDR="203.0.113.5") == [200]
    assert statuses(1, caller=Caller()) == [200]


def test_forged_headers_gain_nothing(settings: Settings) -> None:
    limit(settings, general="3/15m")
    forged = ["X-Forwarded-For", "Forwarded", "X-Real-IP", "X-Client-IP", "True-Client-IP", "CF-Connecting-IP"]
    answers = Counter(
        client_for().get("/api/echo", headers={name: f"198.51.100.{number}"}).status_code
        for name in forged
        for number in range(5)
    )
    assert answers == {200: 3, 429: 27}


def test_behind_our_proxy_each_client_has_a_quota_of_its_own(settings: Settings) -> None:
    limit(settings, general="1/15m")
    settings.TRUSTED_PROXIES = ["127.0.0.1"]
    for address in ("198.51.100.1", "198.51.100.2"):
        headers = {"X-Forwarded-For": f"6.6.6.6, {address}"}
        assert statuses(2, headers=headers) == [200, 429]


def test_accounts_are_counted_wherever_they_call_from(settings: Settings) -> None:
    limit(settings, signed_in="2/15m", general="1/15m")
    assert statuses(2, caller=Caller(), REMOTE_ADDR="203.0.113.5") == [200, 200]
    assert statuses(1, caller=Caller(), REMOTE_ADDR="203.0.113.6") == [429]
    assert statuses(1, caller=Caller(actor="user:2"), REMOTE_ADDR="203.0.113.6") == [200]


def test_staff_reads_and_writes_are_counted_apart(settings: Settings) -> None:
    limit(settings, staff_reads="2/5m", staff_writes="1/5m", signed_in="1/15m")
    staff = client_for(STAFF)
    assert [staff.post("/api/echo", {}).status_code for _ in range(2)] == [200, 429]
    assert [staff.get("/api/echo").status_code for _ in range(3)] == [200, 200, 429]


def test_the_catalogue_is_read_on_a_quota_of_its_own_and_says_nothing_of_it_in_public(settings: Settings) -> None:
    limit(settings, catalogue="2/15m", general="1/15m")
    answers = [client_for().get("/api/public-things") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert "RateLimit" not in answers[0]
    assert "Retry-After" in answers[2]
    assert statuses(1) == [200]
    assert client_for(Caller()).get("/api/public-things")["RateLimit"] == '"catalogue";r=1;t=900'


def test_sign_in_is_counted_by_address_even_for_the_signed_in(settings: Settings) -> None:
    limit(settings, auth_address="2/15m")
    codes = [client_for(caller).post("/api/auth", {}).status_code for caller in (None, Caller(), STAFF)]
    assert codes == [401, 401, 429]


def test_headers_say_policy_and_what_is_left_on_every_answer(settings: Settings) -> None:
    limit(settings, general="2/15m")
    first, refused, last = (
        client_for().get("/api/echo"),
        client_for().get("/api/things/0"),
        client_for().get("/api/echo"),
    )
    assert first["RateLimit-Policy"] == '"general";q=2;w=900'
    assert first["RateLimit"] == '"general";r=1;t=900'
    assert refused["RateLimit"].startswith('"general";r=0;t=')
    problem = assert_problem(last, 429, "rate_limited")
    assert last["Retry-After"] == str(problem["retry_after"])
    assert 898 <= problem["retry_after"] <= 900
    assert last["RateLimit"].startswith('"general";r=0;t=')


def test_what_is_refused_for_lack_of_rights_counts_too(settings: Settings) -> None:
    limit(settings, general="2/15m")
    assert statuses(3, "/api/closed") == [401, 401, 429]


def test_wrong_credentials_count_too(settings: Settings) -> None:
    limit(settings, general="2/15m")
    headers = {"Authorization": "Bearer wrong"}
    assert statuses(3, headers=headers) == [401, 401, 429]


def test_an_action_of_its_own_quota_counts_work_done_only(settings: Settings) -> None:
    limit(settings, orders="1/1h", general="100/15m")
    client = client_for()
    done = client.post("/api/effects", {}, headers={"Idempotency-Key": "a"})
    assert done["RateLimit-Policy"] == '"general";q=100;w=900, "orders";q=1;w=3600'
    replay = client.post("/api/effects", {}, headers={"Idempotency-Key": "a"})
    assert (done.status_code, replay.status_code) == (201, 201)
    assert_problem(client.post("/api/effects", {}, headers={"Idempotency-Key": "b"}), 429, "rate_limited")
    assert client_for(STAFF).post("/api/effects", {}).status_code == 201


def test_without_redis_sign_in_is_closed_and_the_rest_open(settings: Settings) -> None:
    limit(settings, auth_address="30/15m", general="100/15m")
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    response = client_for().post("/api/auth", {})
    assert_problem(response, 503, "unavailable")
    assert int(response["Retry-After"]) >= 1
    assert statuses(1) == [200]


@pytest.mark.django_db(transaction=True)
def test_exactly_the_quota_passes_through_the_whole_stack(settings: Settings) -> None:
    limit(settings, general="8/15m")
    gate = threading.Barrier(80)

    def call(_: int) -> int:
        gate.wait()
        return client_for().get("/api/echo").status_code

    with ThreadPoolExecutor(80) as pool:
        assert Counter(pool.map(call, range(80))) == {200: 8, 429: 72}
