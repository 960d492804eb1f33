"""The cache speeds answers up and never decides them."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction
from redis.exceptions import ConnectionError as RedisConnectionError

from fantasize.core import caching
from fantasize.core.caching import Namespace


@pytest.fixture
def answers() -> Namespace:
    namespace = Namespace("test.answers")
    namespace.invalidate()
    return namespace


@pytest.fixture
def redis_down(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """Call it to take Redis away; everything is as before after ``monkeypatch.undo()``."""

    def refuse(*_args: Any, **_options: Any) -> None:
        raise RedisConnectionError

    def take_away() -> None:
        for name in ("get", "set", "get_or_set"):
            monkeypatch.setattr(cache, name, refuse)

    yield take_away
    caching.breaker.open_until = 0.0


def counter() -> Callable[[], int]:
    calls = iter(range(1, 100))
    return lambda: next(calls)


def test_an_answer_is_computed_once(answers: Namespace) -> None:
    compute = counter()
    assert [answers.get_or_compute("a", ttl=60, compute=compute) for _ in range(3)] == [1, 1, 1]
    assert answers.get_or_compute("b", ttl=60, compute=compute) == 2


def test_nothing_is_an_answer_too(answers: Namespace) -> None:
    assert answers.get_or_compute("a", ttl=60, compute=lambda: None) is None
    assert answers.get_or_compute("a", ttl=60, compute=lambda: 1) is None


def test_a_namespace_goes_stale_as_a_whole_and_alone(answers: Namespace) -> None:
    other, compute = Namespace("test.other"), counter()
    other.invalidate()
    before = [namespace.get_or_compute(key, ttl=60, compute=compute) for namespace in (answers, other) for key in "ab"]
    answers.invalidate()
    after = [namespace.get_or_compute(key, ttl=60, compute=compute) for namespace in (answers, other) for key in "ab"]
    assert (before, after) == ([1, 2, 3, 4], [5, 6, 3, 4])


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
        assert answers.get_or_compute("a", ttl=60, compute=compute) == 1
    assert answers.get_or_compute("a", ttl=60, compute=compute) == 2


def test_without_redis_answers_are_computed_and_redis_is_not_asked_again_at_once(
    answers: Namespace,
    redis_down: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    compute = counter()
    redis_down()
    assert answers.get_or_compute("a", ttl=60, compute=compute) == 1
    assert caching.breaker.is_open()
    monkeypatch.undo()
    assert answers.get_or_compute("a", ttl=60, compute=compute) == 2
    caching.breaker.open_until = 0.0
    assert [answers.get_or_compute("a", ttl=60, compute=compute) for _ in range(2)] == [3, 3]


def test_what_changed_while_redis_was_away_is_not_served_afterwards(
    answers: Namespace,
    redis_down: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    compute = counter()
    assert answers.get_or_compute("a", ttl=60, compute=compute) == 1
    redis_down()
    answers.invalidate()
    assert answers.get_or_compute("a", ttl=60, compute=compute) == 2
    monkeypatch.undo()
    caching.breaker.open_until = 0.0
    assert [answers.get_or_compute("a", ttl=60, compute=compute) for _ in range(2)] == [3, 3]
