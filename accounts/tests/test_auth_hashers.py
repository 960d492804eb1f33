"""Passwords: what a hash costs, how many are made at a time, and the hashes of the earlier system."""

import os
import threading
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from itertools import islice
from typing import Any
from unittest.mock import patch

import argon2
import bcrypt
import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher, PBKDF2PasswordHasher, check_password, make_password

from accounts.auth import hashers
from accounts.models import Session, User
from accounts.services import login, sessions
from accounts.services.sessions import Device
from accounts.tests.factories import PASSWORD, make_user
from fantasize.core.errors import UnauthenticatedError, UnavailableError
from fantasize.settings import base
from fantasize.tests.waiting import PATIENCE_SECONDS

CHEAP = (1, 8, 1)
EMAIL = "ada@example.com"


@pytest.fixture(autouse=True)
def _real_hashers(settings: Any) -> None:
    settings.PASSWORD_HASHERS = base.PASSWORD_HASHERS
    settings.ARGON2 = CHEAP


def earlier(password: str, *, prefix: bytes = b"2b") -> str:
    """A hash as the earlier system made them: Node's library looked at 72 bytes and cut the rest off."""
    return "bcrypt$" + bcrypt.hashpw(password.encode()[:72], bcrypt.gensalt(4, prefix=prefix)).decode()


def sign_in(password: str = PASSWORD) -> Session:
    return login.login(identifier=EMAIL, password=password, device=Device(site=uuid.uuid4().hex)).session


def test_the_costs_come_from_the_environment(settings: Any) -> None:
    settings.ARGON2 = (3, 64, 2)
    hashed = make_password(PASSWORD)
    assert hashed.startswith("argon2$argon2id$v=19$m=64,t=3,p=2$")
    assert check_password(PASSWORD, hashed)
    assert not check_password(PASSWORD + " ", hashed)


def test_the_default_is_no_cheaper_than_what_is_recommended() -> None:
    """RFC 9106 asks for 64 MiB where memory is scarce; OWASP for 19 MiB and two passes at least."""
    time_cost, memory_cost, parallelism = base.ARGON2
    assert (time_cost >= 2, memory_cost >= 64 * 1024, parallelism >= 1) == (True, True, True)


@pytest.mark.django_db
@pytest.mark.parametrize("prefix", [b"2a", b"2b"])
def test_a_hash_of_the_earlier_system_is_accepted_and_replaced(prefix: bytes) -> None:
    user = make_user(email=EMAIL)
    User.objects.filter(pk=user.pk).update(password=earlier(PASSWORD, prefix=prefix))
    kept = sessions.begin(user=user, device=Device()).session
    with pytest.raises(UnauthenticatedError):
        sign_in("wrong")
    assert User.objects.get().password.startswith("bcrypt$")
    assert sign_in()
    upgraded = User.objects.get().password
    assert upgraded.startswith("argon2$")
    assert Session.objects.get(pk=kept.pk).revoked_at is None
    assert sign_in()
    assert User.objects.get().password == upgraded


@pytest.mark.django_db
@pytest.mark.parametrize("password", ["x" * 72, "x" * 73, "long-" * 40, "\N{SNOWMAN}" * 60])
def test_long_passwords_of_the_earlier_system_still_work(password: str) -> None:
    make_user(email=EMAIL)
    User.objects.update(password=earlier(password))
    assert sign_in(password)
    # From now on every byte counts.
    with pytest.raises(UnauthenticatedError):
        sign_in(password + "!")


@pytest.mark.parametrize("prefix", ["2a", "2b"])
def test_a_hash_made_elsewhere_is_known(prefix: str) -> None:
    """The test vectors of OpenBSD's and crypt_blowfish's own test suites."""
    vector = f"bcrypt$${prefix}$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"
    assert check_password("U*U", vector)
    assert not check_password("U*V", vector)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "older",
    [
        lambda: PBKDF2PasswordHasher().encode(PASSWORD, "saltsaltsaltsaltsaltsa", iterations=10),
        lambda: Argon2PasswordHasher().encode(PASSWORD, "saltsaltsaltsaltsaltsa"),
    ],
)
def test_other_hashers_and_other_costs_are_brought_up_to_date(older: Callable[[], str]) -> None:
    make_user(email=EMAIL)
    User.objects.update(password=older())
    assert sign_in()
    assert User.objects.get().password.startswith("argon2$argon2id$v=19$m=8,t=1,p=1$")


