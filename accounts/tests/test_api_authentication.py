"""Who calls: what is in the headers, and what is asked for when it is wrong."""

from typing import Any

import pytest
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from accounts.api.authentication import ApiKeyAuthentication, BearerAuthentication, session_id_of
from accounts.auth import Machine
from accounts.enums import RevokeReason
from accounts.services import sessions
from accounts.services.sessions import Device
from accounts.tests.factories import make_user
from accounts.tokens import issue_access
from fantasize.core.errors import UnauthenticatedError
from fantasize.tests.client import ApiClient

KEY = "0123456789abcdef"


def request_with(**headers: str) -> Request:
    return Request(APIRequestFactory().get("/", headers=headers))


@pytest.fixture
def _keys(settings: Any) -> None:
    settings.API_KEYS = [f"factory:{KEY}:orders"]


@pytest.mark.django_db
@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_a_bearer_is_the_tokens_user_with_its_claims(scheme: str) -> None:
    session = sessions.begin(user=make_user(), device=Device()).session
    authenticated = BearerAuthentication().authenticate(
        request_with(Authorization=f"{scheme}  {issue_access(session)}")
    )
    assert authenticated is not None
    user, claims = authenticated
    assert (user, claims["sid"]) == (session.user, str(session.pk))
    request = request_with()
    request.auth = claims
    assert session_id_of(request) == session.pk


@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "Basic YTpi"}, {"Authorization": ""}, {"Authorization": "Bearerx y"}]
)
def test_without_a_token_nobody_calls(headers: dict[str, str]) -> None:
    assert BearerAuthentication().authenticate(request_with(**headers)) is None
    assert ApiKeyAuthentication().authenticate(request_with(**headers)) is None
    request = request_with()
    request.auth = None
    with pytest.raises(UnauthenticatedError):
        session_id_of(request)


@pytest.mark.parametrize("credentials", ["", " a b", " \xff", " " + "x" * 5000])
def test_a_bearer_without_a_valid_token_is_refused(credentials: str) -> None:
    with pytest.raises(UnauthenticatedError) as caught:
        BearerAuthentication().authenticate(request_with(Authorization=f"Bearer{credentials}"))
    assert caught.value.code == "token_invalid"


@pytest.mark.usefixtures("_keys")
@pytest.mark.parametrize("headers", [{"Authorization": f"Api-Key {KEY}"}, {"X-API-Key": KEY}])
def test_a_key_is_its_machine_by_either_header(headers: dict[str, str]) -> None:
    authenticated = ApiKeyAuthentication().authenticate(request_with(**headers))
    assert authenticated is not None
    machine, claims = authenticated
    assert isinstance(machine, Machine)
    assert (machine.actor, claims) == ("key:factory", None)


@pytest.mark.usefixtures("_keys")
@pytest.mark.parametrize("headers", [{"Authorization": "Api-Key nope"}, {"X-API-Key": ""}, {"X-API-Key": "\xff"}])
def test_an_unknown_key_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(UnauthenticatedError) as caught:
        ApiKeyAuthentication().authenticate(request_with(**headers))
    assert caught.value.code == "api_key_invalid"


def test_what_a_401_asks_for() -> None:
    assert BearerAuthentication().authenticate_header(request_with()) == 'Bearer realm="api"'
    assert ApiKeyAuthentication().authenticate_header(request_with()) == 'Api-Key realm="api"'


@pytest.mark.django_db
@pytest.mark.usefixtures("_keys")
def test_a_machine_has_no_profile() -> None:
    assert ApiClient().get("/users/profile", X_API_Key=KEY).status == 403
    assert ApiClient().call("DELETE", "/users/profile", X_API_Key=KEY).status == 403
    assert ApiClient().get("/users/profile", X_API_Key="wrong").body["code"] == "api_key_invalid"


@pytest.mark.django_db
def test_a_token_opens_until_its_session_ends() -> None:
    user = make_user()
    client = ApiClient(user)
    assert client.get("/users/profile").data["id"] == str(user.pk)
    sessions.end_all(user=user, reason=RevokeReason.REVOKED)
    reply = client.get("/users/profile")
    assert (reply.status, reply.body["code"]) == (401, "token_invalid")
    assert reply.headers["WWW-Authenticate"] == 'Bearer realm="api"'
