"""Signing up, in and out over HTTP, by every door."""

from typing import Any

import jwt
import pytest

from accounts.models import Address, RefreshToken, Session, User
from accounts.tests.factories import PASSWORD, make_user
from accounts.tests.postbox import deliver, mailed_code
from fantasize.tests.client import ApiClient, Reply

pytestmark = pytest.mark.django_db

USER_KEYS = {
    "id",
    "email",
    "username",
    "first_name",
    "last_name",
    "role",
    "email_verified",
    "mfa_enabled",
    "language",
    "wants_news",
    "avatar_url",
    "created_at",
}
ADA = {"email": "ada@example.com", "password": PASSWORD}
ADDRESS = {
    "full_name": "Ada Lovelace",
    "line1": "1 High Street",
    "city": "York",
    "postal_code": "yo1 7px",
    "country": "gb",
}


def post(path: str, body: Any, prefix: str = "/api") -> Reply:
    return ApiClient(prefix=prefix).post(path, body)


def life_of(access: str) -> int:
    claims = jwt.decode(access, options={"verify_signature": False})
    return int(claims["exp"] - claims["iat"])


@pytest.mark.parametrize("path", ["/api/auth/register", "/api/v2/auth/register/", "/api/users/register"])
def test_registering_opens_an_account_that_signs_in_once_the_address_is_proven(path: str) -> None:
    body = {**ADA, "username": "ada", "first_name": "Ada", "last_name": "Lovelace", "address": ADDRESS}
    reply = post(path, body, prefix="")
    assert reply.status == 201
    assert set(reply.data) == {"user", "email_verification"}
    assert reply.data["email_verification"] == "sent"
    user = reply.data["user"]
    assert set(user) == USER_KEYS
    assert (user["email"], user["role"], user["email_verified"]) == ("ada@example.com", "customer", False)
    assert PASSWORD not in reply.content.decode()
    assert Address.objects.get().country == "GB"
    login = {"username": "ada", "password": PASSWORD}
    code = mailed_code()
    verified = post("/auth/verify-email", {"email": ADA["email"], "code": code})
    assert verified.data["user"] == {**user, "email_verified": True}
    assert post("/auth/login", login).status == 200


def test_a_known_address_gets_an_answer_of_the_same_shape_and_length() -> None:
    new = post("/auth/register", {**ADA, "username": "ada"})
    known = post("/auth/register", {**ADA, "username": "eve"})
    assert (new.status, known.status) == (201, 201)
    assert len(new.content) == len(known.content)
    assert set(new.headers) == set(known.headers)
    assert new.data["user"]["id"] != known.data["user"]["id"]
    assert not User.objects.filter(pk=known.data["user"]["id"]).exists()
    assert User.objects.count() == 1


@pytest.mark.parametrize("address", ["12 Main St, Springfield", {**ADDRESS, "line1": "12 Main St, Springfield"}])
def test_the_earlier_systems_register_takes_a_line_of_address_and_answers_the_flat_user(address: Any) -> None:
    reply = post("/register", {**ADA, "address": address}, prefix="")
    assert reply.status == 201
    assert set(reply.body) == USER_KEYS
    assert Address.objects.get().line1 == "12 Main St, Springfield"
    assert "Deprecation" in reply.headers


def test_a_line_of_address_is_the_bare_paths_alone() -> None:
    assert post("/users/register", {**ADA, "address": "12 Main St"}, prefix="").faults == {"/address": "invalid"}
    assert post("/auth/register", {**ADA, "address": "12 Main St"}).faults == {"/address": "invalid"}
    assert not User.objects.exists()


