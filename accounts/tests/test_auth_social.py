"""Whom a provider's token proves somebody to be."""

import hashlib
import hmac
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import jwt
import pytest
from django.core.cache import cache
from django_redis.exceptions import ConnectionInterrupted

from accounts.auth import social
from accounts.auth.social import Credential, Identity, keys, providers, transport
from accounts.enums import SignInMethod
from accounts.services import retention
from accounts.tests.stand_in import APP_TOKEN, PROJECT, StandIn, private_key, public_pem, stand_in
from fantasize.core import clock
from fantasize.core.errors import DomainError, NotFoundError, UnauthenticatedError, UnavailableError

GOOGLE, FACEBOOK, FIREBASE = SignInMethod.GOOGLE, SignInMethod.FACEBOOK, SignInMethod.FIREBASE


@pytest.fixture
def provider(settings: Any) -> Iterator[StandIn]:
    with stand_in(settings) as running:
        yield running


def verify(method: SignInMethod, token: str, nonce: str = "") -> Identity:
    return social.verify(Credential(method, token, nonce))


def refused(method: SignInMethod, token: str, nonce: str = "") -> DomainError:
    with pytest.raises(DomainError) as caught:
        verify(method, token, nonce)
    return caught.value


def is_refused(method: SignInMethod, token: str, nonce: str = "") -> bool:
    error = refused(method, token, nonce)
    return isinstance(error, UnauthenticatedError) and error.code == "provider_token_invalid"


def test_google_says_who_somebody_is(provider: StandIn) -> None:
    token = provider.google_token(email="Ada@Example.com", picture="https://pictures.example/ada")
    identity = verify(GOOGLE, token)
    assert (identity.issuer, identity.subject) == ("google", "ada-at-google")
    assert (identity.email, identity.is_email_verified) == ("Ada@Example.com", True)
    assert (identity.first_name, identity.last_name) == ("Ada", "Lovelace")
    assert identity.picture == "https://pictures.example/ada"
    assert len(identity.fingerprint) == 64


def test_firebase_says_who_somebody_is(provider: StandIn) -> None:
    identity = verify(FIREBASE, provider.firebase_token(given_name=None, family_name=None, name="Ada King Lovelace"))
    assert (identity.issuer, identity.subject) == (f"firebase:{PROJECT}", "ada-at-firebase")
    assert (identity.first_name, identity.last_name) == ("Ada", "King Lovelace")
    assert identity.is_email_verified


def test_facebook_says_who_somebody_is_and_never_that_an_address_is_theirs(provider: StandIn) -> None:
    picture = {"data": {"url": "https://pictures.example/ada", "is_silhouette": False}}
    token = provider.facebook_token(
        email="ada@example.com", verified=True, first_name="Ada", last_name="L", picture=picture
    )
    identity = verify(FACEBOOK, token)
    assert (identity.issuer, identity.subject, identity.fingerprint) == ("facebook", "ada-at-facebook", "")
    assert (identity.email, identity.is_email_verified) == ("ada@example.com", False)
    assert identity.picture == "https://pictures.example/ada"


def test_facebooks_own_stand_in_for_a_picture_is_none(provider: StandIn) -> None:
    picture = {"data": {"url": "https://pictures.example/nobody", "is_silhouette": True}}
    assert verify(FACEBOOK, provider.facebook_token(picture=picture)).picture == ""


def test_facebooks_app_token_is_kept_nowhere(provider: StandIn) -> None:
    cache.clear()
    verify(FACEBOOK, provider.facebook_token())
    assert APP_TOKEN not in [cache.get(key) for key in cache.keys("*")]  # type: ignore[attr-defined] # django-redis has it


def test_facebooks_tokens_for_another_app_and_dead_ones_are_refused(provider: StandIn) -> None:
    assert is_refused(FACEBOOK, provider.facebook_token(app_id="6666"))
    assert is_refused(FACEBOOK, provider.facebook_token(is_valid=False))
    assert is_refused(FACEBOOK, "never-given-out")
    assert "/graph/me" not in provider.calls


