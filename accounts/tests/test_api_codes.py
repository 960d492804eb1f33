"""Codes by mail, new passwords, showing once more who one is; known and unknown addresses look the same."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.enums import CodePurpose
from accounts.models import OneTimeCode, Session, User
from accounts.services import codes
from accounts.tests.factories import PASSWORD, make_user
from accounts.tests.postbox import deliver, mailed_code, subjects
from fantasize.core import clock
from fantasize.tests.client import ApiClient, Reply

pytestmark = pytest.mark.django_db

EMAIL = "ada@example.com"
NEW = "a-horse-of-another-colour"


def post(path: str, body: Any, prefix: str = "/api/v2/auth", **headers: str) -> Reply:
    return ApiClient(prefix=prefix).post(path, body, **headers)


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06}"


def asked(path: str = "/password/reset") -> str:
    assert post(path, {"email": EMAIL}).status == 202
    return mailed_code()


@pytest.mark.parametrize("prefix", ["/api/v2/auth", "/api/auth", "/api/v1/auth"])
def test_from_an_unproven_address_to_tokens(prefix: str) -> None:
    make_user(email=EMAIL, email_verified_at=None)
    login = post("/login", {"email": EMAIL, "password": PASSWORD}, prefix)
    assert (login.status, login.body["code"]) == (401, "email_unverified")
    deliver()
    sent = post("/resend-code", {"email": EMAIL}, prefix)
    assert sent.status == 202
    assert sent.body.get("data", sent.body) == {"code": "sent"}
    body = {"email": EMAIL, "code": mailed_code()}
    refused = post("/verify-email", {**body, "code": wrong(body["code"])}, prefix)
    assert (refused.status, refused.body["code"]) == (401, "code_invalid")
    assert "WWW-Authenticate" in refused.headers
    reply = post("/verify-email", body, prefix)
    tokens = reply.body.get("data", reply.body)
    assert set(tokens) == {"access", "refresh", "user", "device_token"}
    assert tokens["user"]["email_verified"] is True
    assert ApiClient().get("/users/profile", Authorization=f"Bearer {tokens['access']}").status == 200
    assert post("/login", {"email": EMAIL, "password": PASSWORD, "device_token": tokens["device_token"]}).status == 200


def test_a_forgotten_password() -> None:
    user = make_user(email=EMAIL)
    client = ApiClient(user)
    code = asked()
    body = {"email": EMAIL, "code": code, "password": NEW}
    assert post("/password/reset/confirm", {**body, "code": wrong(code)}).body["code"] == "code_invalid"
    reply = post("/password/reset/confirm", body)
    assert (reply.status, reply.data) == (200, {"password": "changed"})
    assert client.get("/users/profile").status == 401
    assert post("/password/reset/confirm", body).body["code"] == "code_invalid"
    assert post("/login", {"email": EMAIL, "password": PASSWORD}).status == 401
    assert post("/login", {"email": EMAIL, "password": NEW}).status == 200


def test_a_changed_password() -> None:
    user = make_user(email=EMAIL)
    client, other = ApiClient(user), ApiClient(user)
    body = {"current_password": PASSWORD, "password": NEW}
    refused = client.post("/auth/password/change", {**body, "current_password": "wrong"})
    assert (refused.status, refused.body["code"]) == (401, "invalid_credentials")
    assert client.post("/auth/password/change", {**body, "password": "1234"}).faults["/password"]
    reply = client.post("/auth/password/change", body)
    assert (reply.status, reply.data) == (200, {"password": "changed"})
    assert client.get("/users/profile").status == 200
    assert other.get("/users/profile").status == 401
    assert User.objects.get().check_password(NEW)


def test_showing_once_more_who_one_is() -> None:
    client = ApiClient(make_user(email=EMAIL))
    long_ago = clock.now() - timedelta(hours=1)
    Session.objects.update(proven_at=long_ago)
    assert client.post("/auth/reverify", {"password": "wrong"}).body["code"] == "invalid_credentials"
    assert client.post("/auth/reverify", {"code": "000000"}).body["code"] == "mfa_code_invalid"
    assert Session.objects.get().proven_at == long_ago
    reply = client.post("/auth/reverify", {"password": PASSWORD})
    assert (reply.status, set(reply.data)) == (200, {"reverified_until"})
    assert Session.objects.get().proven_at > long_ago


@pytest.mark.parametrize(
    ("path", "body", "faults"),
    [
        ("/verify-email", {}, {"/email": "required", "/code": "required"}),
        ("/verify-email", {"email": "ada", "code": "000000"}, {"/email": "invalid"}),
        ("/verify-email", {"email": EMAIL, "code": "00000"}, {"/code": "invalid"}),
        ("/verify-email", {"email": EMAIL, "code": "0000000"}, {"/code": "invalid"}),
        ("/verify-email", {"email": EMAIL, "code": 123456}, {"/code": "invalid"}),
        ("/verify-email", {"email": EMAIL, "code": "\N{ARABIC-INDIC DIGIT ONE}" * 6}, {"/code": "invalid"}),
        ("/verify-email", {"email": EMAIL, "code": {"$ne": ""}}, {"/code": "invalid"}),
        ("/verify-email", {"email": EMAIL, "code": "000000", "purpose": "x"}, {"/purpose": "unknown_field"}),
        (
            "/verify-email",
            {"email": EMAIL, "code": "000000", "device_token": "x" * 513},
            {"/device_token": "max_length"},
        ),
        ("/resend-code", {}, {"/email": "required"}),
        ("/resend-code", {"email": [EMAIL]}, {"/email": "invalid"}),
        ("/password/reset", {"email": EMAIL, "url": "https://evil.example"}, {"/url": "unknown_field"}),
        ("/password/reset", {"email": "ada\x00@example.com"}, {"/email": "invalid_character"}),
        ("/password/reset", {"email": "a" * 250 + "@example.com"}, {"/email": "max_length"}),
        (
            "/password/reset/confirm",
            {"email": EMAIL, "code": "000000", "password": "zq7-kd"},
            {"/password": "password_too_short"},
        ),
        ("/password/reset/confirm", {"email": EMAIL, "code": "000000"}, {"/password": "required"}),
        (
            "/password/reset/confirm",
            {"email": EMAIL, "code": "000000", "password": "x" * 257},
            {"/password": "max_length"},
        ),
    ],
)
def test_what_is_ill_formed_is_refused_and_costs_no_try(path: str, body: Any, faults: dict[str, str]) -> None:
    user = make_user(email=EMAIL)
    codes.send(user_id=user.pk, purpose=CodePurpose.RESET_PASSWORD)
    reply = post(path, body)
    assert (reply.status, reply.faults) == (422, faults)
    assert OneTimeCode.objects.get().tries == 0
    assert deliver() == []


@pytest.mark.parametrize(
    ("path", "body", "faults"),
    [
        ("password/change", {"password": NEW}, {"/current_password": "required"}),
        ("password/change", {"current_password": PASSWORD, "password": NEW, "user": 1}, {"/user": "unknown_field"}),
        ("reverify", {}, {"/password": "required"}),
        ("reverify", {"password": PASSWORD, "code": "000000"}, {"/password": "required"}),
        ("reverify", {"code": "x" * 65}, {"/code": "max_length"}),
    ],
)
def test_what_the_signed_in_are_refused(path: str, body: Any, faults: dict[str, str]) -> None:
    reply = ApiClient(make_user()).post(f"/auth/{path}", body)
    assert (reply.status, reply.faults) == (422, faults)


@pytest.mark.parametrize("path", ["/password/change", "/reverify"])
def test_nobody_changes_a_password_without_signing_in(path: str) -> None:
    reply = post(path, {"current_password": PASSWORD, "password": NEW})
    assert (reply.status, reply.body["code"]) == (401, "not_authenticated")


@pytest.mark.parametrize(
    "path", ["verify-email", "resend-code", "password/reset", "password/reset/confirm", "password/change", "reverify"]
)
@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_doors_are_for_post_alone(path: str, method: str) -> None:
    reply = ApiClient().call(method, f"/auth/{path}")
    assert reply.status == 405
    assert "POST" in reply.headers["Allow"]


def test_no_host_name_of_a_caller_reaches_a_mail() -> None:
    make_user(email=EMAIL)
    client = ApiClient()
    client.client.defaults |= {"HTTP_HOST": "testserver", "HTTP_X_FORWARDED_HOST": "evil.example"}
    assert client.post("/auth/password/reset", {"email": EMAIL}, Forwarded="host=evil.example").status == 202
    [message] = deliver()
    assert "evil.example" not in message.message().as_string()


def quiet(reply: Reply) -> tuple[Any, ...]:
    """What a caller can tell of an answer: without what differs in every one."""
    body = reply.body
    for name in ("request_id", "instance"):
        body.pop(name, None)
    body.get("meta", {}).pop("request_id", None)
    body.get("meta", {}).pop("timestamp", None)
    return reply.status, len(reply.content), sorted(reply.headers), body


@pytest.mark.parametrize("path", ["/resend-code", "/password/reset"])
@pytest.mark.parametrize("verified", [True, False])
def test_asking_for_a_code_looks_the_same_for_everybody(*, path: str, verified: bool) -> None:
    make_user(email=EMAIL, email_verified_at=clock.now() if verified else None)
    make_user(email="gone@example.com", is_active=False)
    seen = []
    for email in (EMAIL, "nobody@example.com", "gone@example.com"):
        with CaptureQueriesContext(connection) as queries:
            reply = post(path, {"email": email})
        seen.append((quiet(reply), [query["sql"].split()[0] for query in queries]))
    assert seen[0] == seen[1] == seen[2]
    assert len(subjects()) <= 1


def test_a_wrong_code_looks_the_same_for_everybody() -> None:
    make_user(email=EMAIL)
    asked()
    seen = []
    for email in (EMAIL, "nobody@example.com"):
        body = {"email": email, "code": "000000", "password": NEW}
        with CaptureQueriesContext(connection) as queries:
            replies = [post("/password/reset/confirm", body), post("/verify-email", {"email": email, "code": "000000"})]
        seen.append(([quiet(reply) for reply in replies], [query["sql"].split()[0] for query in queries]))
    assert seen[0] == seen[1]


def test_a_wrong_password_looks_the_same_for_everybody() -> None:
    make_user(email=EMAIL)
    make_user(email="new@example.com", email_verified_at=None)
    seen = []
    for email in (EMAIL, "new@example.com", "nobody@example.com"):
        with CaptureQueriesContext(connection) as queries:
            reply = post("/login", {"email": email, "password": "wrong", "device_token": "fzd_unknown"})
        seen.append((quiet(reply), [query["sql"].split()[0] for query in queries]))
    assert seen[0] == seen[1] == seen[2]
