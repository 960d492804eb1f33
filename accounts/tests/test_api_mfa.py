"""Second factors over HTTP, and every way of getting past one."""

from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from pytest_django import DjangoAssertNumQueries

from accounts.models import RecoveryCode, RefreshToken, Session, User
from accounts.services import mfa, passkeys, recovery_codes
from accounts.tests.factories import PASSWORD, make_user
from accounts.tests.second_factors import add_passkey, add_totp, code_for, require_mfa, wrong_code
from accounts.tokens import issue_access
from fantasize.core import clock
from fantasize.core.errors import ForbiddenError
from fantasize.tests.client import ApiClient, Reply
from realtime.auth import authenticate

pytestmark = pytest.mark.django_db


def owner(**fields: Any) -> User:
    """Somebody with an authenticator app, whose address is confirmed."""
    user = make_user(email_verified_at=clock.now(), **fields)
    add_totp(user)
    return user


def log_in(user: User) -> Reply:
    return ApiClient().post("/auth/login", {"email": user.email, "password": PASSWORD})


def mfa_token_of(user: User) -> str:
    return str(log_in(user).body["mfa_token"])


def signed_in(user: User) -> ApiClient:
    """The user with everything shown."""
    session = Session.objects.create(
        user=user, expires_at=clock.now() + timedelta(days=30), mfa_at=clock.now() if mfa.is_enabled(user) else None
    )
    client = ApiClient()
    client.headers = {"Authorization": f"Bearer {issue_access(session)}"}
    return client


def test_from_nothing_to_a_sign_in_with_two_factors() -> None:
    user = make_user(email_verified_at=clock.now())
    client = signed_in(user)
    assert client.get("/auth/mfa").data == {
        "enabled": False,
        "required_by_role": False,
        "methods": [],
        "recovery_codes_left": 0,
    }
    begun = client.post("/auth/mfa/totp").data
    assert set(begun) == {"secret", "otpauth_uri", "qr_svg"}
    assert client.get("/auth/mfa/totp").data == {"enabled": False}
    reply = client.post("/auth/mfa/totp/activate", {"code": code_for(begun["secret"])})
    assert reply.status == 200
    codes = reply.data["recovery_codes"]
    assert len(codes) == 10
    assert client.get("/auth/mfa/totp").data == {"enabled": True}
    assert client.get("/users/profile").data["mfa_enabled"] is True
    refused = log_in(user)
    assert (refused.status, refused.body["code"]) == (401, "mfa_required")
    assert refused.body["methods"] == ["totp", "recovery_code"]
    assert "access" not in refused.content.decode()
    body = {"mfa_token": refused.body["mfa_token"], "code": codes[0].lower()}
    let_in = ApiClient().post("/auth/mfa/verify", body)
    assert let_in.status == 200
    assert set(let_in.data) == {"access", "refresh", "user", "device_token"}
    assert let_in.data["user"]["mfa_enabled"] is True
    assert client.get("/auth/mfa").data["recovery_codes_left"] == 9
    again = client.post("/auth/mfa/recovery-codes")
    assert again.status == 201
    assert client.get("/auth/mfa/recovery-codes").data == {"recovery_codes_left": 10}
    assert client.call("DELETE", "/auth/mfa/totp").status == 204
    assert log_in(user).status == 200


def test_an_authenticator_app_signs_in_and_its_code_does_so_once() -> None:
    user = owner()
    first, second = mfa_token_of(user), mfa_token_of(user)
    with clock.frozen_at(clock.now()):
        code = code_for()
        assert ApiClient().post("/auth/mfa/verify", {"mfa_token": first, "code": code}).status == 200
        assert ApiClient().post("/auth/mfa/verify", {"mfa_token": second, "code": code}).status == 401
        reply = ApiClient().post("/auth/mfa/verify", {"mfa_token": mfa_token_of(user), "code": code})
    assert (reply.status, reply.body["code"]) == (401, "mfa_code_invalid")
    assert Session.objects.count() == 1


