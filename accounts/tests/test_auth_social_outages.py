"""Providers that are down, slow, or have new keys; and which of them there are."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django_redis.exceptions import ConnectionInterrupted

from accounts.auth.social import keys, providers, transport
from accounts.enums import SignInMethod
from accounts.services import retention
from accounts.tests.social import is_refused, refused, verify
from accounts.tests.stand_in import StandIn
from fantasize.core import clock
from fantasize.core.errors import DomainError, NotFoundError, UnauthenticatedError, UnavailableError

GOOGLE, FACEBOOK, FIREBASE = SignInMethod.GOOGLE, SignInMethod.FACEBOOK, SignInMethod.FIREBASE


def test_what_allauth_remembers_in_redis_makes_it_unavailable_without(provider: StandIn) -> None:
    with patch("allauth.socialaccount.internal.jwtkit.cache") as memory:
        memory.add.side_effect = ConnectionInterrupted(None)
        assert refused(GOOGLE, provider.google_token()).code == "provider_unavailable"


def test_keys_are_asked_for_once_and_again_when_they_are_old(provider: StandIn) -> None:
    for _ in range(3):
        verify(GOOGLE, provider.google_token())
    assert provider.calls == ["/certs"]
    with clock.frozen_at(clock.now() + timedelta(seconds=3601)):
        now = int(clock.now().timestamp())
        with pytest.raises(UnauthenticatedError):
            # The library's own clock says that this one is of the future.
            verify(GOOGLE, provider.google_token(iat=now - 1, exp=now + 60))
    assert provider.calls == ["/certs"] * 2


def test_a_new_key_is_found_after_a_minute_and_nonsense_costs_one_call_a_minute(provider: StandIn) -> None:
    verify(GOOGLE, provider.google_token())
    provider.kids = ["two"]
    start = clock.now()
    assert is_refused(GOOGLE, provider.google_token(kid="two"))
    assert provider.calls == ["/certs"]
    with clock.frozen_at(start + timedelta(seconds=61)):
        assert verify(GOOGLE, provider.google_token(kid="two")).subject
        assert is_refused(GOOGLE, provider.google_token(kid="one"))
        for _ in range(20):
            assert is_refused(GOOGLE, provider.google_token(kid="mallory"))
    assert provider.calls == ["/certs"] * 2


@pytest.mark.parametrize("status", [429, 500, 502, 503])
@pytest.mark.parametrize("method", [GOOGLE, FACEBOOK, FIREBASE])
def test_a_provider_that_is_down_is_no_fault_of_the_token(provider: StandIn, method: SignInMethod, status: int) -> None:
    provider.status = status
    tokens = {GOOGLE: provider.google_token(), FACEBOOK: provider.facebook_token()}
    error = refused(method, tokens.get(method, provider.firebase_token()))
    assert (type(error), error.code) == (UnavailableError, "provider_unavailable")
    assert error.extra["retry_after"] > 0


def test_a_provider_that_answers_with_a_page_is_down(provider: StandIn) -> None:
    provider.status = 404
    assert refused(GOOGLE, provider.google_token()).code == "provider_unavailable"


@pytest.mark.parametrize("page", [b"<html>", b"[]", b'"one"'])
def test_a_provider_whose_keys_cannot_be_read_is_down(provider: StandIn, page: bytes) -> None:
    provider.page = page
    assert refused(GOOGLE, provider.google_token()).code == "provider_unavailable"


def test_nobody_listening_is_down(provider: StandIn, settings: Any) -> None:
    token = provider.google_token()
    settings.GOOGLE_CERTS_URL = "http://127.0.0.1:1/certs"
    assert refused(GOOGLE, token).code == "provider_unavailable"


def test_a_provider_that_is_slow_is_given_up_in_time(provider: StandIn) -> None:
    """Each answer may be slow by itself, and all of them together."""
    provider.delay = 30
    with patch.object(transport, "READ_SECONDS", 0.3):
        assert took_less_than(15.0, lambda: refused(GOOGLE, provider.google_token()))
    with patch.object(providers, "TOTAL_SECONDS", 0.3):
        assert took_less_than(15.0, lambda: refused(FACEBOOK, provider.facebook_token()))


def took_less_than(seconds: float, call: Callable[[], DomainError]) -> bool:
    start = time.monotonic()
    assert call().code == "provider_unavailable"
    return time.monotonic() - start < seconds


def test_a_provider_that_hangs_takes_a_bounded_number_of_threads_and_no_other_provider(provider: StandIn) -> None:
    keys.forget()
    verify(FIREBASE, provider.firebase_token())
    provider.delay = 30
    token = provider.facebook_token()
    with patch.object(providers, "TOTAL_SECONDS", 0.5), ThreadPoolExecutor(40) as pool:
        codes = {call.result().code for call in [pool.submit(refused, FACEBOOK, token) for _ in range(40)]}
    assert codes == {"provider_unavailable"}
    assert len(provider.calls) <= 1 + 8
    assert verify(FIREBASE, provider.firebase_token()).subject


def test_a_used_token_is_remembered_for_as_long_as_it_would_count() -> None:
    assert providers.MAX_AGE <= retention.USED_PASSWORDS_KEPT


def test_times_add_up_to_ten_seconds_at_most() -> None:
    assert transport.CONNECT_SECONDS <= 2
    assert providers.TOTAL_SECONDS <= 10


@pytest.mark.parametrize(
    ("method", "name"),
    [
        (GOOGLE, "GOOGLE_CLIENT_ID"),
        (FACEBOOK, "FACEBOOK_CLIENT_ID"),
        (FACEBOOK, "FACEBOOK_CLIENT_SECRET"),
        (FIREBASE, "FIREBASE_PROJECT_ID"),
    ],
)
def test_a_provider_without_its_names_is_not_offered(
    provider: StandIn, settings: Any, method: SignInMethod, name: str
) -> None:
    setattr(settings, name, "")
    error = refused(method, "x")
    assert (type(error), error.code) == (NotFoundError, "provider_not_configured")
    assert provider.calls == []


def test_the_environment_says_where_the_providers_are() -> None:
    """Read in a process of its own: allauth looks once, when it is imported."""
    program = (
        "import django; django.setup()\n"
        "from allauth.socialaccount.providers.google import views\n"
        "from allauth.socialaccount.providers.facebook import flows\n"
        "from django.conf import settings as s\n"
        "print(views.CERTS_URL, views.ID_TOKEN_ISSUER, flows.GRAPH_API_URL)\n"
        "print(s.FIREBASE_CERTS_URL, s.FIREBASE_ISSUER_URL)"
    )
    names = ("GOOGLE_CERTS_URL", "GOOGLE_ISSUER_URL", "FACEBOOK_GRAPH_URL", "FIREBASE_CERTS_URL", "FIREBASE_ISSUER_URL")
    told = {name: f"http://provider.example/{name.lower()}" for name in names}
    environment = {**os.environ, **told, "FANTASIZE_OFFLINE": "1", "DJANGO_SETTINGS_MODULE": "fantasize.settings"}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, check=True, text=True)
    assert done.stdout.split() == list(told.values())