@pytest.mark.parametrize(
    ("changes", "faults"),
    [
        ({"email": "not an address"}, {"/email": "invalid"}),
        ({"email": "a" * 250 + "@example.com"}, {"/email": "max_length"}),
        ({"email": None}, {"/email": "null"}),
        ({"email": ["ada@example.com"]}, {"/email": "invalid"}),
        ({"email": "ada\x00@example.com"}, {"/email": "invalid_character"}),
        ({"password": "zq7-kd"}, {"/password": "password_too_short"}),
        ({"password": "x" * 257}, {"/password": "max_length"}),
        ({"password": 12345678901}, {"/password": "invalid"}),
        ({"password": "\ud800correct-horse"}, {"/password": "invalid_character"}),
        ({"username": "a b"}, {"/username": "invalid"}),
        ({"username": "ada@example.com"}, {"/username": "invalid"}),
        ({"username": "\N{CYRILLIC SMALL LETTER A}da"}, {"/username": "invalid"}),
        ({"username": "x" * 151}, {"/username": "max_length"}),
        ({"first_name": "Ada\nBcc: eve@example.com"}, {"/first_name": "control_characters"}),
        ({"last_name": "\N{RIGHT-TO-LEFT OVERRIDE}ada"}, {"/last_name": "control_characters"}),
        ({"first_name": "x" * 151}, {"/first_name": "max_length"}),
        ({"address": {}}, {"/address/line1": "required", "/address/country": "required"}),
        ({"address": {**ADDRESS, "country": "GBR"}}, {"/address/country": "invalid"}),
        ({"address": {**ADDRESS, "postal_code": "75001"}}, {"/address/postal_code": "invalid"}),
        ({"address": {**ADDRESS, "country": "1A"}}, {"/address/country": "invalid"}),
        ({"address": {**ADDRESS, "user": 1}}, {"/address/user": "unknown_field"}),
        ({"is_staff": True}, {"/is_staff": "unknown_field"}),
        ({"is_superuser": True}, {"/is_superuser": "unknown_field"}),
        ({"role": "administrator"}, {"/role": "unknown_field"}),
        ({"groups": ["administrator"]}, {"/groups": "unknown_field"}),
        ({"is_active": True, "id": 1}, {"/is_active": "unknown_field", "/id": "unknown_field"}),
        ({"email_verified": True}, {"/email_verified": "unknown_field"}),
    ],
)
def test_what_registering_refuses(changes: dict[str, Any], faults: dict[str, str]) -> None:
    reply = post("/auth/register", {**ADA, **changes})
    assert reply.status == 422
    assert reply.faults == faults
    assert not User.objects.exists()
    assert deliver() == []


def test_odd_names_are_kept_as_they_are() -> None:
    name = "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645 \U0001f381"
    reply = post("/auth/register", {**ADA, "first_name": name, "username": None})
    assert (reply.data["user"]["first_name"], reply.data["user"]["username"]) == (name, None)


@pytest.mark.parametrize("path", ["/api/auth/login", "/api/users/login", "/api/v1/auth/login"])
def test_signing_in_gives_tokens(path: str) -> None:
    user = make_user(**ADA)
    reply = post(path, ADA, prefix="")
    body = reply.body.get("data", reply.body)
    assert reply.status == 200
    assert set(body) == {"access", "refresh", "user", "device_token"}
    assert (body["user"]["id"], set(body["user"])) == (str(user.pk), USER_KEYS)
    assert life_of(body["access"]) == 600
    assert reply.headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("path", ["/login", "/users/login", "/users/login/"])
def test_the_earlier_systems_paths_answer_a_token_of_an_hour(path: str) -> None:
    make_user(**ADA)
    reply = post(path, ADA, prefix="")
    assert set(reply.body) == {"access", "refresh", "user", "device_token", "token"}
    assert life_of(reply.body["token"]) == 3600
    assert "Deprecation" in reply.headers


def test_an_expired_token_in_the_header_keeps_nobody_from_signing_in() -> None:
    make_user(**ADA)
    assert ApiClient().post("/auth/login", ADA, Authorization="Bearer expired").status == 200


def test_wrong_and_unknown_get_the_same_bytes() -> None:
    make_user(**ADA)
    wrong = post("/auth/login", {**ADA, "password": "wrong"})
    unknown = post("/auth/login", {**ADA, "email": "eve@example.com"})
    assert (wrong.status, unknown.status) == (401, 401)
    own = {"request_id", "instance"}
    assert {**wrong.body, **dict.fromkeys(own)} == {**unknown.body, **dict.fromkeys(own)}
    assert set(wrong.headers) == set(unknown.headers)
    assert "WWW-Authenticate" in wrong.headers
    assert not Session.objects.exists()


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        ({"password": PASSWORD}, {"/email": "required"}),
        ({**ADA, "username": "ada"}, {"/email": "required"}),
        ({"email": "ada@example.com"}, {"/password": "required"}),
        ({**ADA, "password": "x" * 257}, {"/password": "max_length"}),
        ({**ADA, "role": "administrator"}, {"/role": "unknown_field"}),
        ({**ADA, "email": {"$ne": ""}}, {"/email": "invalid"}),
    ],
)
def test_what_signing_in_refuses(body: dict[str, Any], faults: dict[str, str]) -> None:
    make_user(**ADA, username="ada")
    reply = post("/auth/login", body)
    assert (reply.status, reply.faults) == (422, faults)
    assert not Session.objects.exists()


