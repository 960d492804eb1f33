"""The cache speeds answers up and never decides them: what apps say of what they keep."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from fantasize.core import clock
from fantasize.core.caching import CachePolicy, Namespace, depends_on, is_keeping, keep_until
from fantasize.core.tests.kept import counter


@pytest.fixture
def answers() -> Namespace:
    return Namespace("test.answers")


def test_an_answer_is_computed_once(answers: Namespace) -> None:
    compute = counter()
    assert [answers.get_or_compute("a", ttl=60, compute=compute) for _ in range(3)] == [1, 1, 1]
    assert answers.get_or_compute("b", ttl=60, compute=compute) == 2


def test_nothing_is_an_answer_too(answers: Namespace) -> None:
    assert answers.get_or_compute("a", ttl=60, compute=lambda: None) is None
    assert answers.get_or_compute("a", ttl=60, compute=lambda: 1) is None


def test_a_namespace_goes_stale_as_a_whole_and_alone(answers: Namespace) -> None:
    other, compute = Namespace("test.other"), counter()
    before = [namespace.get_or_compute(key, ttl=60, compute=compute) for namespace in (answers, other) for key in "ab"]
    answers.invalidate()
    after = [namespace.get_or_compute(key, ttl=60, compute=compute) for namespace in (answers, other) for key in "ab"]
    assert (before, after) == ([1, 2, 3, 4], [5, 6, 3, 4])


def test_a_member_takes_along_only_what_shows_it(answers: Namespace) -> None:
    members, compute = Namespace("test.members"), counter()

    def showing(*shown: int) -> Callable[[], int]:
        def answer() -> int:
            members.depends_on(shown)
            return compute()

        return answer

    def ask() -> list[int]:
        return [answers.get_or_compute(str(pair), ttl=60, compute=showing(*pair)) for pair in ((1, 2), (2, 3), (3, 4))]

    assert ask() == [1, 2, 3]
    members.invalidate(1)
    assert ask() == [4, 2, 3]
    members.invalidate(2, 9)
    assert ask() == [5, 6, 3]


def test_what_an_answer_is_made_of_makes_it_stale_too(answers: Namespace) -> None:
    part, compute = Namespace("test.part"), counter()

    def whole() -> tuple[int, int]:
        return part.get_or_compute("rows", ttl=60, compute=compute), compute()

    first = answers.get_or_compute("a", ttl=60, compute=whole)
    assert answers.get_or_compute("b", ttl=60, compute=whole) == (first[0], 3)
    part.invalidate()
    assert answers.get_or_compute("b", ttl=60, compute=whole) == (4, 5)
    assert answers.get_or_compute("a", ttl=60, compute=whole) == (4, 6)


def test_a_part_that_answers_share_is_computed_once_and_anew_when_something_changes(answers: Namespace) -> None:
    policy, compute = CachePolicy((Namespace("test.other"), answers), 60), counter()
    keys = (("count", 1), ("count", "1"), ("count", 1))
    assert [policy.get_or_compute(key, compute) for key in keys] == [1, 2, 1]
    answers.invalidate()
    assert policy.get_or_compute(("count", 1), compute) == 3
    assert policy.get_or_compute("nothing", lambda: None) is None
    assert policy.get_or_compute("nothing", lambda: 1) is None


@pytest.mark.django_db
def test_a_part_is_not_kept_out_of_a_transaction_nor_into_one(answers: Namespace) -> None:
    policy = CachePolicy((answers,), 60)
    assert [policy.get_or_compute("a", compute) for compute in [counter()] * 2] == [1, 2]


def test_an_answer_is_not_kept_longer_than_it_is_true(answers: Namespace) -> None:
    now, compute = clock.now(), counter()

    def until_the_border() -> int:
        keep_until(now + timedelta(seconds=30))
        keep_until(None)
        return compute()

    def ask_after(seconds: float) -> Any:
        with clock.frozen_at(now + timedelta(seconds=seconds)):
            return answers.get_or_compute("a", ttl=60, compute=until_the_border)

    assert [ask_after(0), ask_after(29.9), ask_after(30)] == [1, 1, 2]
    assert not is_keeping()


def test_time_ends_every_answer(answers: Namespace) -> None:
    now, compute = clock.now(), counter()
    seen = []
    for seconds in (0, 59, 60, 61):
        with clock.frozen_at(now + timedelta(seconds=seconds)):
            seen.append(answers.get_or_compute("a", ttl=60, compute=compute))
    assert seen == [1, 1, 2, 2]


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_makes_nothing_stale(answers: Namespace) -> None:
    compute = counter()
    answers.get_or_compute("a", ttl=60, compute=compute)
    with transaction.atomic():
        answers.invalidate_on_commit()
        transaction.set_rollback(True)
    assert answers.get_or_compute("a", ttl=60, compute=compute) == 1
    with transaction.atomic():
        answers.invalidate_on_commit()
    assert answers.get_or_compute("a", ttl=60, compute=compute) == 2


@pytest.mark.django_db(transaction=True)
def test_who_changes_something_sees_it_and_keeps_it_from_the_others(answers: Namespace) -> None:
    rows, other = ["old"], Namespace("test.other")
    assert answers.get_or_compute("a", ttl=60, compute=lambda: rows[0]) == "old"
    with transaction.atomic():
        other.invalidate_on_commit()
        assert answers.get_or_compute("a", ttl=60, compute=lambda: "new") == "old"
        answers.invalidate_on_commit()
        assert answers.get_or_compute("a", ttl=60, compute=lambda: "uncommitted") == "uncommitted"
        transaction.set_rollback(True)
    assert answers.get_or_compute("a", ttl=60, compute=lambda: "new") == "old"


def test_nobody_records_outside_of_an_answer() -> None:
    depends_on(["a"])
    keep_until(clock.now())
    assert not is_keeping()


@pytest.mark.django_db
def test_what_fails_after_a_commit_is_logged_and_fails_nobody(
    answers: Namespace,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    django_capture_on_commit_callbacks: Any,
) -> None:
    def fail(*_: object) -> None:
        raise OSError

    monkeypatch.setattr(answers, "invalidate", fail)
    with django_capture_on_commit_callbacks(execute=True):
        answers.invalidate_on_commit()
    assert [record.exc_info[0] for record in caplog.records if record.exc_info] == [OSError]
