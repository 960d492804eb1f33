"""Signing in with a password, and out: the same refusal for everybody."""

import uuid
from collections import Counter
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import jwt
import pytest

from accounts import tokens
from accounts.enums import RevokeReason
from accounts.models import Session
from accounts.services import login
from accounts.services.sessions import Device
from accounts.services.sign_in import SignIn
from accounts.tests.factories import PASSWORD, make_user
from fantasize.core import clock
from fantasize.core.errors import DomainError, UnauthenticatedError

pytestmark = pytest.mark.django_db


def client() -> Device:
    """A device whose failures nobody has counted yet."""
    return Device(user_agent="Firefox", ip_address="192.0.2.7", site=uuid.uuid4().hex)


def sign_in(identifier: str, password: str = PASSWORD, device: Device | None = None, **more: Any) -> SignIn:
    return login.login(identifier=identifier, password=password, device=device or client(), **more)


def refused(identifier: str, password: str = PASSWORD, device: Device | None = None) -> DomainError:
    with pytest.raises(DomainError) as caught:
        sign_in(identifier, password, device)
    return caught.value


@pytest.mark.parametrize("identifier", ["ada@example.com", "ADA@Example.com", "ada", "ADA"])
def test_address_or_username_and_password_sign_in(identifier: str) -> None:
    user, now = make_user(email="ada@example.com", username="Ada"), clock.now()
    with clock.frozen_at(now):
        result = sign_in(identifier)
    assert result.user == user
    assert tokens.authenticate_access(result.access).session == result.session
    assert login.refresh(refresh=result.refresh).session == result.session
    user.refresh_from_db()
    assert user.last_login == now
    session = Session.objects.get()
    assert (session.user_agent, session.ip_address) == ("Firefox", "192.0.2.7")


def test_an_access_token_may_live_longer_where_the_earlier_system_had_it() -> None:
    make_user(email="ada@example.com")
    result = sign_in("ada@example.com", access_lifetime=timedelta(minutes=60))
    claims = jwt.decode(result.access, options={"verify_signature": False})
    assert claims["exp"] - claims["iat"] == 3600


@pytest.mark.parametrize(
    ("identifier", "password"),
    [
        ("ada@example.com", "wrong"),
        ("ada@example.com", ""),
        ("ada@example.com", PASSWORD.upper()),
        ("nobody@example.com", PASSWORD),
        ("nobody", PASSWORD),
        ("", PASSWORD),
        ("\N{SNOWMAN}@\N{SNOWMAN}", PASSWORD),
        ("gone@example.com", PASSWORD),
        ("oauth@example.com", ""),
    ],
)
def test_everything_wrong_looks_the_same(identifier: str, password: str) -> None:
    make_user(email="ada@example.com")
    make_user(email="gone@example.com", is_active=False)
    passwordless = make_user(email="oauth@example.com")
    passwordless.set_unusable_password()
    passwordless.save()
    error = refused(identifier, password)
    assert (type(error), error.code) == (UnauthenticatedError, "invalid_credentials")
    assert error.detail == "E-mail address, username or password is wrong."
    assert not Session.objects.exists()


@pytest.mark.parametrize("identifier", ["ada@example.com", "nobody@example.com", "gone@example.com"])
def test_nobody_a_wrong_password_and_an_inactive_account_cost_one_hash_each(identifier: str) -> None:
    make_user(email="ada@example.com")
    make_user(email="gone@example.com", is_active=False)
    with patch("django.contrib.auth.hashers.MD5PasswordHasher.encode", autospec=True, return_value="md5$a$b") as hashed:
        refused(identifier, "wrong")
    assert hashed.call_count == 1


def test_signing_out_of_one_of_all_and_by_refresh_token() -> None:
    user = make_user(email="ada@example.com")
    first, second, third, fourth = (sign_in("ada@example.com") for _ in range(4))
    assert login.logout(session_id=first.session.pk) == 1
    assert login.logout_by_refresh_token(refresh=second.refresh) == 1
    assert login.logout_all(user=user) == 2
    for result in (first, second, third, fourth):
        with pytest.raises(UnauthenticatedError):
            tokens.authenticate_access(result.access)
    reasons = Counter(Session.objects.values_list("revoke_reason", flat=True))
    assert reasons == {RevokeReason.LOGOUT: 2, RevokeReason.LOGOUT_ALL: 2}
