"""Opening an account: what is refused, and that a known address cannot be told from a new one."""

import threading
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from unittest.mock import patch

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Address, User
from accounts.services import addresses, registration, usernames
from accounts.tests.factories import PASSWORD, make_user
from accounts.tests.postbox import deliver, subjects
from fantasize.core import clock
from fantasize.core.errors import InvalidError
from fantasize.tests.waiting import PATIENCE_SECONDS

ADDRESS = {"line1": "1 High Street", "city": "York", "country": "GB"}

pytestmark = pytest.mark.django_db


def register(email: str = "ada@example.com", password: str = PASSWORD, **more: Any) -> User:
    return registration.register(email=email, password=password, **more)


def faults(**arguments: Any) -> set[tuple[str, str]]:
    with pytest.raises(InvalidError) as caught:
        register(**arguments)
    return {(fault.location, fault.code) for fault in caught.value.errors}


def test_an_account_is_opened_with_its_address() -> None:
    user = register("Ada@Example.com", username="Ada", first_name="Ada", last_name="Lovelace", address=ADDRESS)
    saved = User.objects.get()
    assert (saved, saved.email, saved.username) == (user, "ada@example.com", "Ada")
    assert saved.check_password(PASSWORD)
    assert (saved.role, saved.is_staff, saved.is_superuser, saved.is_active) == ("customer", False, False, True)
    address = Address.objects.get(user=user)
    assert (address.full_name, address.line1, address.is_default_shipping) == ("Ada Lovelace", "1 High Street", True)
    assert not saved.is_email_verified
    assert subjects() == [("ada@example.com", "Confirm your e-mail address")]


def test_a_known_address_looks_like_a_new_one_and_its_owner_gets_a_mail() -> None:
    owner = make_user(email="ada@example.com", first_name="Ada")
    made_up = register("ADA@example.com", "another-good-one", username="eve", first_name="Eve", address=ADDRESS)
    assert (made_up.email, made_up.username, made_up.first_name) == ("ada@example.com", "eve", "Eve")
    assert made_up.pk != owner.pk
    assert made_up.role == "customer"
    owner.refresh_from_db()
    assert owner.first_name == "Ada"
    assert owner.check_password(PASSWORD)
    assert (User.objects.count(), Address.objects.count()) == (1, 0)
    [message] = deliver()
    assert (message.to, message.subject) == (["ada@example.com"], "You already have an account")
    assert "another-good-one" not in message.body


def test_an_owner_is_not_flooded_with_mail(settings: Any) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "codes": "5/1h", "codes_pause": "1/1m"}
    email = f"{uuid.uuid4().hex}@example.com"
    for _ in range(5):
        register(email)
    assert subjects() == [(email, "Confirm your e-mail address")]
    User.objects.update(email_verified_at=clock.now())
    for _ in range(5):
        register(email)
    assert subjects() == [(email, "You already have an account")]


def test_new_unused_and_known_addresses_cost_the_same() -> None:
    make_user(email="known@example.com")
    seen = []
    for email in ("ada@example.com", "ada@example.com", "known@example.com"):
        with (
            patch.object(MD5PasswordHasher, "encode", autospec=True, return_value="md5$a$b") as hashed,
            CaptureQueriesContext(connection) as queries,
        ):
            register(email, username=uuid.uuid4().hex)
        kinds = [query["sql"].split()[0] for query in queries]
        seen.append((hashed.call_count, len(deliver()), kinds))
    new, unused, known = seen
    assert unused == known
    assert new[:2] == known[:2] == (1, 1)


def test_all_faults_are_told_at_once_and_nothing_is_saved() -> None:
    make_user(username="ada")
    assert faults(password="12345", username="ADA") == {
        ("/username", "taken"),
        ("/password", "password_too_short"),
        ("/password", "password_too_common"),
        ("/password", "password_entirely_numeric"),
    }
    assert User.objects.count() == 1
    assert deliver() == []


def test_a_password_like_the_address_is_refused() -> None:
    assert faults(email="lovelace@example.com", password="lovelace1") == {("/password", "password_too_similar")}


def test_a_taken_username_is_refused_for_a_known_address_too() -> None:
    """Else whoever tries a taken name would learn which addresses are known."""
    make_user(email="known@example.com")
    make_user(username="ada")
    assert faults(email="known@example.com", username="ada") == faults(email="new@example.com", username="ada")


def test_a_username_that_is_taken_meanwhile_is_refused() -> None:
    seen = iter([[], [usernames.TAKEN]])
    make_user(username="ada")
    with patch.object(usernames, "faults_in", lambda _: next(seen)):
        assert faults(username="ada") == {("/username", "taken")}
    assert User.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_twenty_registrations_of_one_address_open_one_account() -> None:
    callers = 20
    start = threading.Barrier(callers)

    def run() -> str:
        start.wait(PATIENCE_SECONDS)
        try:
            return str(register("ada@example.com").pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(callers) as pool:
        ids = [future.result() for future in [pool.submit(run) for _ in range(callers)]]
    assert len(set(ids)) == callers
    assert str(User.objects.get().pk) in ids
    assert Counter(subject for _, subject in subjects()) == {"Confirm your e-mail address": callers}


def test_a_registration_that_is_refused_by_the_database_asks_for_no_mail() -> None:
    with patch.object(addresses, "add", side_effect=OperationalError), pytest.raises(OperationalError):
        register(address=ADDRESS)
    assert not User.objects.exists()
    assert deliver() == []
