import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import redis
from django.conf import settings as project
from django.contrib.auth.models import Group
from django.db import connection

from fantasize.core import idempotency
from fantasize.core.api import throttling
from fantasize.core.errors import ConflictError
from fantasize.core.models import IdempotencyRecord
from fantasize.core.tests.api_client import assert_problem, client_for, faults
from fantasize.core.tests.sample_api import Caller, EffectViewSet

pytestmark = [pytest.mark.urls("fantasize.core.tests.sample_api"), pytest.mark.django_db]

SHOPPER = Caller()
CALLS = 200
THREADS = 50
REPLAYS = 30


def post(
    path: str = "/api/v2/effects",
    body: Any = None,
    *,
    key: str | None = None,
    caller: Caller | None = SHOPPER,
    cart: str | None = None,
) -> Any:
    headers = {"Idempotency-Key": key, "X-Cart-Token": cart}
    given = {name: value for name, value in headers.items() if value is not None}
    return client_for(caller).post(path, body or {}, headers=given)


def effects() -> int:
    return Group.objects.filter(name__startswith="effect").count()


def test_a_replay_is_byte_equal_and_has_its_own_request_id() -> None:
    first = post(key="k")
    again = post(key="k")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert first["X-Request-ID"] != again["X-Request-ID"]
    assert again["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first
    assert (again["ETag"], again["Content-Type"]) == (first["ETag"], first["Content-Type"])
    assert effects() == 1


def test_a_replay_survives_a_flush_of_redis() -> None:
    first = post(key="k")
    redis.Redis.from_url(str(project.REDIS_URL)).flushall()
    assert post(key="k").content == first.content


PAINT, SLOWLY = "/api/v2/effects/paint", {"slowly": True}


@pytest.mark.parametrize("body", [{}, SLOWLY])
@pytest.mark.parametrize("key", ["k", None])
def test_what_takes_its_time_is_done_before_and_what_was_begun_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch, body: Any, key: str | None
) -> None:
    counted: list[str] = []
    monkeypatch.setattr(throttling, "count", lambda _request, policy: counted.append(policy))
    first = post(PAINT, body, key=key)
    assert (first.status_code, effects(), counted.count("orders")) == (201, 1, 1)
    if key:
        assert post(PAINT, body, key=key).content == first.content
        assert (effects(), counted.count("orders")) == (1, 1)


@pytest.mark.parametrize("looks_before", [1, 2])
def test_an_answer_that_a_twin_got_meanwhile_is_replayed(monkeypatch: pytest.MonkeyPatch, looks_before: int) -> None:
    first = post(PAINT, SLOWLY, key="k")
    looks = iter([None] * looks_before + [idempotency.find_answer])
    monkeypatch.setattr(idempotency, "find_answer", lambda call: (look := next(looks)) and look(call))
    assert post(PAINT, SLOWLY, key="k").content == first.content
    assert effects() == 1


@pytest.mark.parametrize("is_answered", [True, False])
def test_who_cannot_prepare_gets_what_a_twin_got_meanwhile(
    monkeypatch: pytest.MonkeyPatch, *, is_answered: bool
) -> None:
    first = post(PAINT, SLOWLY, key="k") if is_answered else None
    looks = iter([None, None, idempotency.find_answer])

    def refuse(_view: EffectViewSet) -> None:
        raise ConflictError("There is nothing left to draw.")

    monkeypatch.setattr(idempotency, "find_answer", lambda call: (look := next(looks)) and look(call))
    monkeypatch.setattr(EffectViewSet, "prepare", refuse)
    again = post(PAINT, SLOWLY, key="k")
    assert again.status_code == (201 if first else 409)
    assert first is None or again.content == first.content
    assert effects() == (1 if first else 0)


def test_spellings_of_one_path_are_one_call() -> None:
    first = post("/api/effects/", key="k")
    assert post("/api/v2/effects", key="k").content == first.content


@pytest.mark.parametrize(
    ("path", "body"),
    [("/api/v1/effects", {}), ("/api/v2/effects", {"a": 1}), ("/api/v2/effects/fail", {})],
)
def test_another_call_under_the_same_key_is_refused(path: str, body: Any) -> None:
    post(key="k")
    assert_problem(post(path, body, key="k"), 422, "idempotency_key_reused")
    assert effects() == 1


