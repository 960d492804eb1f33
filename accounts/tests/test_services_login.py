"""Signing in and out: the same refusal for everybody, and five guesses whatever door they come through."""

import threading
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import jwt
import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher, make_password
from django.db import connection

from accounts import auth, tokens
from accounts.enums import RevokeReason
from accounts.models import Session
from accounts.services import login, verification
from accounts.services.login import SignIn
from accounts.services.sessions import Device
from accounts.tests.factories import PASSWORD, make_user
from fantasize.core import clock
from fantasize.core.errors import DomainError, RateLimitedError, UnauthenticatedError

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


@pytest.fixture
def limited(settings: Any) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "auth": "5/15m", "auth_address": "30/15m"}


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


def test_an_older_hash_is_upgraded_at_sign_in(settings: Any) -> None:
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.Argon2PasswordHasher",
        "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    ]
    user = make_user(email="ada@example.com")
    user.password = PBKDF2PasswordHasher().encode(PASSWORD, "saltsaltsaltsaltsalt", iterations=10)
    user.save()
    sign_in("ada@example.com")
    user.refresh_from_db()
    assert user.password.startswith("argon2")
    assert user.check_password(PASSWORD)
    assert make_password(PASSWORD) != user.password


def test_a_shop_may_ask_for_a_proven_address(settings: Any) -> None:
    settings.EMAIL_VERIFICATION = verification.MANDATORY
    user = make_user(email="ada@example.com")
    assert refused("ada@example.com").code == "email_unverified"
    assert refused("ada@example.com", "wrong").code == "invalid_credentials"
    assert not Session.objects.exists()
    user.email_verified_at = clock.now()
    user.save()
    assert sign_in("ada@example.com").user == user


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


@pytest.mark.usefixtures("limited")
def test_five_failures_close_an_account_under_all_its_names_for_everybody() -> None:
    make_user(email="ada@example.com", username="ada")
    for identifier in ["ada@example.com", "ADA", "Ada@example.com", "ada", "ada@EXAMPLE.com"]:
        assert refused(identifier, "wrong").code == "invalid_credentials"
    error = refused("ada@example.com")
    assert isinstance(error, RateLimitedError)
    assert 0 < error.extra["retry_after"] <= 901
    assert not Session.objects.exists()


@pytest.mark.usefixtures("limited")
def test_an_unknown_name_is_counted_like_an_account() -> None:
    name = f"{uuid.uuid4().hex}@example.com"
    codes = [refused(name if turn % 2 else name.upper()).code for turn in range(6)]
    assert codes == ["invalid_credentials"] * 5 + ["rate_limited"]


@pytest.mark.usefixtures("limited")
def test_success_forgets_the_failures_before_it() -> None:
    make_user(email="ada@example.com")
    for _ in range(3):
        for _ in range(4):
            refused("ada@example.com", "wrong")
        sign_in("ada@example.com")
    assert Session.objects.count() == 3


@pytest.mark.usefixtures("limited")
def test_thirty_failures_close_a_client_and_its_successes_do_not_count() -> None:
    make_user(email="ada@example.com")
    device = client()
    for _ in range(35):
        sign_in("ada@example.com", device=device)
    for _ in range(30):
        assert refused(f"{uuid.uuid4().hex}@example.com", device=device).code == "invalid_credentials"
    assert refused("ada@example.com", device=device).code == "rate_limited"
    assert sign_in("ada@example.com").session


@pytest.mark.usefixtures("limited")
def test_a_guess_over_the_limit_is_not_hashed() -> None:
    make_user(email="ada@example.com")
    for _ in range(5):
        refused("ada@example.com", "wrong")
    with patch.object(login, "is_right_password", side_effect=AssertionError):
        assert refused("ada@example.com", "wrong").code == "rate_limited"


GUESSERS = 100


@pytest.mark.usefixtures("limited")
@pytest.mark.django_db(transaction=True)
def test_a_hundred_parallel_guesses_from_a_hundred_places_evaluate_five() -> None:
    make_user(email="ada@example.com")
    start = threading.Barrier(GUESSERS)

    def guess() -> str:
        start.wait(30)
        try:
            return refused("ada@example.com", "wrong").code
        finally:
            connection.close()

    with (
        patch.object(login, "is_right_password", wraps=auth.is_right_password) as evaluated,
        ThreadPoolExecutor(GUESSERS) as pool,
    ):
        codes = Counter(future.result() for future in [pool.submit(guess) for _ in range(GUESSERS)])
    assert codes == {"invalid_credentials": 5, "rate_limited": GUESSERS - 5}
    assert evaluated.call_count == 5


@pytest.mark.django_db(transaction=True)
def test_without_the_count_every_parallel_guess_is_evaluated() -> None:
    """The control: what closes the account above is the limit and nothing else."""
    make_user(email="ada@example.com")
    assert [refused("ada@example.com", "wrong").code for _ in range(20)] == ["invalid_credentials"] * 20
