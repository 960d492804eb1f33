"""Users: one per address and per username, whatever the case; a role that costs one query."""

import io
from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.enums import Role
from accounts.models import Address, User
from accounts.services import login
from accounts.services.sessions import Device
from accounts.tests.factories import PASSWORD, make_address, make_user
from fantasize.core import clock

pytestmark = pytest.mark.django_db


def test_an_address_is_kept_in_lower_case_and_found_in_any() -> None:
    user = make_user(email="  Ada@Example.COM ")
    assert user.email == "ada@example.com"
    assert User.objects.get(email="ADA@example.com") == user
    assert User.objects.get_by_natural_key("Ada@Example.com") == user


@pytest.mark.parametrize("other", ["ada@example.com", "ADA@EXAMPLE.COM"])
def test_an_address_belongs_to_one_user(other: str) -> None:
    make_user(email="ada@example.com")
    with pytest.raises(IntegrityError), transaction.atomic():
        make_user(email=other)
    assert User.objects.count() == 1


def test_the_database_refuses_an_address_in_capitals() -> None:
    user = make_user()
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_user SET email = 'ADA@example.com' WHERE id = %s", [user.pk])


def test_a_username_belongs_to_one_user_and_having_none_is_no_name() -> None:
    make_user(username="ada")
    make_user()
    make_user()
    with pytest.raises(IntegrityError), transaction.atomic():
        make_user(username="ADA")
    assert User.objects.count() == 3


@pytest.mark.parametrize("identifier", ["Ada", "aDA", "ada@EXAMPLE.com"])
def test_somebody_is_known_by_username_and_address_in_any_case(identifier: str) -> None:
    user = make_user(email="Ada@example.com", username="Ada")
    make_user(username="adam")
    assert list(User.objects.known_as(identifier)) == [user]


def test_somebody_is_found_by_the_beginning_of_the_address_and_by_the_whole_username() -> None:
    by_address, by_name = make_user(email="lovelace@example.com"), make_user(username="Lovelace")
    make_user(username="lovelace2")
    assert set(User.objects.found_by("LOVELACE")) == {by_address, by_name}
    assert not User.objects.found_by("%")


def test_an_unknown_password_lets_nobody_in() -> None:
    user = User.objects.create_user("ada@example.com")
    assert not user.has_usable_password()
    assert not user.check_password("")


def test_a_superuser_is_an_administrator_who_may_do_everything() -> None:
    user = User.objects.create_superuser("root@example.com", "correct-horse-battery", is_staff=False)
    assert (user.is_staff, user.is_superuser, user.role) == (True, True, Role.ADMINISTRATOR)


def test_a_superuser_made_at_the_command_line_signs_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    call_command("createsuperuser", email="Root@Example.com", interactive=False, stdout=io.StringIO())
    user = login.check_password(identifier="root@example.com", password=PASSWORD, device=Device())
    assert user.is_superuser
    assert user.is_email_verified


def test_adjectives() -> None:
    shopper, manager = make_user(), make_user(role="manager")
    gone = make_user(is_active=False)
    assert set(User.objects.active()) == {shopper, manager}
    assert set(User.objects.staff()) == {manager}
    assert gone not in User.objects.active()


@pytest.mark.parametrize("role", list(Role))
def test_a_role_takes_one_query_at_most_and_is_remembered(role: Role) -> None:
    user = User.objects.get(pk=make_user(role=role).pk)
    with CaptureQueriesContext(connection) as queries:
        assert user.role == role
        assert user.role == role
    assert len(queries) == (0 if role == Role.CUSTOMER else 1)


def test_a_prefetched_role_takes_none() -> None:
    make_user(role="manager")
    user = User.objects.prefetch_related("groups").get()
    with CaptureQueriesContext(connection) as queries:
        assert user.role == Role.MANAGER
    assert len(queries) == 0


def test_staff_of_a_group_of_the_shops_own_count_as_managers() -> None:
    user = make_user(is_staff=True)
    user.groups.add(Group.objects.create(name="engravers"))
    assert user.role == Role.MANAGER


def test_a_group_without_being_staff_is_no_role() -> None:
    user = make_user()
    user.groups.add(Group.objects.get_or_create(name="administrator")[0])
    assert user.role == Role.CUSTOMER


def test_names_and_texts() -> None:
    moment = datetime(2026, 1, 2, tzinfo=UTC)
    with clock.frozen_at(moment):
        user = make_user(email="ada@example.com", first_name="Ada", last_name="Lovelace")
    assert (str(user), user.get_full_name(), user.created_at) == ("ada@example.com", "Ada Lovelace", moment)
    assert user.actor == f"user:{user.pk}"
    assert make_user().get_full_name() == ""
    assert not make_user(email_verified_at=None).is_email_verified
    assert make_user(email_verified_at=moment).is_email_verified
    assert str(make_address(user)) == "Ada Lovelace, 12 St James's Square, London, GB"


@pytest.mark.parametrize("flag", ["is_default_shipping", "is_default_billing"])
def test_the_database_allows_one_default_of_a_kind(flag: str) -> None:
    user = make_user()
    make_address(user, **{flag: True})
    make_address(make_user(), **{flag: True})
    with pytest.raises(IntegrityError), transaction.atomic():
        make_address(user, **{flag: True})
    assert Address.objects.filter(user=user).count() == 1