def test_keys_of_others_are_theirs() -> None:
    answers = [
        post(caller=caller, key="k", cart=cart).json()["data"]["name"]
        for caller, cart in (
            (SHOPPER, None),
            (Caller(actor="user:2"), None),
            (None, "a"),
            (None, "b"),
            (None, None),
        )
    ]
    assert len(set(answers)) == 5
    assert all(
        "a" not in record.principal[5:8] or len(record.principal) < 100 for record in IdempotencyRecord.objects.all()
    )


def test_a_cart_token_is_not_stored() -> None:
    post(caller=None, key="k", cart="very-secret")
    assert "very-secret" not in IdempotencyRecord.objects.get().principal


@pytest.mark.parametrize("key", ["x" * 255, "!", "a b", "4b0e0f5a-2d5b-4c2e-9a7f-1f5d3c2b1a00", '"quoted"'])
def test_printable_keys_up_to_255_characters_are_taken(key: str) -> None:
    assert post(key=key).status_code == 201
    assert IdempotencyRecord.objects.get().key == key


@pytest.mark.parametrize("key", ["", " ", "x" * 256, "a\tb", "é", "a\x7f", " a", "a ", "a\nb"])
def test_other_keys_are_refused(key: str) -> None:
    problem = assert_problem(post(key=key), 400, "idempotency_key_malformed")
    assert faults(problem) == {"Idempotency-Key": "idempotency_key_malformed"}
    assert effects() == 0


def test_a_key_is_required_where_v2_is_named_and_optional_elsewhere() -> None:
    problem = assert_problem(post("/api/v2/effects"), 400, "idempotency_key_missing")
    assert faults(problem) == {"Idempotency-Key": "idempotency_key_missing"}
    assert_problem(post("/api/effects?version=v2"), 400, "idempotency_key_missing")
    assert [post(path).status_code for path in ("/api/effects", "/api/v1/effects", "/api/v0/effects")] == [201] * 3
    assert effects() == 3


def test_a_refusal_leaves_nothing_and_the_key_free() -> None:
    assert_problem(post(body={"refuse": True}, key="k"), 409, "conflict")
    assert effects() == 0
    assert post(key="k").status_code == 201


def test_a_fault_of_ours_leaves_nothing_and_the_key_free() -> None:
    response = post("/api/v2/effects/fail", key="k")
    assert_problem(response, 500, "internal_error")
    assert b"secret" not in response.content
    assert not Group.objects.filter(name="half").exists()
    assert not IdempotencyRecord.objects.exists()


def test_exempt_viewsets_ignore_the_header() -> None:
    assert [post("/api/v2/echo", {"text": text}, key="k").status_code for text in "ab"] == [200, 200]
    assert not IdempotencyRecord.objects.exists()


def test_answers_that_are_no_json_are_kept_too() -> None:
    first, again = (post("/api/v2/effects/picture", key="k") for _ in range(2))
    assert first.content == again.content == b"\x89PNG"
    assert again["Content-Type"] == "image/png"
    assert again["Idempotency-Replayed"] == "true"


def test_what_is_no_success_is_not_kept() -> None:
    assert post("/api/v2/effects/elsewhere", key="k").status_code == 303
    assert not IdempotencyRecord.objects.exists()


def test_reads_ignore_the_header() -> None:
    assert client_for().get("/api/things", headers={"Idempotency-Key": ""}).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_many_calls_at_once_under_one_key_have_one_effect() -> None:
    gate = threading.Barrier(THREADS)

    def call(_: int) -> Any:
        gate.wait()
        try:
            return post(key="one")
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        answers = list(pool.map(call, range(CALLS)))
    assert effects() == 1
    statuses = Counter(answer.status_code for answer in answers)
    assert set(statuses) <= {201, 409}, statuses
    assert statuses[201] >= 1
    for answer in answers:
        if answer.status_code == 409:
            assert assert_problem(answer, 409, "request_in_flight")["retry_after"] == 1
            assert answer["Retry-After"] == "1"
    bodies = {answer.content for answer in answers if answer.status_code == 201}
    with ThreadPoolExecutor(20) as pool:
        replays = list(pool.map(lambda _: _replay(), range(REPLAYS)))
    assert {replay.status_code for replay in replays} == {201}
    assert {replay.content for replay in replays} | bodies == bodies
    assert len(bodies) == 1
    assert effects() == 1


def _replay() -> Any:
    try:
        return post(key="one")
    finally:
        connection.close()
