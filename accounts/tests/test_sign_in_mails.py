"""Whatever changes how somebody gets in tells them by mail, and nothing that others wrote stands in it."""

from collections.abc import Callable
from typing import Any

import pytest
from allauth.socialaccount.models import SocialAccount
from django.test import Client

from accounts.models import KnownDevice, Session, User
from accounts.services import devices, mfa, passkeys, social
from accounts.tests.factories import make_user
from accounts.tests.postbox import deliver
from accounts.tests.second_factors import add_passkey, add_totp, make_session, require_mfa
from accounts.tests.test_admin import form_of, passwords, url
from fantasize.core import clock
from fantasize.core.errors import ConflictError
from fantasize.tests.staff import signed_in

pytestmark = pytest.mark.django_db

SUBJECT = "How you sign in has changed"


@pytest.fixture
def ada() -> User:
    user = make_user(email="ada@example.com")
    add_totp(user)
    add_passkey(user)
    mfa.renew_recovery_codes(user=user)
    deliver()
    return user


def passkey_of(user: User) -> int:
    return int(passkeys.list_of(user).get().pk)


def unlink(user: User) -> None:
    account = SocialAccount.objects.create(user=user, provider="google", uid="1", extra_data={})
    social.unlink(session=make_session(user, mfa_at=clock.now()), account=account)


CHANGES: dict[str, Callable[[User], Any]] = {
    "A passkey was added.": add_passkey,
    "A passkey was removed.": lambda user: passkeys.remove(user=user, passkey_id=passkey_of(user)),
    "An authenticator app was removed.": lambda user: mfa.remove_totp(user=user),
    "New recovery codes were made; the earlier ones are void.": lambda user: mfa.renew_recovery_codes(user=user),
    "Google does not open your account any more.": unlink,
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_is_told_to_whose_account_it_is(ada: User, what: str) -> None:
    CHANGES[what](ada)
    [message] = deliver()
    assert (message.to, message.subject) == ([ada.email], SUBJECT)
    assert what in message.body
    assert "Laptop" not in message.body, "a name that somebody gave it may be a stranger's words"


def test_a_change_that_is_refused_is_told_to_nobody() -> None:
    user = make_user(role="manager")
    require_mfa("manager")
    add_totp(user)
    with pytest.raises(ConflictError):
        mfa.remove_totp(user=user)
    assert deliver() == []


def test_a_password_that_staff_set_is_told_and_no_device_is_known_any_more() -> None:
    user = make_user()
    devices.remember(user=user, token="")
    make_session(user)
    client = signed_in(make_user(role="administrator"))
    assert client.post(url(user, "password"), passwords()).status_code == 302
    [message] = deliver()
    assert (message.to, message.subject) == ([user.email], SUBJECT)
    assert "set a new password" in message.body
    assert not KnownDevice.objects.exists()
    assert not Session.objects.filter(user=user, revoked_at=None).exists()


def test_another_address_is_told_to_the_old_one() -> None:
    user = make_user(email="before@example.com")
    client = signed_in(make_user(role="administrator"))
    client.post(url(user), form_of(user, email="after@example.com"))
    [message] = deliver()
    assert message.to == ["before@example.com"]
    assert "after@example.com" not in message.body
    client.post(url(user), form_of(User.objects.get(pk=user.pk), first_name="Ada"))
    assert deliver() == []


@pytest.mark.parametrize("spelling", [str, lambda key: key.hex])
def test_nobody_sets_their_own_password_without_the_present_one(spelling: Callable[[Any], str]) -> None:
    own = make_user(role="administrator")
    client: Client = signed_in(own)
    page = f"/admin/accounts/user/{spelling(own.pk)}/password/"
    for answer in (client.get(page), client.post(page, passwords())):
        assert (answer.status_code, answer["Location"]) == (302, "/admin/password_change/")
    assert User.objects.get(pk=own.pk).password == own.password