def test_a_wrong_second_step_gives_nothing() -> None:
    user = owner()
    token = mfa_token_of(user)
    assert [
        (reply.status, reply.body["code"])
        for reply in (
            ApiClient().post("/auth/mfa/verify", {"mfa_token": token, "code": wrong_code()}),
            ApiClient().post("/auth/mfa/verify", {"mfa_token": token[:-3], "code": code_for()}),
            ApiClient().post("/auth/mfa/verify", {"mfa_token": "\N{SNOWMAN}", "code": code_for()}),
        )
    ] == [(401, "mfa_code_invalid"), (401, "mfa_token_invalid"), (401, "mfa_token_invalid")]
    assert not Session.objects.exists()
    assert not RefreshToken.objects.exists()


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        ({}, {"/mfa_token": "required", "/code": "required"}),
        ({"mfa_token": 1, "code": 123456}, {"/mfa_token": "invalid", "/code": "invalid"}),
        ({"mfa_token": "x", "code": "1" * 65}, {"/code": "max_length"}),
        ({"mfa_token": "x" * 2049, "code": ""}, {"/mfa_token": "max_length", "/code": "blank"}),
        ({"mfa_token": "x", "code": "1", "user": 1}, {"/user": "unknown_field"}),
    ],
)
def test_an_ill_formed_second_step_hears_why(body: Any, faults: dict[str, str]) -> None:
    reply = ApiClient().post("/auth/mfa/verify", body)
    assert reply.status == 422
    assert reply.faults == faults


def test_five_guesses_over_all_doors_together(settings: Any) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "auth": "5/15m"}
    user = owner()
    token = mfa_token_of(user)
    guess = {"email": user.email, "password": "wrong"}
    statuses = [ApiClient().post("/auth/login", guess).status for _ in range(2)]
    statuses += [
        ApiClient().post("/auth/mfa/verify", {"mfa_token": token, "code": wrong_code()}).status for _ in range(3)
    ]
    # The right password was one of the five.
    assert statuses == [401, 401, 401, 401, 429]
    assert ApiClient().post("/auth/mfa/verify", {"mfa_token": token, "code": code_for()}).status == 429
    assert log_in(user).status == 429


CHANGES = (
    ("POST", "/auth/mfa/totp", None),
    ("POST", "/auth/mfa/totp/activate", {"code": "123456"}),
    ("DELETE", "/auth/mfa/totp", None),
    ("POST", "/auth/mfa/recovery-codes", None),
    ("POST", "/auth/mfa/passkeys/register/begin", None),
    ("POST", "/auth/mfa/passkeys/register/complete", {"state": "x", "credential": {}}),
)


@pytest.mark.parametrize(("method", "path", "body"), CHANGES)
def test_changes_want_to_see_a_password_or_code_again(method: str, path: str, body: Any) -> None:
    user = owner()
    recovery_codes.renew(user)
    client = signed_in(user)
    Session.objects.update(proven_at=clock.now() - timedelta(minutes=11))
    before = set(RecoveryCode.objects.values_list("code_hash"))
    reply = client.call(method, path, body)
    assert (reply.status, reply.body["code"]) == (403, "reverification_required")
    assert Authenticator.objects.count() == 1
    assert set(RecoveryCode.objects.values_list("code_hash")) == before


@pytest.mark.parametrize(("method", "path", "body"), CHANGES)
def test_a_sign_in_without_the_factor_changes_none(method: str, path: str, body: Any) -> None:
    """A sign-in from before the owner had a second factor, in a thief's hands together with the password."""
    user = make_user()
    client = signed_in(user)
    add_totp(user)
    reply = client.call(method, path, body)
    assert (reply.status, reply.body["code"]) == (403, "reverification_required")
    client.post("/auth/reverify", {"password": PASSWORD})
    assert client.call(method, path, body).body["code"] == "reverification_required"
    assert Authenticator.objects.count() == 1


@pytest.mark.parametrize(("method", "path", "body"), [*CHANGES, ("GET", "/auth/mfa", None)])
def test_strangers_and_machines_have_no_second_factors(method: str, path: str, body: Any, settings: Any) -> None:
    settings.API_KEYS = ["factory:0123456789abcdef:accounts"]
    assert ApiClient().call(method, path, body).status == 401
    assert ApiClient().call(method, path, body, X_API_Key="0123456789abcdef").status == 403


def test_factors_are_ones_own() -> None:
    user, other = owner(), make_user()
    add_passkey(user)
    key = passkeys.list_of(user).get()
    client = signed_in(other)
    assert client.get("/auth/mfa").data["enabled"] is False
    assert client.get("/auth/mfa/passkeys").data == []
    foreign, absent = (client.call("DELETE", f"/auth/mfa/passkeys/{pk}") for pk in (key.pk, 999_999))
    assert (foreign.status, absent.status) == (404, 404)
    assert client.call("DELETE", "/auth/mfa/totp").status == 404
    assert Authenticator.objects.count() == 2


