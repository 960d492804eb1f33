"""Social sign-in and its links over HTTP."""

import logging
import uuid
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.db import connection
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.models import KnownDevice, Session, User
from accounts.services import mfa
from accounts.tests.factories import PASSWORD, make_user
from accounts.tests.postbox import deliver, mailed_code, subjects
from accounts.tests.stand_in import StandIn
from fantasize.core import clock
from fantasize.tests.client import ApiClient, Reply

pytestmark = pytest.mark.django_db


def post(path: str, body: Any, user: User | None = None) -> Reply:
    return ApiClient(user).post(path, body)


def proven(**fields: Any) -> User:
    return make_user(**{"email": "ada@example.com", **fields})


def make_link(user: User, subject: str = "ada-at-google") -> SocialAccount:
    account: SocialAccount = SocialAccount.objects.create(
        user=user, provider="google", uid=subject, extra_data={"email": "ada@gmail.example"}
    )
    return account


@pytest.mark.parametrize("prefix", ["/api", "/api/v1", "/api/v2"])
def test_google_signs_in_like_a_password(provider: StandIn, prefix: str) -> None:
    reply = ApiClient(prefix=prefix).post("/auth/google/", {"id_token": provider.google_token()})
    assert reply.status == 200
    data = reply.body if prefix == "/api/v1" else reply.data
    assert set(data) == {"access", "refresh", "user", "device_token"}
    assert data["user"]["email"] == "ada@example.com"
    assert data["user"]["email_verified"] is True
    client = ApiClient()
    client.headers = {"Authorization": f"Bearer {data['access']}"}
    assert client.get("/users/profile").data["id"] == data["user"]["id"]


def test_facebook_signs_in_whom_it_is_linked_to(provider: StandIn) -> None:
    SocialAccount.objects.create(user=proven(), provider="facebook", uid="ada-at-facebook")
    reply = post("/auth/facebook", {"access_token": provider.facebook_token()})
    assert (reply.status, reply.data["user"]["email"]) == (200, "ada@example.com")


def test_firebase_signs_in(provider: StandIn) -> None:
    assert post("/auth/firebase", {"id_token": provider.firebase_token()}).status == 200
    assert User.objects.get().is_email_verified


def test_a_known_device_is_known_by_this_door_too(provider: StandIn) -> None:
    first = post("/auth/google", {"id_token": provider.google_token()})
    again = {"id_token": provider.google_token(), "device_token": first.data["device_token"]}
    assert post("/auth/google", again).data["device_token"] == first.data["device_token"]
    assert KnownDevice.objects.count() == 1


def test_a_provider_is_one_factor(provider: StandIn) -> None:
    user = proven()
    make_link(user)
    enrolment = mfa.start_totp(user=user)
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": enrolment.secret})
    reply = post("/auth/google", {"id_token": provider.google_token()})
    assert (reply.status, reply.body["code"]) == (401, "mfa_required")
    assert reply.body["mfa_token"]
    assert not Session.objects.exists()


@pytest.mark.parametrize(
    ("path", "body", "faults"),
    [
        ("/auth/google", {}, {"/id_token": "required"}),
        ("/auth/google", {"id_token": None}, {"/id_token": "null"}),
        ("/auth/google", {"id_token": ["x"]}, {"/id_token": "invalid"}),
        ("/auth/google", {"id_token": "x" * 8193}, {"/id_token": "max_length"}),
        ("/auth/google", {"id_token": "x\0"}, {"/id_token": "invalid_character"}),
        ("/auth/google", {"id_token": "x", "nonce": {}}, {"/nonce": "invalid"}),
        ("/auth/google", {"access_token": "x"}, {"/id_token": "required", "/access_token": "unknown_field"}),
        ("/auth/facebook", {"id_token": "x"}, {"/access_token": "required", "/id_token": "unknown_field"}),
        ("/auth/firebase", {"id_token": "x", "email": "a@b.de"}, {"/email": "unknown_field"}),
        ("/auth/google", {"id_token": "x", "role": "administrator"}, {"/role": "unknown_field"}),
    ],
)
def test_ill_formed_input_never_reaches_the_provider(
    provider: StandIn, path: str, body: Any, faults: dict[str, str]
) -> None:
    reply = post(path, body)
    assert (reply.status, reply.faults) == (422, faults)
    assert provider.calls == []


