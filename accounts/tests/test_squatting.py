"""Somebody registers an address that is not theirs: whoever reads its mail gets the account, and nobody else."""

import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any
from unittest.mock import patch

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.db import connection

from accounts.models import Address, User
from accounts.services import codes, login, passwords, registration, usernames, verification
from accounts.services.sessions import Device
from accounts.tests.factories import make_user
from accounts.tests.postbox import code_in, deliver, mailed_code, subjects
from accounts.tests.second_factors import add_passkey, add_totp, race
from fantasize.core import clock
from fantasize.core.errors import DomainError, InvalidError
from fantasize.tests.waiting import PATIENCE_SECONDS

pytestmark = pytest.mark.django_db

EMAIL = "victim@example.com"
SQUATTERS, OWN, OTHER = "the-password-of-a-squatter", "the-password-of-the-victim", "the-password-chosen-later"
LONDON = {"line1": "1 High Street", "city": "London", "country": "GB"}
YORK = {**LONDON, "city": "York"}


def register(password: str, **more: Any) -> User:
    return registration.register(email=EMAIL, password=password, **more)


def somewhere() -> Device:
    return Device(site=uuid.uuid4().hex)


def outcome(call: Callable[[], Any]) -> str:
    try:
        call()
    except DomainError as error:
        return error.code
    return "ok"


def newest_code() -> str:
    return [code_in(message) for message in deliver()][-1]


def sign_in(password: str) -> str:
    return outcome(partial(login.login, identifier=EMAIL, password=password, device=somewhere()))


def verify(code: str) -> str:
    return outcome(partial(verification.verify, email=EMAIL, code=code, device=somewhere()))


def test_a_squatter_who_comes_first_gains_nothing() -> None:
    register(SQUATTERS, username="eve", first_name="Eve", last_name="Squatter", address=LONDON)
    before = clock.now()
    register(OWN, first_name="Vic", address=YORK)
    assert [sign_in(password) for password in (SQUATTERS, OWN)] == ["invalid_credentials"] * 2
    assert verify(newest_code()) == "ok"
    assert [sign_in(password) for password in (SQUATTERS, OWN)] == ["invalid_credentials"] * 2
    user = User.objects.get()
    assert (user.username, user.first_name, user.last_name) == (None, "", "")
    assert user.created_at > before
    assert not Address.objects.exists()


def test_a_squatter_who_comes_later_gains_nothing() -> None:
    register(OWN, first_name="Vic", address=YORK)
    own = mailed_code()
    register(SQUATTERS, username="eve", first_name="Eve", address=LONDON)
    assert verify(own) == "ok"
    assert [sign_in(password) for password in (SQUATTERS, OWN)] == ["invalid_credentials"] * 2
    assert (User.objects.get().username, User.objects.get().first_name) == (None, "")
    assert not Address.objects.exists()
    assert "registered more than once" in str(deliver()[-1].body)


def test_whoever_reads_the_mail_chooses_the_password() -> None:
    register(SQUATTERS)
    register(OWN)
    verify(newest_code())
    deliver()
    codes.request_reset(email=EMAIL)
    passwords.reset(email=EMAIL, code=mailed_code(), password=OTHER, device=somewhere())
    assert [sign_in(password) for password in (SQUATTERS, OWN, OTHER)] == [*["invalid_credentials"] * 2, "ok"]


def test_whoever_registers_twice_with_one_password_keeps_it_and_what_they_said_last() -> None:
    register(OWN, first_name="Wic", address=LONDON)
    register(OWN, username="vic", first_name="Vic", address=YORK)
    assert verify(newest_code()) == "ok"
    assert sign_in(OWN) == "ok"
    assert (User.objects.get().username, User.objects.get().first_name) == ("vic", "Vic")
    assert [address.city for address in Address.objects.all()] == ["York"]
    assert "registered more than once" not in str(deliver()[0].body)


def test_once_the_code_was_used_a_squatter_changes_nothing() -> None:
    register(OWN)
    assert verify(mailed_code()) == "ok"
    deliver()
    register(SQUATTERS, username="eve", address=LONDON)
    assert subjects() == [(EMAIL, "You already have an account")]
    assert (sign_in(SQUATTERS), sign_in(OWN)) == ("invalid_credentials", "ok")
    assert not Address.objects.exists()


def test_every_registration_computes_one_hash(settings: Any) -> None:
    """Else the time of the answer would tell what is known of the address."""
    settings.PASSWORD_HASHERS = ["accounts.tests.test_squatting.CountingHasher"]
    counts = []
    for password, proven in ((OWN, False), (OWN, False), (OTHER, False), (OTHER, False), (OTHER, True)):
        User.objects.filter(email=EMAIL).update(email_verified_at=clock.now() if proven else None)
        CountingHasher.count = 0
        register(password)
        counts.append(CountingHasher.count)
    assert counts == [1] * 5


class CountingHasher(MD5PasswordHasher):
    """Counts how often it has worked."""

    count = 0

    def encode(self, password: str, salt: str) -> str:
        type(self).count += 1
        encoded: str = super().encode(password, salt)
        return encoded


