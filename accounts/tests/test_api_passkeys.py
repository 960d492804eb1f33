"""Passkeys over HTTP."""

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from pytest_django import DjangoAssertNumQueries

from accounts.models import Session, User
from accounts.services import mfa, passkeys
from accounts.tests.factories import PASSWORD, make_user
from accounts.tests.second_factors import add_passkey
from accounts.tests.software_key import SoftwareKey
from fantasize.core import clock
from fantasize.tests.client import ApiClient

pytestmark = pytest.mark.django_db


@pytest.fixture
def user() -> User:
    return make_user(email_verified_at=clock.now())


def register(client: ApiClient, key: SoftwareKey, **more: Any) -> Any:
    asked = client.post("/auth/mfa/passkeys/register/begin").data
    body = {"credential": key.create(asked["options"]), "state": asked["state"], **more}
    return client.post("/auth/mfa/passkeys/register/complete", body)


def test_a_passkey_is_made_named_listed_and_removed(user: User) -> None:
    client, key = ApiClient(user), SoftwareKey()
    made = register(client, key, name="Ada's phone")
    assert made.status == 201
    assert set(made.data) == {"passkey", "recovery_codes"}
    assert set(made.data["passkey"]) == {"id", "name", "created_at", "last_used_at"}
    assert len(made.data["recovery_codes"]) == 10
    # The session that made it has shown it.
    second = register(client, SoftwareKey())
    assert (second.data["passkey"]["name"], second.data["recovery_codes"]) == ("Passkey", [])
    listed = client.get("/auth/mfa/passkeys").data
    assert [passkey["name"] for passkey in listed] == ["Ada's phone", "Passkey"]
    assert client.call("DELETE", f"/auth/mfa/passkeys/{listed[0]['id']}").status == 204
    assert client.call("DELETE", f"/auth/mfa/passkeys/{listed[0]['id']}").status == 404
    assert [row.data["name"] for row in passkeys.list_of(user)] == ["Passkey"]


def test_a_list_costs_the_same_however_long(user: User, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    client = ApiClient(user)
    for _ in range(2):
        add_passkey(user)
        with django_assert_num_queries(3):
            assert client.get("/auth/mfa/passkeys").status == 200


def test_a_passkey_signs_in_and_remembers_the_device(user: User) -> None:
    key, client = add_passkey(user), ApiClient()
    asked = client.post("/auth/passkeys/begin").data
    assert "allowCredentials" not in asked["options"]["publicKey"]
    body = {"credential": key.get(asked["options"]), "state": asked["state"]}
    reply = client.post("/auth/passkeys/complete", body)
    assert reply.status == 200
    assert set(reply.data) == {"access", "refresh", "user", "device_token"}
    assert Session.objects.get().mfa_at is not None
    replayed = client.post("/auth/passkeys/complete", body)
    assert (replayed.status, replayed.body["code"]) == (401, "passkey_invalid")
    asked = client.post("/auth/passkeys/begin").data
    body = {"credential": key.get(asked["options"]), "state": asked["state"]}
    known = client.post("/auth/passkeys/complete", {**body, "device_token": reply.data["device_token"]})
    assert known.data["device_token"] == reply.data["device_token"]


def test_a_passkey_is_the_second_step_after_a_password(user: User) -> None:
    key, client = add_passkey(user), ApiClient()
    refused = client.post("/auth/login", {"email": user.email, "password": PASSWORD})
    assert (refused.status, refused.body["methods"]) == (401, ["webauthn", "recovery_code"])
    token = refused.body["mfa_token"]
    asked = client.post("/auth/mfa/passkeys/begin", {"mfa_token": token}).data
    body = {"mfa_token": token, "state": asked["state"], "credential": key.get(asked["options"])}
    wrong = client.post("/auth/mfa/passkeys/complete", {**body, "mfa_token": "x"})
    assert (wrong.status, wrong.body["code"]) == (401, "mfa_token_invalid")
    stranger = SoftwareKey(user_handle=key.user_handle).get(asked["options"])
    wrong = client.post("/auth/mfa/passkeys/complete", {**body, "credential": stranger})
    assert (wrong.status, wrong.body["code"]) == (401, "passkey_invalid")
    assert not Session.objects.exists()
    assert client.post("/auth/mfa/passkeys/complete", body).status == 200
    assert Session.objects.get().mfa_at is not None


@pytest.mark.parametrize(
    ("credential", "code"),
    [
        ([], "not_a_dict"),
        ("x", "not_a_dict"),
        (None, "null"),
        ({"a": "x" * 20_000}, "too_large"),
        ({"a": {"b": [{}] * 9000}}, "too_large"),
    ],
)
def test_what_is_no_credential_hears_so(user: User, credential: Any, code: str) -> None:
    for client, path in (
        (ApiClient(user), "/auth/mfa/passkeys/register/complete"),
        (ApiClient(), "/auth/passkeys/complete"),
    ):
        reply = client.post(path, {"state": "x", "credential": credential})
        assert (reply.status, reply.faults) == (422, {"/credential": code})


def test_a_made_credential_that_does_not_fit_is_refused(user: User) -> None:
    client = ApiClient(user)
    late = client.post("/auth/mfa/passkeys/register/complete", {"state": "x", "credential": {}})
    assert (late.status, late.body["code"]) == (409, "step_expired")
    reply = register(client, SoftwareKey(origin="https://evil.example"))
    assert (reply.status, reply.faults) == (422, {"/credential": "passkey_refused"})
    reply = register(client, SoftwareKey(), name="\x07")
    assert (reply.status, reply.faults) == (422, {"/name": "control_characters"})
    assert not Authenticator.objects.exists()
    assert not mfa.is_enabled(user)