FORGERIES: dict[str, Callable[[StandIn], str]] = {
    "another audience": lambda it: it.google_token(aud="someone-else.apps.googleusercontent.com"),
    "another issuer": lambda it: it.google_token(iss="https://accounts.example"),
    "no issuer": lambda it: it.google_token(iss=None),
    "no audience": lambda it: it.google_token(aud=None),
    "no subject": lambda it: it.google_token(sub=None),
    "an empty subject": lambda it: it.google_token(sub=""),
    "a subject with a NUL": lambda it: it.google_token(sub="ada\0"),
    "a subject that is a number": lambda it: it.google_token(sub=7),
    "a subject without end": lambda it: it.google_token(sub="a" * 192),
    "no end": lambda it: it.google_token(exp=None),
    "an end in the past": lambda it: it.google_token(exp=int(time.time()) - 1),
    "issued in the future": lambda it: it.google_token(iat=int(time.time()) + 300),
    "issued eleven minutes ago": lambda it: it.google_token(iat=int(time.time()) - 660),
    "no time of issue": lambda it: it.google_token(iat=None),
    "a time of issue that is a text": lambda it: it.google_token(iat="yesterday"),
    "a time of issue that is no number": lambda it: it.google_token(iat=float("nan")),
    "a firebase token": lambda it: it.firebase_token(),
    "signed by nobody": lambda it: jwt.encode(claims_of(it), "", "none", headers={"kid": "one"}),
    "none, spelt otherwise": lambda it: resigned(it, alg="nOnE"),
    "HS256 with the public key": lambda it: resigned(it, alg="HS256"),
    "RS512, which nobody uses": lambda it: jwt.encode(
        claims_of(it), private_key("one"), "RS512", headers={"kid": "one"}
    ),
    "signed with an unknown key": lambda it: it.google_token(kid="mallory"),
    "signed with an unknown key under a known name": lambda it: it.google_token(kid="mallory", headers={"kid": "one"}),
    "a key of its own": lambda it: it.google_token(kid="mallory", headers={"kid": "x", "jku": f"{it.url}/mallory"}),
    "a kid that is a path": lambda it: it.google_token(kid="mallory", headers={"kid": "../../../dev/null"}),
    "no kid": lambda it: jwt.encode(claims_of(it), private_key("one"), "RS256"),
    "another body": lambda it: ".".join(
        [it.google_token().split(".")[0], it.google_token(sub="eve").split(".")[1], it.google_token().split(".")[2]]
    ),
    "cut off": lambda it: it.google_token()[:-20],
    "no token": lambda _: "x",
    "nothing between the dots": lambda _: "..",
    "not ASCII": lambda _: "\N{SNOWMAN}.\N{SNOWMAN}.\N{SNOWMAN}",
    "a header of brackets": lambda _: jwt.utils.base64url_encode(b"[" * 5000).decode() + ".e30.",
}


def claims_of(provider: StandIn) -> dict[str, Any]:
    return jwt.decode(provider.google_token(), options={"verify_signature": False})


def resigned(provider: StandIn, *, alg: str) -> str:
    """A token that names ``alg`` and is signed with the public key, as if that were a secret."""
    encode = jwt.utils.base64url_encode
    head = encode(json.dumps({"alg": alg, "kid": "one", "typ": "JWT"}).encode())
    signed = head + b"." + encode(json.dumps(claims_of(provider)).encode())
    signature = hmac.new(public_pem("one"), signed, hashlib.sha256).digest() if alg == "HS256" else b""
    return (signed + b"." + encode(signature)).decode()