def test_the_last_factor_stays_where_the_role_asks_for_one() -> None:
    user = owner(role="manager")
    require_mfa("manager")
    client = signed_in(user)
    assert client.get("/auth/mfa").data["required_by_role"] is True
    reply = client.call("DELETE", "/auth/mfa/totp")
    assert (reply.status, reply.body["code"]) == (409, "mfa_required_by_role")
    add_passkey(user)
    assert client.call("DELETE", "/auth/mfa/totp").status == 204
    key = passkeys.list_of(user).get()
    assert client.call("DELETE", f"/auth/mfa/passkeys/{key.pk}").status == 409
    assert mfa.is_enabled(user)


def test_conflicts_have_names() -> None:
    client = signed_in(make_user())
    assert client.post("/auth/mfa/recovery-codes").body["code"] == "mfa_not_enabled"
    assert client.post("/auth/mfa/totp/activate", {"code": "123456"}).body["code"] == "totp_not_started"
    begun = client.post("/auth/mfa/totp").data
    wrong = client.post("/auth/mfa/totp/activate", {"code": wrong_code(begun["secret"])})
    assert (wrong.status, wrong.faults) == (422, {"/code": "mfa_code_invalid"})
    client.post("/auth/mfa/totp/activate", {"code": code_for(begun["secret"])})
    assert client.post("/auth/mfa/totp").body["code"] == "totp_enabled"


@pytest.fixture
def manager() -> User:
    user = make_user(role="manager", email_verified_at=clock.now())
    require_mfa("manager")
    return user


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/orders"),
        ("GET", "/products"),
        ("GET", "/users/addresses"),
        ("GET", "/users/sessions"),
        ("PATCH", "/users/profile"),
        ("DELETE", "/users/profile"),
        ("GET", "/nowhere/auth/mfa"),
    ],
)
def test_staff_who_must_have_a_second_factor_and_have_none_get_nowhere(manager: User, method: str, path: str) -> None:
    reply = signed_in(manager).call(method, path)
    assert (reply.status, reply.body.get("code")) in {(403, "mfa_enrolment_required"), (404, "not_found")}
    assert reply.status == 403 or path.startswith("/nowhere")
    assert User.objects.filter(pk=manager.pk, erased_at=None).exists()


def test_but_to_where_one_gets_one(manager: User) -> None:
    client = signed_in(manager)
    assert client.get("/users/profile").data["mfa_enabled"] is False
    assert client.get("/auth/mfa").data["required_by_role"] is True
    begun = client.post("/auth/mfa/totp").data
    assert client.post("/auth/mfa/totp/activate", {"code": code_for(begun["secret"])}).status == 200
    assert client.get("/orders").status == 200
    other = signed_in(manager)
    assert other.post("/auth/logout", {}).status == 200


def test_a_sign_in_from_before_the_role_asked_has_to_show_the_factor(manager: User) -> None:
    add_totp(manager)
    session = Session.objects.create(user=manager, expires_at=clock.now() + timedelta(days=1))
    client = ApiClient()
    client.headers = {"Authorization": f"Bearer {issue_access(session)}"}
    assert client.get("/orders").body["code"] == "mfa_enrolment_required"
    assert client.post("/auth/reverify", {"code": code_for()}).status in {200, 204}
    assert client.get("/orders").status == 200


def test_sockets_ask_the_same(manager: User) -> None:
    session = Session.objects.create(user=manager, expires_at=clock.now() + timedelta(days=1))
    with pytest.raises(ForbiddenError) as caught:
        authenticate(issue_access(session))
    assert caught.value.code == "mfa_enrolment_required"
    Session.objects.update(mfa_at=clock.now())
    assert authenticate(issue_access(session)).user == manager


def test_keys_and_customers_are_not_asked(manager: User, settings: Any) -> None:
    settings.API_KEYS = ["factory:0123456789abcdef:orders"]
    assert ApiClient().get("/orders", X_API_Key="0123456789abcdef").status == 200
    assert ApiClient(make_user()).get("/orders").status == 200


def test_what_it_costs_to_know(django_assert_num_queries: DjangoAssertNumQueries, manager: User) -> None:
    with django_assert_num_queries(0):
        assert not mfa.is_missing(Session(user=User(email="ada@example.com")))
        assert not mfa.is_missing(Session(user=manager, mfa_at=clock.now()))
    with django_assert_num_queries(1):
        assert mfa.is_missing(Session(user=manager))
