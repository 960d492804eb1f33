import threading
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from functools import partial

import pytest
from django.contrib.auth.models import Group
from django.db import connection, transaction

from fantasize.core import clock, idempotency
from fantasize.core.errors import ConflictError, InvalidError
from fantasize.core.idempotency import Answer, Call
from fantasize.core.models import IdempotencyRecord

CALL = Call("user:1", "key", "fingerprint")
TWINS = 12


def work_once(call: Call) -> str:
    """What the web side does: find, claim, work, store. Says how it went."""
    if idempotency.find_answer(call):
        return "replayed"
    try:
        with transaction.atomic():
            if idempotency.claim(call):
                return "replayed"
            Group.objects.create(name=f"effect {uuid.uuid4()}")
            idempotency.store_answer(call, Answer(201, b"{}"))
            return "worked"
    except ConflictError:
        return "in flight"


def in_parallel(work: Callable[[], str]) -> Counter[str]:
    gate = threading.Barrier(TWINS)

    def run() -> str:
        gate.wait()
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(TWINS) as pool:
        return Counter(future.result() for future in [pool.submit(run) for _ in range(TWINS)])


def effects() -> int:
    return Group.objects.filter(name__startswith="effect").count()


@pytest.mark.django_db(transaction=True)
def test_twins_have_one_effect() -> None:
    for number in range(10):
        call = Call("user:1", f"key {number}", "fingerprint")
        outcome = in_parallel(partial(work_once, call))
        assert outcome["worked"] == 1
        assert effects() == number + 1
    assert IdempotencyRecord.objects.count() == 10


@pytest.mark.django_db(transaction=True)
def test_twins_without_lock_and_constraint_have_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: with the protection taken out, the same drill turns red."""
    monkeypatch.setattr(idempotency, "_try_lock", lambda _call, _statement: True)
    meeting = threading.Barrier(TWINS)
    monkeypatch.setattr(idempotency, "find_answer", lambda _call: None)
    with _without_constraint():
        outcome = in_parallel(lambda: (meeting.wait(), work_once(CALL))[1])
        assert outcome["worked"] == effects() == TWINS
        IdempotencyRecord.objects.all().delete()


@contextmanager
def _without_constraint() -> Iterator[None]:
    constraint = next(one for one in IdempotencyRecord._meta.constraints if "idempotency" in one.name)
    with connection.schema_editor() as editor:
        editor.remove_constraint(IdempotencyRecord, constraint)
    try:
        yield
    finally:
        with connection.schema_editor() as editor:
            editor.add_constraint(IdempotencyRecord, constraint)


@pytest.mark.django_db(transaction=True)
def test_a_crash_leaves_neither_effect_nor_answer_and_the_key_free() -> None:
    class KilledError(Exception):
        pass

    def crash() -> None:
        with transaction.atomic():
            idempotency.claim(CALL)
            Group.objects.create(name="effect")
            idempotency.store_answer(CALL, Answer(201, b"{}"))
            raise KilledError

    with pytest.raises(KilledError):
        crash()
    assert (effects(), IdempotencyRecord.objects.count()) == (0, 0)
    assert work_once(CALL) == "worked"


@pytest.mark.django_db
def test_the_answer_comes_back_byte_for_byte() -> None:
    answer = Answer(201, bytes(range(256)), {"ETag": '"1"'})
    idempotency.store_answer(CALL, answer)
    assert idempotency.find_answer(CALL) == answer


@pytest.mark.django_db
def test_a_key_is_bound_to_its_call_and_its_owner() -> None:
    idempotency.store_answer(CALL, Answer(201, b"mine"))
    with pytest.raises(InvalidError) as refusal:
        idempotency.find_answer(Call("user:1", "key", "another"))
    assert refusal.value.code == "idempotency_key_reused"
    assert idempotency.find_answer(Call("user:2", "key", "fingerprint")) is None


@pytest.mark.django_db
def test_answers_are_kept_for_72_hours() -> None:
    moment = clock.now()
    with clock.frozen_at(moment - timedelta(hours=72, seconds=1)):
        idempotency.store_answer(Call("user:1", "old", "f"), Answer(201, b""))
    with clock.frozen_at(moment - timedelta(hours=71, minutes=59)):
        idempotency.store_answer(Call("user:1", "young", "f"), Answer(201, b""))
    assert idempotency.purge_expired(moment) == 1
    assert [record.key for record in IdempotencyRecord.objects.all()] == ["young"]


def test_fingerprints_tell_borders_apart() -> None:
    assert idempotency.fingerprint_of(b"ab", b"c") != idempotency.fingerprint_of(b"a", b"bc")
    assert idempotency.fingerprint_of(b"a") == idempotency.fingerprint_of(b"a")


@pytest.mark.django_db
def test_answers_about_somebody_are_forgotten_whoever_got_them() -> None:
    who, other = "7f000000-0000-4000-8000-000000000001", "7f000000-0000-4000-8000-000000000002"
    for principal, body in (
        (f"user:{who}", b"{}"),
        ("key:factory", f'{{"id": "{who}"}}'.encode()),
        (f"user:{other}", f'{{"id": "{other}"}}'.encode()),
    ):
        idempotency.store_answer(Call(principal, "k", "f"), Answer(200, body))
    idempotency.forget_about([])
    assert IdempotencyRecord.objects.count() == 3
    idempotency.forget_about([who])
    assert [record.principal for record in IdempotencyRecord.objects.all()] == [f"user:{other}"]