@pytest.mark.parametrize("name", FORGERIES)
def test_a_token_that_is_not_right_in_everything_proves_nothing(provider: StandIn, name: str) -> None:
    assert is_refused(GOOGLE, FORGERIES[name](provider))
    assert not any("mallory" in path for path in provider.calls)


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "other-project"},
        {"iss": f"https://securetoken.google.com/{PROJECT}"},
        {"sub": ""},
        {"sub": None},
        {"auth_time": None},
        {"auth_time": int(time.time()) + 3600},
        {"auth_time": "now"},
        {"exp": int(time.time()) - 1},
        {"iat": int(time.time()) - 660},
        {"kid": "mallory"},
    ],
)
def test_firebases_rules_hold_one_by_one(provider: StandIn, changes: dict[str, Any]) -> None:
    assert is_refused(FIREBASE, provider.firebase_token(**changes))


def test_firebase_takes_no_other_algorithm(provider: StandIn) -> None:
    claims = jwt.decode(provider.firebase_token(), options={"verify_signature": False})
    for token in (
        jwt.encode(claims, "", "none", headers={"kid": "one"}),
        jwt.encode(claims, "x" * 64, "HS256", headers={"kid": "one"}),
        provider.google_token(),
    ):
        assert is_refused(FIREBASE, token)


def test_a_nonce_counts_in_both_directions(provider: StandIn) -> None:
    assert verify(GOOGLE, provider.google_token(nonce="n-1"), "n-1").subject
    assert is_refused(GOOGLE, provider.google_token(nonce="n-1"))
    assert is_refused(GOOGLE, provider.google_token(nonce="n-1"), "n-2")
    assert is_refused(GOOGLE, provider.google_token(), "n-1")


def test_an_address_is_verified_only_if_the_provider_says_true(provider: StandIn) -> None:
    for value in ("false", "true", 1, "yes", [True], None, False):
        assert not verify(GOOGLE, provider.google_token(email_verified=value)).is_email_verified


@pytest.mark.parametrize(
    "email", ["ad\u0430@example.com", "\u212aate@example.com", "no address", 7, "a" * 250 + "@b.de"]
)
def test_an_address_that_could_become_somebody_elses_is_none(provider: StandIn, email: Any) -> None:
    if isinstance(email, str):
        assert verify(GOOGLE, provider.google_token(email=email)).email == ""
    assert social.identity.email_in(email) == ""


def test_names_and_pictures_that_cannot_be_kept_are_left_out(provider: StandIn) -> None:
    token = provider.google_token(given_name="A\u202eda", family_name="L\0", picture="https://x/\n")
    identity = verify(GOOGLE, token)
    assert (identity.first_name, identity.last_name, identity.picture) == ("", "", "")
    assert verify(GOOGLE, provider.google_token(given_name=None, family_name=None, name=["Ada"])).first_name == ""
    token = provider.google_token(given_name="x" * 151, family_name=["L"], picture={"url": "x"})
    identity = verify(GOOGLE, token)
    assert (identity.first_name, identity.last_name, identity.picture) == ("", "", "")


def test_a_signature_spelt_otherwise_makes_no_second_token(provider: StandIn) -> None:
    """The last letter holds two bits of the signature, and four that mean nothing; blanks may be skipped."""
    token = provider.firebase_token()
    fingerprint = verify(FIREBASE, token).fingerprint
    assert verify(FIREBASE, provider.firebase_token()).fingerprint != fingerprint
    spelt = [token[:-1] + chr(ord(token[-1]) + 1), token + "==", token + "\n", token[:-9] + " " + token[-9:]]
    accepted = {found.fingerprint for found in map(find, spelt) if found}
    assert accepted <= {fingerprint}


def find(token: str) -> Identity | None:
    try:
        return verify(FIREBASE, token)
    except UnauthenticatedError:
        return None


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
        assert took_less_than(2.0, lambda: refused(GOOGLE, provider.google_token()))
    with patch.object(providers, "TOTAL_SECONDS", 0.3):
        assert took_less_than(2.0, lambda: refused(FACEBOOK, provider.facebook_token()))


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


def test_credentials_do_not_show_what_they_hold() -> None:
    assert "secret" not in repr(Credential(GOOGLE, "secret-token", "secret-nonce"))