@pytest.mark.django_db
@pytest.mark.parametrize("identifier", [EMAIL, "nobody@example.com", "gone@example.com"])
def test_nobody_costs_one_hash_of_the_same_kind(identifier: str) -> None:
    make_user(email=EMAIL)
    make_user(email="gone@example.com", is_active=False)
    made: list[str] = []

    def count(hash_: Callable[..., Any], *arguments: Any) -> Any:
        made.append("hash")
        return hash_(*arguments)

    with patch.object(hashers, "_in_turn", count), pytest.raises(UnauthenticatedError):
        login.login(identifier=identifier, password="wrong", device=Device(site=uuid.uuid4().hex))
    assert made == ["hash"]


def side_by_side(settings: Any, allowed: int, callers: int = 12) -> int:
    """How many hashes begin before one has ended, when ``callers`` want one."""
    settings.PASSWORD_HASHES_AT_ONCE, settings.PASSWORD_HASHES_WAITING = allowed, callers
    begun, finish = threading.Semaphore(0), threading.Event()

    def stuck(*_: Any, **__: Any) -> bytes:
        begun.release()
        finish.wait(PATIENCE_SECONDS)
        return b"$argon2id$"

    with ThreadPoolExecutor(callers) as pool, patch.object(argon2.low_level, "hash_secret", stuck):
        waiting = [pool.submit(make_password, PASSWORD) for _ in range(callers)]
        count = sum(begun.acquire(timeout=PATIENCE_SECONDS) for _ in range(allowed))
        # One too many would not be far behind.
        count += begun.acquire(timeout=0.3)
        finish.set()
        assert len([future.result() for future in waiting]) == callers
    return count


@pytest.mark.parametrize("allowed", [1, 2])
def test_no_more_hashes_run_at_once_than_are_allowed(settings: Any, allowed: int) -> None:
    assert side_by_side(settings, allowed) == allowed


def test_without_the_cap_they_all_run_at_once(settings: Any) -> None:
    """The control: what holds them back above is the cap and nothing else."""
    assert side_by_side(settings, 12) == 12


@contextmanager
def one_in_hand() -> Iterator[list[Future[str]]]:
    """A core that is taken by a hash until the block ends; holds that hash."""
    started, finish = threading.Event(), threading.Event()

    def stuck(*_: Any, **__: Any) -> bytes:
        started.set()
        finish.wait(PATIENCE_SECONDS)
        return b"$argon2id$"

    with ThreadPoolExecutor(1) as pool, patch.object(argon2.low_level, "hash_secret", stuck):
        hashes = [pool.submit(make_password, PASSWORD)]
        assert started.wait(PATIENCE_SECONDS)
        try:
            yield hashes
        finally:
            finish.set()


def test_whoever_finds_too_many_waiting_is_told_to_come_back(settings: Any) -> None:
    settings.PASSWORD_HASHES_AT_ONCE, settings.PASSWORD_HASHES_WAITING = 1, 0
    older = earlier(PASSWORD)
    hashed = make_password(PASSWORD)
    with one_in_hand():
        for call in (
            lambda: make_password(PASSWORD),
            lambda: check_password(PASSWORD, hashed),
            lambda: check_password(PASSWORD, older),
        ):
            with pytest.raises(UnavailableError) as caught:
                call()
            assert caught.value.extra == {"retry_after": 1}
    assert Counter(check_password(PASSWORD, hashed) for _ in range(3)) == {True: 3}


def test_hashing_threads_let_others_go_first() -> None:
    priorities: list[int] = []
    hashers._in_turn(lambda: priorities.append(os.getpriority(os.PRIO_PROCESS, threading.get_native_id())))
    assert priorities == [min(19, os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) + 5)]


def test_few_may_wait_and_the_rest_keep_no_thread(settings: Any) -> None:
    settings.PASSWORD_HASHES_AT_ONCE, settings.PASSWORD_HASHES_WAITING = 1, 2
    with ThreadPoolExecutor(12) as pool, one_in_hand() as hashes:
        callers = [pool.submit(make_password, PASSWORD) for _ in range(12)]
        # Ten answers come while the core is still taken: theirs who may not wait.
        refused = list(islice(as_completed(callers, timeout=PATIENCE_SECONDS), 10))
        assert {type(future.exception()) for future in refused} == {UnavailableError}
        assert not hashes[0].done()
    assert sum(future.exception() is None for future in callers) == 2


@pytest.mark.django_db
def test_a_guess_for_which_there_is_no_room_is_not_counted(settings: Any) -> None:
    settings.PASSWORD_HASHES_AT_ONCE, settings.PASSWORD_HASHES_WAITING = 1, 0
    make_user(email=EMAIL)
    with one_in_hand():
        for _ in range(settings.ONE_TIME_CODE_TRIES + 10):
            with pytest.raises(UnavailableError):
                sign_in("wrong")
    assert sign_in()
