"""Addresses, profiles and erasure."""

import threading
from concurrent.futures import ThreadPoolExecutor
from unittest.mock import patch

import pytest
from django.contrib.auth.models import Permission
from django.db import connection

from accounts import auth, selectors, tokens
from accounts.models import Address, RefreshToken, User
from accounts.services import addresses, erasure, profile, sessions, usernames
from accounts.services.sessions import Device
from accounts.tests.factories import PASSWORD, make_address, make_user
from fantasize.core import clock
from fantasize.core.errors import ConflictError, InvalidError, UnauthenticatedError
from fantasize.tests.waiting import PATIENCE_SECONDS

pytestmark = pytest.mark.django_db

VALUES = {"line1": "1 High Street", "city": "York", "country": "GB"}


def defaults_of(user: User) -> tuple[list[int], list[int]]:
    shipping = user.addresses.filter(is_default_shipping=True).values_list("pk", flat=True)
    billing = user.addresses.filter(is_default_billing=True).values_list("pk", flat=True)
    return list(shipping), list(billing)


def test_the_first_address_is_the_default_and_the_next_is_not() -> None:
    user = make_user(first_name="Ada", last_name="Lovelace")
    first = addresses.add(user=user, **VALUES)
    second = addresses.add(user=user, full_name="Charles Babbage", **VALUES)
    assert (first.full_name, second.full_name) == ("Ada Lovelace", "Charles Babbage")
    assert defaults_of(user) == ([first.pk], [first.pk])
    assert selectors.find_default_shipping_address(user) == first


def test_a_new_default_takes_the_place_of_the_one_before() -> None:
    user, other = make_user(), make_user()
    theirs = addresses.add(user=other, **VALUES)
    first = addresses.add(user=user, **VALUES)
    second = addresses.add(user=user, is_default_shipping=True, **VALUES)
    assert defaults_of(user) == ([second.pk], [first.pk])
    addresses.change(address=first, is_default_shipping=True, city="Leeds")
    assert defaults_of(user) == ([first.pk], [first.pk])
    assert Address.objects.get(pk=first.pk).city == "Leeds"
    addresses.change(address=first, is_default_shipping=True)
    assert defaults_of(user) == ([first.pk], [first.pk])
    assert defaults_of(other) == ([theirs.pk], [theirs.pk])


def test_without_a_default_parcels_go_to_the_newest_address() -> None:
    user = make_user()
    assert selectors.find_default_shipping_address(user) is None
    default, older, newer = (addresses.add(user=user, **VALUES) for _ in range(3))
    addresses.remove(address=default)
    assert selectors.find_default_shipping_address(user) == newer
    assert set(user.addresses.all()) == {older, newer}


def test_addresses_end_somewhere() -> None:
    user = make_user()
    Address.objects.bulk_create(Address(user=user, line1="x") for _ in range(addresses.MAX_ADDRESSES))
    with pytest.raises(ConflictError) as caught:
        addresses.add(user=user, **VALUES)
    assert caught.value.code == "too_many_addresses"
    assert user.addresses.count() == addresses.MAX_ADDRESSES


@pytest.mark.django_db(transaction=True)
def test_twenty_defaults_at_once_leave_one() -> None:
    user, callers = make_user(), 20
    start = threading.Barrier(callers)

    def run() -> None:
        start.wait(PATIENCE_SECONDS)
        try:
            addresses.add(user=user, is_default_shipping=True, is_default_billing=True, **VALUES)
        finally:
            connection.close()

    with ThreadPoolExecutor(callers) as pool:
        for future in [pool.submit(run) for _ in range(callers)]:
            future.result()
    shipping, billing = defaults_of(user)
    assert (len(shipping), len(billing), user.addresses.count()) == (1, 1, callers)


def test_a_profile_changes_what_it_may_and_nothing_else() -> None:
    user = make_user(email="ada@example.com", last_name="Byron")
    profile.update(user=user, username="Ada", first_name="Ada", email="eve@example.com", is_staff="yes")
    user.refresh_from_db()
    assert (user.username, user.first_name, user.last_name) == ("Ada", "Ada", "Byron")
    assert (user.email, user.is_staff) == ("ada@example.com", False)


def test_a_username_may_be_kept_respelled_given_up_and_not_taken() -> None:
    user = make_user(username="ada")
    make_user(username="Charles")
    profile.update(user=user, username="ADA")
    with pytest.raises(InvalidError) as caught:
        profile.update(user=user, username="charles", first_name="Eve")
    assert caught.value.errors == (usernames.TAKEN,)
    user.refresh_from_db()
    assert (user.username, user.first_name) == ("ADA", "")
    profile.update(user=user, username=None)
    assert User.objects.get(pk=user.pk).username is None


def test_a_username_that_is_taken_meanwhile_is_refused() -> None:
    user = make_user()
    make_user(username="ada")
    with patch.object(usernames, "faults_in", return_value=[]), pytest.raises(InvalidError) as caught:
        profile.update(user=user, username="ADA")
    assert caught.value.errors == (usernames.TAKEN,)
    assert User.objects.get(pk=user.pk).username is None


def test_erasure_leaves_a_row_that_says_nothing() -> None:
    user = make_user(
        email="ada@example.com",
        username="ada",
        first_name="Ada",
        last_name="Lovelace",
        role="manager",
        email_verified_at=clock.now(),
        last_login=clock.now(),
    )
    user.user_permissions.add(Permission.objects.all()[0])
    make_address(user)
    grant = sessions.begin(user=user, device=Device(user_agent="Ada's phone", ip_address="192.0.2.7"))
    access, other = tokens.issue_access(grant.session), make_user()
    make_address(other)
    erasure.erase(user=user)

    row = User.objects.get(pk=user.pk)
    assert (row.username, row.first_name, row.last_name) == (None, "", "")
    assert row.email == f"{user.pk.hex}@erased.invalid"
    assert (row.is_active, row.is_staff, row.is_superuser, row.role) == (False, False, False, "customer")
    assert (row.email_verified_at, row.last_login) == (None, None)
    assert row.erased_at is not None
    assert not row.has_usable_password()
    assert not row.addresses.exists()
    assert not row.groups.exists()
    assert not row.get_all_permissions()
    session = row.sessions.get()
    assert (session.user_agent, session.ip_address, session.revoke_reason) == ("", None, "erased")
    assert not RefreshToken.objects.exists()
    assert not auth.is_right_password(row, PASSWORD)
    for refusal in (
        lambda: tokens.authenticate_access(access),
        lambda: sessions.rotate(refresh=grant.refresh),
    ):
        with pytest.raises(UnauthenticatedError):
            refusal()
    assert other.addresses.exists()


def test_erasing_twice_is_harmless_and_the_address_is_free_again() -> None:
    user = make_user(email="ada@example.com")
    erasure.erase(user=user)
    erased_at = User.objects.get(pk=user.pk).erased_at
    erasure.erase(user=user)
    assert User.objects.get(pk=user.pk).erased_at == erased_at
    assert make_user(email="ada@example.com").pk != user.pk
