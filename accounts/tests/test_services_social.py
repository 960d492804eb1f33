"""Social sign-in: who comes in, who never does, and how identities are linked."""

import uuid
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from allauth.socialaccount.models import SocialAccount
from django.core.cache import cache
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.auth.social import Credential, transport
from accounts.enums import SignInMethod
from accounts.models import Session, User
from accounts.services import social
from accounts.services.sessions import Device
from accounts.services.sign_in import SignIn
from accounts.tests.factories import make_user
from accounts.tests.stand_in import PROJECT, StandIn
from fantasize.core import clock
from fantasize.core.errors import DomainError

pytestmark = pytest.mark.django_db

GOOGLE, FACEBOOK, FIREBASE = SignInMethod.GOOGLE, SignInMethod.FACEBOOK, SignInMethod.FIREBASE
VICTIM = "ada@example.com"


def client() -> Device:
    return Device(user_agent="Firefox", ip_address="192.0.2.7", site=uuid.uuid4().hex)


def sign_in(token: str, method: SignInMethod = GOOGLE, device: Device | None = None) -> SignIn:
    return social.sign_in(credential=Credential(method, token), device=device or client())


def code_of(call: Callable[[], Any]) -> str:
    """``ok``, or what the refusal is called."""
    try:
        call()
    except DomainError as error:
        return error.code
    return "ok"


def make_session(user: User, **fields: Any) -> Session:
    return Session.objects.create(user=user, expires_at=clock.now() + timedelta(days=30), **fields)


def make_link(user: User, issuer: str = "google", subject: str = "ada-at-google") -> SocialAccount:
    account: SocialAccount = SocialAccount.objects.create(user=user, provider=issuer, uid=subject)
    return account


def proven(**fields: Any) -> User:
    return make_user(**{"email": VICTIM, **fields})


def link(user: User, token: str, method: SignInMethod = GOOGLE, **session: Any) -> SocialAccount:
    return social.link(session=make_session(user, **session), credential=Credential(method, token), device=client())


def jobs() -> Counter[str]:
    return Counter(ProcrastinateJob.objects.values_list("task_name", flat=True))


@pytest.mark.parametrize("method", [GOOGLE, FIREBASE])
def test_somebody_new_gets_an_account_that_only_the_provider_opens(provider: StandIn, method: SignInMethod) -> None:
    token = {GOOGLE: provider.google_token, FIREBASE: provider.firebase_token}[method]
    result = sign_in(token(email="Ada@Example.com", picture=f"{provider.url}/picture.png"), method)
    user = User.objects.get()
    assert (result.user, result.session.method) == (user, method)
    assert (user.email, user.first_name, user.last_name) == (VICTIM, "Ada", "Lovelace")
    assert user.is_email_verified
    assert not user.has_usable_password()
    assert not user.is_staff
    account = SocialAccount.objects.get()
    issuer = {GOOGLE: "google", FIREBASE: f"firebase:{PROJECT}"}[method]
    assert (account.user, account.provider, account.uid) == (user, issuer, f"ada-at-{method}")
    assert account.extra_data == {"email": "Ada@Example.com", "picture": f"{provider.url}/picture.png"}
    assert jobs()[social.IMPORT_TASK] == 1


def test_the_same_identity_comes_back_to_the_same_account_whatever_its_address_has_become(provider: StandIn) -> None:
    first = sign_in(provider.google_token())
    other = make_user(email="eve@example.com")
    for changes in ({"email": "eve@example.com"}, {"email": None}, {"email_verified": False}, {"given_name": "Eve"}):
        assert sign_in(provider.google_token(**changes)).user == first.user
    first.user.refresh_from_db()
    assert (first.user.email, first.user.first_name) == (VICTIM, "Ada")
    assert set(User.objects.all()) == {first.user, other}
    assert SocialAccount.objects.get().user == first.user


def test_one_subject_of_two_issuers_is_two_people(provider: StandIn) -> None:
    google = sign_in(provider.google_token(sub="1"))
    firebase = sign_in(provider.firebase_token(sub="1", email="eve@example.com"), FIREBASE)
    assert google.user != firebase.user


VICTIMS: dict[str, Callable[[], User]] = {
    "who has proven the address": proven,
    "who has not, because somebody else has registered it": lambda: make_user(email=VICTIM, email_verified_at=None),
    "who has Google already, as somebody else there": lambda: make_link(proven(), subject="other").user,
    "who is an administrator": lambda: proven(role="administrator"),
    "who is deactivated": lambda: proven(is_active=False),
}
IDENTITIES: dict[str, tuple[dict[str, Any], str]] = {
    "verified": ({}, "link_required"),
    "in other letters": ({"email": "ADA@Example.COM"}, "link_required"),
    "unverified": ({"email_verified": False}, "email_unverified"),
    "verified in words": ({"email_verified": "true"}, "email_unverified"),
    "with blanks": ({"email": " ada@example.com "}, "email_needed"),
    "in Cyrillic": ({"email": "\u0430da@example.com"}, "email_needed"),
    "in full width": ({"email": "\uff41da@example.com"}, "email_needed"),
    "with two addresses": ({"email": "ada@example.com,eve@example.com"}, "email_needed"),
    "with a list of addresses": ({"email": [VICTIM]}, "email_needed"),
    "with a line break": ({"email": "ada@example.com\r\nBcc: eve@example.com"}, "email_needed"),
}