def test_refusals_have_their_status(provider: StandIn, settings: Any) -> None:
    assert answer("/auth/google", {"id_token": "worthless"}) == (401, "provider_token_invalid")
    assert answer("/auth/google", {"id_token": provider.google_token(email=None)}) == (422, "email_needed")
    proven()
    assert answer("/auth/google", {"id_token": provider.google_token()}) == (409, "link_required")
    token = provider.facebook_token(email="eve@example.com")
    assert answer("/auth/facebook", {"access_token": token}) == (401, "email_unverified")
    provider.status = 500
    assert answer("/auth/facebook", {"access_token": token}) == (503, "provider_unavailable")
    settings.GOOGLE_CLIENT_ID = ""
    assert answer("/auth/google", {"id_token": "x"}) == (404, "provider_not_configured")


def answer(path: str, body: Any) -> tuple[int, str]:
    reply = post(path, body)
    assert reply.headers["Content-Type"] == "application/problem+json"
    assert ("Retry-After" in reply.headers) == (reply.status == 503)
    return reply.status, reply.body["code"]


@pytest.mark.parametrize("is_known", [True, False])
def test_an_address_that_the_provider_does_not_vouch_for_tells_nothing_of_who_has_it(
    provider: StandIn,
    is_known: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    if is_known:
        proven()
    reply = post("/auth/facebook", {"access_token": provider.facebook_token(email="ada@example.com")})
    assert reply.body["detail"] == "Confirm your e-mail address first: a mail is on its way."
    assert "ada" not in reply.content.decode()
    assert ProcrastinateJob.objects.count() == 1


def test_whose_address_was_registered_by_somebody_else_gets_the_account_and_they_lose_it(
    provider: StandIn, settings: Any
) -> None:
    settings.EMAIL_VERIFICATION = "optional"
    mine, theirs = {"email": "ada@example.com", "password": PASSWORD}, {"password": "squatters-own-secret"}
    assert post("/auth/register", mine | theirs).status == 201
    squatter = ApiClient()
    squatter.headers = bearer(post("/auth/login", mine | theirs))
    denied = squatter.post("/users/social", {"provider": "google", "id_token": provider.google_token(sub="squatter")})
    assert (denied.status, denied.body["code"]) == (403, "email_unverified")

    assert answer("/auth/google", {"id_token": provider.google_token()}) == (409, "link_required")
    assert squatter.get("/users/profile").status == 200
    deliver()
    post("/auth/password/reset", {"email": "ada@example.com"})
    assert post("/auth/password/reset/confirm", {**mine, "code": mailed_code()}).status == 200

    assert squatter.get("/users/profile").status == 401
    assert post("/auth/login", mine | theirs).status == 401
    owner = ApiClient()
    owner.headers = bearer(post("/auth/login", mine))
    assert owner.post("/users/social", {"provider": "google", "id_token": provider.google_token()}).status == 201
    assert post("/auth/google", {"id_token": provider.google_token()}).status == 200
    assert answer("/auth/google", {"id_token": provider.google_token(sub="squatter")}) == (409, "link_required")


def bearer(signed_in: Reply) -> dict[str, str]:
    return {"Authorization": f"Bearer {signed_in.data['access']}"}


def test_from_facebook_by_a_code_to_a_linked_account(provider: StandIn) -> None:
    token = provider.facebook_token(email="ada@example.com", first_name="Ada")
    assert answer("/auth/facebook", {"access_token": token}) == (401, "email_unverified")
    verified = post("/auth/verify-email", {"email": "ada@example.com", "code": mailed_code()})
    client = ApiClient()
    client.headers = bearer(verified)
    assert client.post("/users/social", {"provider": "facebook", "access_token": token}).status == 201
    reply = post("/auth/facebook", {"access_token": token})
    assert (reply.status, reply.data["user"]["first_name"]) == (200, "Ada")
    assert subjects()[-2:] == [
        ("ada@example.com", "Facebook now opens your account"),
        ("ada@example.com", "New sign-in to your account"),
    ]


def test_linking_listing_and_unlinking(provider: StandIn) -> None:
    client = ApiClient(proven())
    made = client.post("/users/social", {"provider": "google", "id_token": provider.google_token()})
    assert made.status == 201
    assert set(made.data) == {"id", "provider", "email", "linked_at", "last_used_at"}
    assert (made.data["provider"], made.data["email"]) == ("google", "ada@example.com")
    listed = client.get("/users/social")
    assert listed.data == [made.data]
    assert client.call("DELETE", f"/users/social/{made.data['id']}").status == 204
    assert client.get("/users/social").data == []


def test_the_list_costs_the_same_for_one_and_three() -> None:
    user = proven()
    client, costs = ApiClient(user), []
    for count in (1, 3):
        while SocialAccount.objects.count() < count:
            make_link(user, subject=uuid.uuid4().hex)
        with CaptureQueriesContext(connection) as queries:
            assert len(client.get("/users/social").data) == count
        costs.append(len(queries))
    assert costs[0] == costs[1]


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        ({}, {"/provider": "required"}),
        ({"provider": "twitter", "id_token": "x"}, {"/provider": "invalid_choice"}),
        ({"provider": "password", "id_token": "x"}, {"/provider": "invalid_choice"}),
        ({"provider": ["google"], "id_token": "x"}, {"/provider": "invalid_choice"}),
        ({"provider": "google"}, {"/id_token": "required"}),
        ({"provider": "google", "access_token": "x"}, {"/id_token": "required", "/access_token": "unknown_field"}),
        ({"provider": "facebook", "id_token": "x"}, {"/access_token": "required", "/id_token": "unknown_field"}),
        ({"provider": "facebook", "access_token": "x", "nonce": "n"}, {"/nonce": "unknown_field"}),
        ({"provider": "google", "id_token": "x", "user": "y"}, {"/user": "unknown_field"}),
    ],
)
def test_ill_formed_links_are_refused(provider: StandIn, body: Any, faults: dict[str, str]) -> None:
    reply = post("/users/social", body, proven())
    assert (reply.status, reply.faults) == (422, faults)
    assert provider.calls == []


