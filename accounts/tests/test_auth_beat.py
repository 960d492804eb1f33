"""When registrations are answered."""

import time
from typing import Any

import pytest

from accounts.auth import beat
from accounts.models import User
from fantasize.core.errors import InvalidError
from fantasize.tests.client import ApiClient

PERSON = {"email": "ada@example.com", "password": "correct-horse-battery"}


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long was waited, each time; nobody really waits."""
    waits: list[float] = []
    monkeypatch.setattr(time, "sleep", waits.append)
    return waits


@pytest.mark.parametrize(("took", "waits"), [(0.0, 0.0), (0.1, 0.2), (0.299, 0.001), (0.3, 0.0), (0.4, 0.2)])
def test_it_goes_on_at_the_next_beat(
    took: float, waits: float, slept: list[float], settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.REGISTRATION_BEAT_SECONDS = 0.3
    moments = iter([1000.0, 1000.0 + took])
    monkeypatch.setattr(time, "monotonic", lambda: next(moments))
    with beat.on_the_beat():
        pass
    assert slept == pytest.approx([waits], abs=1e-9)


def test_without_a_beat_nothing_waits(slept: list[float], settings: Any) -> None:
    settings.REGISTRATION_BEAT_SECONDS = 0.0
    with beat.on_the_beat():
        pass
    assert slept == []


def test_what_is_refused_goes_on_at_once(slept: list[float], settings: Any) -> None:
    settings.REGISTRATION_BEAT_SECONDS = 0.3
    with pytest.raises(InvalidError), beat.on_the_beat():
        raise InvalidError("No.")
    assert slept == []


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/api/v2/auth/register", "/api/v2/users/register", "/register", "/users/register"])
def test_registrations_of_known_and_unknown_addresses_are_answered_on_the_beat(path: str, settings: Any) -> None:
    """Known only if somebody has it; the work of both is done long before."""
    settings.REGISTRATION_BEAT_SECONDS = 0.2
    times = []
    for _ in range(2):
        began = time.monotonic()
        assert ApiClient(prefix="").post(path, PERSON).status == 201
        times.append(time.monotonic() - began)
    assert User.objects.count() == 1
    assert all(seconds >= 0.2 for seconds in times)