@pytest.mark.parametrize("identity", IDENTITIES)
@pytest.mark.parametrize("victim", VICTIMS)
def test_an_address_opens_nobodys_account(provider: StandIn, victim: str, identity: str) -> None:
    user = VICTIMS[victim]()
    before = (User.objects.values().get(), list(SocialAccount.objects.values()))
    changes, code = IDENTITIES[identity]
    assert code_of(lambda: sign_in(provider.google_token(sub="mallory", **changes))) == code
    assert (User.objects.values().get(pk=user.pk), list(SocialAccount.objects.values())) == before
    assert User.objects.count() == 1
    assert not Session.objects.exists()


def test_facebooks_word_for_an_address_opens_nobodys_account(provider: StandIn) -> None:
    make_user(email=VICTIM, email_verified_at=None)
    token = provider.facebook_token(email=VICTIM, verified=True)
    assert code_of(lambda: sign_in(token, FACEBOOK)) == "email_unverified"
    assert not SocialAccount.objects.exists()
    assert not Session.objects.exists()


@pytest.mark.parametrize("email", ["ada+shop@example.com", "a.da@example.com", "ada@example.com.evil.example"])
def test_an_address_that_looks_alike_is_another_one(provider: StandIn, email: str) -> None:
    victim = proven()
    stranger = sign_in(provider.google_token(email=email)).user
    assert stranger != victim
    assert stranger.email == email
    assert not social.links_of(victim).exists()


def test_an_unproven_address_gets_a_code_and_neither_a_link_nor_a_session(provider: StandIn) -> None:
    for _ in range(2):
        token = provider.facebook_token(email="Ada@example.com", first_name="Ada")
        assert code_of(lambda token=token: sign_in(token, FACEBOOK)) == "email_unverified"  # type: ignore[misc]
    user = User.objects.get()
    assert (user.email, user.first_name) == (VICTIM, "")
    assert not user.is_email_verified
    assert not user.has_usable_password()
    assert not SocialAccount.objects.exists()
    assert not Session.objects.exists()


def test_an_owner_is_told_once_and_not_flooded(provider: StandIn, settings: Any) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "codes_pause": "1/1m"}
    email = f"{uuid.uuid4().hex}@example.com"
    make_user(email=email)
    for _ in range(3):
        assert code_of(lambda: sign_in(provider.facebook_token(email=email), FACEBOOK)) == "email_unverified"
    assert jobs() == {"fantasize.core.tasks.send_mail": 1}


def test_once_the_address_is_proven_the_provider_is_linked_and_signs_in(provider: StandIn) -> None:
    token = provider.facebook_token(email=VICTIM, first_name="Ada", last_name="Lovelace")
    code_of(lambda: sign_in(token, FACEBOOK))
    user = User.objects.get()
    user.email_verified_at = clock.now()
    user.save()
    link(user, token, FACEBOOK)
    assert sign_in(token, FACEBOOK).user == user
    user.refresh_from_db()
    assert user.get_full_name() == "Ada Lovelace"


def test_an_identity_without_an_address_registers_first(provider: StandIn) -> None:
    assert code_of(lambda: sign_in(provider.google_token(email=None))) == "email_needed"
    assert code_of(lambda: sign_in(provider.facebook_token(), FACEBOOK)) == "email_needed"
    assert not User.objects.exists()


def test_whoever_is_deactivated_stays_out(provider: StandIn) -> None:
    make_link(proven(is_active=False))
    assert code_of(lambda: sign_in(provider.google_token())) == "invalid_credentials"
    assert not Session.objects.exists()


@pytest.mark.parametrize("is_known", [True, False])
@pytest.mark.parametrize("method", [GOOGLE, FIREBASE])
def test_a_token_works_once_even_if_redis_forgets(provider: StandIn, method: SignInMethod, is_known: bool) -> None:  # noqa: FBT001
    token = {GOOGLE: provider.google_token, FIREBASE: provider.firebase_token}[method]
    if is_known:
        sign_in(token(), method)
    shown = token()
    before = Session.objects.count()
    assert code_of(lambda: sign_in(shown, method)) == "ok"
    cache.clear()
    assert code_of(lambda: sign_in(shown, method)) == "provider_token_invalid"
    assert Session.objects.count() == before + 1


def test_a_token_that_linked_signs_nobody_in(provider: StandIn) -> None:
    token = provider.firebase_token()
    link(proven(), token, FIREBASE)
    assert code_of(lambda: sign_in(token, FIREBASE)) == "provider_token_invalid"


def test_facebooks_tokens_are_made_to_be_used_again(provider: StandIn) -> None:
    make_link(proven(), "facebook", "ada-at-facebook")
    token = provider.facebook_token()
    assert sign_in(token, FACEBOOK).user == sign_in(token, FACEBOOK).user


@pytest.fixture
def limited(settings: Any) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "auth": "5/15m", "auth_address": "30/15m"}


@pytest.mark.usefixtures("limited")
def test_thirty_worthless_tokens_close_a_client(provider: StandIn) -> None:
    device = client()
    for _ in range(30):
        assert code_of(lambda: sign_in("worthless", device=device)) == "provider_token_invalid"
    assert code_of(lambda: sign_in(provider.google_token(), device=device)) == "rate_limited"
    assert code_of(lambda: sign_in(provider.google_token())) == "ok"


@pytest.mark.django_db(transaction=True)
def test_the_provider_is_asked_outside_of_any_transaction(provider: StandIn) -> None:
    seen = []

    def watched(self: Any, method: Any, url: Any, **options: Any) -> Any:
        seen.append(connection.in_atomic_block)
        return original(self, method, url, **options)

    original = transport.ProviderSession.request
    with patch.object(transport.ProviderSession, "request", watched):
        sign_in(provider.google_token())
        link(User.objects.get(), provider.facebook_token(), FACEBOOK)
    assert seen == [False] * len(seen)
    assert seen
