"""Opening an account: what is refused, and that a known address cannot be told from a new one."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from unittest.mock import patch

import pytest
from django.core import mail
from django.db import connection

from accounts.models import Address, User
from accounts.services import registration, usernames
from accounts.tests.factories import PASSWORD, make_user
from fantasize.core.errors import InvalidError

ADDRESS = {"line1": "1 High Street", "city": "York", "country": "GB"}

pytestmark = pytest.mark.django_db


def register(email: str = "ada@example.com", password: str = PASSWORD, **more: Any) -> User:
    return registration.register(email=email, password=password, **more)


def faults(**arguments: Any) -> set[tuple[str, str]]:
    with pytest.raises(InvalidError) as caught:
        register(**arguments)
    return {(fault.location, fault.code) for fault in caught.value.errors}


def test_an_account_is_opened_with_its_address(django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        user = register("Ada@Example.com", username="Ada", first_name="Ada", last_name="Lovelace", address=ADDRESS)
    saved = User.objects.get()
    assert (saved, saved.email, saved.username) == (user, "ada@example.com", "Ada")
    assert saved.check_password(PASSWORD)
    assert (saved.role, saved.is_staff, saved.is_superuser, saved.is_active) == ("customer", False, False, True)
    address = Address.objects.get(user=user)
    assert (address.full_name, address.line1, address.is_default_shipping) == ("Ada Lovelace", "1 High Street", True)
    assert [(message.to, message.subject) for message in mail.outbox] == [(["ada@example.com"], "Welcome to Fantasize")]


def test_a_known_address_looks_like_a_new_one_and_its_owner_gets_a_mail(
    django_capture_on_commit_callbacks: Any,
) -> None:
    owner = make_user(email="ada@example.com", first_name="Ada")
    with django_capture_on_commit_callbacks(execute=True):
        made_up = register("ADA@example.com", "another-good-one", username="eve", first_name="Eve", address=ADDRESS)
    assert (made_up.email, made_up.username, made_up.first_name) == ("ada@example.com", "eve", "Eve")
    assert made_up.pk != owner.pk
    assert made_up.role == "customer"
    owner.refresh_from_db()
    assert owner.first_name == "Ada"
    assert owner.check_password(PASSWORD)
    assert (User.objects.count(), Address.objects.count()) == (1, 0)
    assert [(message.to, message.subject) for message in mail.outbox] == [
        (["ada@example.com"], "You already have an account")
    ]
    assert PASSWORD not in mail.outbox[0].body


def test_new_and_known_addresses_hash_once_each() -> None:
    with patch.object(User, "set_password", autospec=True, side_effect=User.set_password) as hashed:
        register("ada@example.com")
        register("ada@example.com")
    assert hashed.call_count == 2


def test_all_faults_are_told_at_once_and_nothing_is_saved() -> None:
    make_user(username="ada")
    assert faults(password="12345", username="ADA") == {
        ("/username", "taken"),
        ("/password", "password_too_short"),
        ("/password", "password_too_common"),
        ("/password", "password_entirely_numeric"),
    }
    assert User.objects.count() == 1
    assert mail.outbox == []


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
        start.wait(30)
        try:
            return str(register("ada@example.com").pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(callers) as pool:
        ids = [future.result() for future in [pool.submit(run) for _ in range(callers)]]
    assert len(set(ids)) == callers
    assert str(User.objects.get().pk) in ids
    assert len(mail.outbox) == callers


def test_a_mail_that_cannot_be_sent_does_not_undo_the_account(
    settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", 1, 1
    with django_capture_on_commit_callbacks(execute=True):
        user = register()
    assert User.objects.get() == user