def test_the_mail_says_that_strangers_leave_the_code_alone() -> None:
    register(SQUATTERS)
    [message] = deliver()
    html = str(message.alternatives[0][0])  # type: ignore[attr-defined] # the stubs know EmailMessage alone
    for body in (str(message.body), html):
        assert "If you have not registered with us, do not use this code." in body


@pytest.mark.parametrize(
    "fields",
    [
        {"email_verified_at": clock.now()},
        {"last_login": clock.now()},
        {"is_active": False},
        {"is_staff": True},
        {"is_superuser": True},
    ],
    ids=lambda fields: next(iter(fields)),
)
def test_an_account_that_is_somebodys_stays_as_it_is(fields: dict[str, Any]) -> None:
    make_user(**{"email": EMAIL, "email_verified_at": None, "username": "vic", **fields})
    before = User.objects.values().get()
    made_up = register(SQUATTERS, username="eve", address=LONDON)
    assert User.objects.values().get() == before
    assert made_up.pk != before["id"]
    assert not Address.objects.exists()
    assert subjects() == [(EMAIL, "You already have an account")]


def test_where_nothing_has_to_be_proven_the_first_registration_stays(settings: Any) -> None:
    settings.EMAIL_VERIFICATION = verification.OPTIONAL
    register(OWN)
    deliver()
    register(SQUATTERS)
    assert subjects() == [(EMAIL, "You already have an account")]
    assert (sign_in(OWN), sign_in(SQUATTERS)) == ("ok", "invalid_credentials")


def test_a_taken_username_is_refused_whoever_has_it() -> None:
    """Even the registration before: else the answer would tell that this address has this name."""
    register(SQUATTERS, username="vic")
    assert outcome(partial(register, OWN, username="VIC")) == "invalid"
    assert User.objects.get().check_password(SQUATTERS)


def test_a_username_that_is_taken_meanwhile_leaves_the_registration_before() -> None:
    register(SQUATTERS)
    make_user(username="vic")
    seen = iter([[], [usernames.TAKEN]])
    with patch.object(usernames, "faults_in", lambda _: next(seen)), pytest.raises(InvalidError):
        register(SQUATTERS, username="vic")
    assert User.objects.get(email=EMAIL).check_password(SQUATTERS)


def test_where_nothing_has_to_be_proven_a_reset_throws_the_squatter_out(settings: Any) -> None:
    settings.EMAIL_VERIFICATION = verification.OPTIONAL
    register(SQUATTERS)
    deliver()
    squatter = login.login(identifier=EMAIL, password=SQUATTERS, device=somewhere())
    add_totp(squatter.user)
    add_passkey(squatter.user)
    deliver()
    codes.request_reset(email=EMAIL)
    passwords.reset(email=EMAIL, code=mailed_code(), password=OWN, device=somewhere())
    assert outcome(partial(login.refresh, refresh=squatter.refresh)) == "refresh_invalid"
    assert (sign_in(SQUATTERS), sign_in(OWN)) == ("invalid_credentials", "ok")


@pytest.mark.django_db(transaction=True)
def test_of_registrations_at_once_none_leaves_its_password() -> None:
    chosen = iter([f"{OWN}-{number}" for number in range(8)])
    race(lambda: register(next(chosen)), 8)
    assert User.objects.count() == 1
    assert verify(newest_code()) == "ok"
    assert [sign_in(f"{OWN}-{number}") for number in range(8)] == ["invalid_credentials"] * 8


def confirm_and_register_at_once(code: str) -> list[str]:
    """What a code comes to while a squatter registers."""
    start = threading.Barrier(2)

    def run(call: Callable[[], str]) -> str:
        start.wait(PATIENCE_SECONDS)
        try:
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(run, [lambda: verify(code), lambda: outcome(partial(register, SQUATTERS))]))


@pytest.mark.django_db(transaction=True)
def test_a_code_never_confirms_the_password_of_a_squatter_who_registers_at_that_moment() -> None:
    for _ in range(10):
        User.objects.all().delete()
        register(OWN)
        verified, registered = confirm_and_register_at_once(mailed_code())
        assert (verified, registered) == ("ok", "ok")
        user = User.objects.get()
        # Either the code came first, or the account was registered twice.
        assert user.check_password(OWN) or not user.has_usable_password()
        deliver()


@pytest.mark.django_db(transaction=True)
def test_without_the_rows_lock_a_squatter_takes_away_the_password_of_a_proven_account() -> None:
    """The control: the squatter's registration looks at the account, the code confirms it, the registration writes."""
    register(OWN)
    code = mailed_code()
    look = registration._is_unused
    is_writing = False

    def look_and_be_late(user: User) -> bool:
        nonlocal is_writing
        is_unused = look(user)
        if is_writing:
            with ThreadPoolExecutor(1) as pool:
                assert pool.submit(verified_apart, code).result(PATIENCE_SECONDS) == "ok"
        is_writing = True
        return is_unused

    unlocked = patch.object(type(User.objects.all()), "select_for_update", lambda rows, **_: rows)
    with unlocked, patch.object(registration, "_is_unused", look_and_be_late):
        register(SQUATTERS)
    user = User.objects.get()
    assert user.is_email_verified
    assert not user.has_usable_password()


def verified_apart(code: str) -> str:
    try:
        return verify(code)
    finally:
        connection.close()