def test_the_sixth_failure_is_told_when_to_come_back(settings: Any) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "auth": "5/15m"}
    make_user(**ADA)
    for _ in range(5):
        assert post("/auth/login", {**ADA, "password": "wrong"}).status == 401
    for path in ("/api/auth/login", "/login", "/api/v1/users/login"):
        reply = post(path, ADA, prefix="")
        assert (reply.status, reply.body["code"]) == (429, "rate_limited")
        assert 0 < int(reply.headers["Retry-After"]) <= 901


def test_a_refresh_token_works_once_and_its_reuse_ends_the_session() -> None:
    make_user(**ADA)
    first = post("/auth/login", ADA).data
    second = post("/auth/refresh", {"refresh": first["refresh"]})
    assert second.status == 200
    assert set(second.data) == {"access", "refresh"}
    reused = post("/auth/refresh", {"refresh": first["refresh"]})
    assert (reused.status, reused.body["code"]) == (401, "refresh_reused")
    child = post("/auth/refresh", {"refresh": second.data["refresh"]})
    assert (child.status, child.body["code"]) == (401, "refresh_invalid")
    assert ApiClient().get("/users/profile", Authorization=f"Bearer {second.data['access']}").status == 401


@pytest.mark.parametrize(
    ("body", "status"),
    [({}, 422), ({"refresh": ""}, 422), ({"refresh": 7}, 422), ({"refresh": "x" * 513}, 422), ({"refresh": "x"}, 401)],
)
def test_what_refreshing_refuses(body: dict[str, Any], status: int) -> None:
    assert post("/auth/refresh", body).status == status


def test_an_access_token_refreshes_nothing() -> None:
    make_user(**ADA)
    access = post("/auth/login", ADA).data["access"]
    assert post("/auth/refresh", {"refresh": access[:512]}).status == 401
    assert RefreshToken.objects.count() == 1


def test_an_idempotency_key_does_not_make_a_refresh_repeatable() -> None:
    make_user(**ADA)
    refresh = post("/auth/login", ADA).data["refresh"]
    client = ApiClient()
    assert client.post("/auth/refresh", {"refresh": refresh}, Idempotency_Key="k").status == 200
    assert client.post("/auth/refresh", {"refresh": refresh}, Idempotency_Key="k").body["code"] == "refresh_reused"


def test_signing_out_ends_the_session_that_calls() -> None:
    user = make_user(**ADA)
    client, other = ApiClient(user), ApiClient(user)
    reply = client.post("/auth/logout")
    assert (reply.status, reply.data) == (200, {"sessions_ended": 1})
    assert client.get("/users/profile").status == 401
    assert other.get("/users/profile").status == 200


def test_signing_out_by_refresh_token_needs_no_access_token() -> None:
    make_user(**ADA)
    tokens = post("/auth/login", ADA).data
    assert post("/auth/logout", {"refresh": tokens["refresh"]}).data == {"sessions_ended": 1}
    assert post("/auth/logout", {"refresh": tokens["refresh"]}).data == {"sessions_ended": 0}
    assert post("/auth/refresh", {"refresh": tokens["refresh"]}).status == 401


def test_signing_out_everywhere() -> None:
    user = make_user(**ADA)
    client, other, foreign = ApiClient(user), ApiClient(user), ApiClient(make_user())
    assert client.post("/auth/logout-all").data == {"sessions_ended": 2}
    assert other.get("/users/profile").status == 401
    assert foreign.get("/users/profile").status == 200


@pytest.mark.parametrize("path", ["/auth/logout", "/auth/logout-all"])
def test_signing_out_needs_somebody(path: str) -> None:
    assert post(path, {}).status == 401


@pytest.mark.parametrize("path", ["register", "login", "refresh", "logout", "logout-all"])
@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_doors_are_for_post_alone(path: str, method: str) -> None:
    reply = ApiClient().call(method, f"/auth/{path}")
    assert reply.status == 405
    assert "POST" in reply.headers["Allow"]
