"""Guesses: five at an account whatever doors they come through, thirty failures of a client, and no way to lock out."""

import uuid
from collections import Counter
from typing import Any
from unittest.mock import patch

import pytest

from accounts import auth
from accounts.enums import SignInMethod
from accounts.models import Session, User
from accounts.services import codes, doors, login, mfa, sign_in
from accounts.tests.factories import PASSWORD, make_user
from accounts.tests.guessing import (
    EMAIL,
    by_mailed_code,
    by_password,
    by_reset_code,
    outcome,
    sign_in_on,
    somewhere,
)
from fantasize.core.errors import RateLimitedError, UnauthenticatedError, UnavailableError
from fantasize.core.limits import OverLimitError
from fantasize.tests.client import ApiClient

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _limited(settings: Any) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "auth": "5/15m", "auth_address": "30/15m"}


def test_all_doors_count_together() -> None:
    make_user(email=EMAIL, username="ada")
    doors_tried = [by_password, by_reset_code, by_mailed_code, by_reset_code, by_password]
    assert "rate_limited" not in [outcome(guess) for guess in doors_tried]
    for guess in (by_password, by_reset_code, by_mailed_code):
        assert outcome(guess) == "rate_limited"
    assert outcome(by_password, email="ADA") == "rate_limited"
    with pytest.raises(RateLimitedError) as caught:
        sign_in_on(somewhere())
    assert 0 < caught.value.extra["retry_after"] <= 901


@pytest.mark.parametrize("guess", [by_password, by_reset_code, by_mailed_code])
def test_an_address_that_nobody_has_is_counted_like_an_account(guess: Any) -> None:
    make_user(email=EMAIL)
    unknown = f"{uuid.uuid4().hex}@example.com"
    answers = {email: [outcome(guess, email=email) for _ in range(6)] for email in (EMAIL, unknown)}
    assert answers[EMAIL] == answers[unknown]
    assert answers[EMAIL][4:] == [answers[EMAIL][0], "rate_limited"]


def test_the_owner_gets_in_on_a_known_device_while_strangers_guess() -> None:
    make_user(email=EMAIL)
    token = sign_in_on(somewhere()).device_token
    for _ in range(7):
        outcome(by_password)
    for _ in range(3):
        assert outcome(by_password, somewhere(token)) == "invalid_credentials"
    assert sign_in_on(somewhere(token)).device_token == token
    assert outcome(by_password) == "rate_limited"  # signing in there has given nobody here fresh guesses


def test_a_known_device_has_five_guesses_of_its_own_and_no_more() -> None:
    make_user(email=EMAIL)
    token = sign_in_on(somewhere()).device_token
    answers = [outcome(by_password, somewhere(token)) for _ in range(6)]
    assert answers == ["invalid_credentials"] * 5 + ["rate_limited"]
    assert sign_in_on(somewhere()).session


@pytest.mark.parametrize("token", ["fzd_made-up", "", "\N{SNOWMAN}", "x" * 512])
def test_a_made_up_token_and_anothers_token_are_worth_nothing(token: str) -> None:
    make_user(email=EMAIL)
    make_user(email="eve@example.com")
    eves = login.login(identifier="eve@example.com", password=PASSWORD, device=somewhere()).device_token
    for shown in (token, eves, token, eves, token):
        assert outcome(by_password, somewhere(shown)) == "invalid_credentials"
    for shown in (token, eves):
        assert outcome(by_password, somewhere(shown)) == "rate_limited"


def test_a_complete_sign_in_gives_fresh_guesses() -> None:
    make_user(email=EMAIL)
    for _ in range(3):
        for _ in range(4):
            outcome(by_password)
        sign_in_on(somewhere())
    assert Session.objects.count() == 3


def test_a_right_password_alone_gives_none_while_a_second_factor_is_owed() -> None:
    user = make_user(email=EMAIL)
    with patch.object(mfa, "is_enabled", return_value=True):
        for _ in range(2):
            outcome(by_password)
            with pytest.raises(UnauthenticatedError) as caught:
                sign_in_on(somewhere())
            assert caught.value.code == "mfa_required"
        outcome(by_password)
        assert outcome(by_password) == "rate_limited"
    assert not Session.objects.exists()
    device = somewhere()
    sign_in.complete(user=user, device=device, method=SignInMethod.PASSWORD, has_mfa=True)
    assert outcome(by_password, device) == "invalid_credentials"