def test_links_are_ones_own(provider: StandIn) -> None:
    owner, stranger = proven(), proven(email="eve@example.com")
    account = make_link(owner)
    foreign = ApiClient(stranger).call("DELETE", f"/users/social/{account.pk}")
    absent = ApiClient(stranger).call("DELETE", f"/users/social/{account.pk + 1}")
    assert (foreign.status, absent.status) == (404, 404)
    assert {**foreign.body, **request_of(absent)} == absent.body
    assert ApiClient(stranger).get("/users/social").data == []
    assert ApiClient(stranger).get(f"/users/social/{account.pk}").status == 404
    assert ApiClient(owner).get(f"/users/social/{account.pk}").data["email"] == "ada@gmail.example"
    assert ApiClient().get("/users/social").status == 401
    assert post("/users/social", {"provider": "google", "id_token": "x"}).status == 401
    assert SocialAccount.objects.get() == account


def request_of(reply: Reply) -> dict[str, str]:
    return {name: reply.body[name] for name in ("request_id", "instance")}


def test_the_only_way_in_and_a_stale_session_are_told_apart(provider: StandIn) -> None:
    user = proven()
    account, client = make_link(user), ApiClient(user)
    user.set_unusable_password()
    user.save()
    assert client.call("DELETE", f"/users/social/{account.pk}").body["code"] == "last_way_in"
    Session.objects.update(proven_at=clock.now().replace(year=2020))
    reply = client.call("DELETE", f"/users/social/{account.pk}")
    assert (reply.status, reply.body["code"]) == (403, "reverification_required")
    reply = client.post("/users/social", {"provider": "google", "id_token": "x"})
    assert (reply.status, reply.body["code"]) == (403, "reverification_required")
    assert SocialAccount.objects.exists()


def test_tokens_are_echoed_and_logged_nowhere(provider: StandIn, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    token = provider.facebook_token(email="canary@example.com", id="canary-subject")
    provider.status = 500
    reply = post("/auth/facebook", {"access_token": token})
    forged = provider.google_token(sub="canary-subject", aud="x")
    other = post("/auth/google", {"id_token": forged})
    seen = reply.content.decode() + other.content.decode() + caplog.text
    for secret in (token, forged, "canary", "facebook-secret"):
        assert secret not in seen
