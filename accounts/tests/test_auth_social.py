"""Whom a provider's token proves somebody to be."""

import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from django.core.cache import cache

from accounts.auth import social
from accounts.auth.social import Credential, Identity
from accounts.enums import SignInMethod
from accounts.tests.social import is_refused, verify
from accounts.tests.stand_in import APP_TOKEN, PROJECT, StandIn, private_key, public_pem
from fantasize.core.errors import UnauthenticatedError

GOOGLE, FACEBOOK, FIREBASE = SignInMethod.GOOGLE, SignInMethod.FACEBOOK, SignInMethod.FIREBASE


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


def test_credentials_do_not_show_what_they_hold() -> None:
    assert "secret" not in repr(Credential(GOOGLE, "secret-token", "secret-nonce"))