def test_thirty_failures_close_a_client_for_right_guesses_too() -> None:
    make_user(email=EMAIL)
    device = somewhere()
    for _ in range(35):
        sign_in_on(device)
    for _ in range(30):
        assert outcome(by_password, device, f"{uuid.uuid4().hex}@example.com") == "invalid_credentials"
    with pytest.raises(OverLimitError) as caught:
        sign_in_on(device)
    assert caught.value.verdict.policy == "auth_address"
    assert sign_in_on(somewhere()).session


def test_a_client_that_is_closed_does_not_use_up_an_accounts_guesses() -> None:
    make_user(email=EMAIL)
    device = somewhere()
    for _ in range(30):
        outcome(by_password, device, f"{uuid.uuid4().hex}@example.com")
    assert [outcome(by_password, device) for _ in range(10)] == ["rate_limited"] * 10
    assert outcome(by_password) == "invalid_credentials"


def test_who_has_failed_too_often_meanwhile_does_not_hear_that_a_guess_was_right() -> None:
    make_user(email=EMAIL)
    device = somewhere()

    def slowly(user: User | None, password: str) -> bool:
        for _ in range(30):
            doors.turn_away(device=device)
        return auth.is_right_password(user, password)

    for is_enabled in (True, False):
        with (
            patch.object(login, "is_right_password", slowly if is_enabled else auth.is_right_password),
            patch.object(mfa, "is_enabled", return_value=is_enabled),
            pytest.raises(RateLimitedError),
        ):
            sign_in_on(device)
    assert not Session.objects.exists()


def test_a_guess_over_the_limit_is_looked_at_by_nobody() -> None:
    make_user(email=EMAIL)
    for _ in range(5):
        outcome(by_password)
    with (
        patch.object(login, "is_right_password", side_effect=AssertionError),
        patch.object(codes, "redeem", side_effect=AssertionError),
    ):
        for guess in (by_password, by_reset_code, by_mailed_code):
            assert outcome(guess) == "rate_limited"


def test_without_redis_every_door_is_closed(settings: Any) -> None:
    user = make_user(email=EMAIL)
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    with (
        patch.object(login, "is_right_password", side_effect=AssertionError),
        patch.object(codes, "redeem", side_effect=AssertionError),
    ):
        for guess in (by_password, by_reset_code, by_mailed_code):
            assert outcome(guess) == "unavailable"
    with pytest.raises(UnavailableError):
        sign_in.complete(user=user, device=somewhere(), method=SignInMethod.GOOGLE)
    assert not Session.objects.exists()
    assert ApiClient().post("/auth/login", {"email": EMAIL, "password": PASSWORD}).status == 503
    assert ApiClient().get("/products").status == 200


def test_forged_addresses_gain_nothing() -> None:
    make_user(email=EMAIL)
    forged = ["X-Forwarded-For", "Forwarded", "X-Real-IP", "X-Client-IP", "True-Client-IP", "CF-Connecting-IP"]
    site = f"198.51.100.{uuid.uuid4().int % 256}"
    statuses = Counter(
        ApiClient()
        .client.post(
            "/api/auth/login",
            {"email": f"{uuid.uuid4().hex}@example.com", "password": "wrong"},
            "application/json",
            headers={name: f"203.0.113.{number}, 10.0.0.{number}"},
            REMOTE_ADDR=site,
        )
        .status_code
        for name in forged
        for number in range(6)
    )
    assert statuses == {401: 30, 429: 6}


def test_the_policy_that_refuses_is_the_one_that_the_headers_tell_of(settings: Any) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "general": "100/15m"}
    make_user(email=EMAIL)
    replies = [ApiClient().post("/auth/login", {"email": EMAIL, "password": "wrong"}) for _ in range(6)]
    assert [reply.status for reply in replies] == [401] * 5 + [429]
    assert replies[0].headers["RateLimit-Policy"] == '"general";q=100;w=900'
    refused = replies[-1]
    assert refused.headers["RateLimit-Policy"] == '"general";q=100;w=900, "auth";q=5;w=900'
    assert refused.headers["RateLimit"].endswith(f'"auth";r=0;t={refused.headers["Retry-After"]}')
    assert refused.headers["Retry-After"] == str(refused.body["retry_after"])
