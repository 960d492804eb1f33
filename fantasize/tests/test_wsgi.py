"""The web process's start: loaded whole, and no call waits for what others have left behind."""

import gc
import weakref
from collections.abc import Iterator

import pytest
from django.core.signals import request_started

from fantasize import wsgi


class Circle:
    """What only the collector takes away."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def _quiet_collector() -> Iterator[None]:
    before = gc.get_threshold()
    gc.set_threshold(100_000, 2, 2)
    yield
    gc.set_threshold(*before)


def test_circles_go_before_the_next_call_when_they_are_many() -> None:
    gc.collect(0)
    circles = [Circle() for _ in range(2_000)]
    last = weakref.ref(circles[-1])
    del circles
    assert last() is not None
    wsgi.collect_garbage()
    assert last() is None


def test_few_are_left_for_later() -> None:
    gc.collect(0)
    last = weakref.ref(Circle())
    wsgi.collect_garbage()
    assert last() is not None


def test_what_has_outlived_a_call_goes_too() -> None:
    circles = [Circle() for _ in range(2_000)]
    gc.collect(1)
    last = weakref.ref(circles[-1])
    del circles
    for _ in range(10):
        spent = [Circle() for _ in range(2_000)]
        del spent
        wsgi.collect_garbage()
    assert last() is None


def test_every_call_begins_with_it() -> None:
    assert any(key[0] == "collect_garbage" for key, *_ in request_started.receivers)
