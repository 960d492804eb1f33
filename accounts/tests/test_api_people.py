"""One's own profile, addresses and sessions over HTTP; and nobody else's."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Address, Session, User
from accounts.tests.factories import make_address, make_user
from fantasize.tests.client import ApiClient

pytestmark = pytest.mark.django_db

ADDRESS = {"line1": "1 High Street", "city": "York", "postal_code": "YO1 7PX", "country": "GB"}
ADDRESS_KEYS = {
    "id",
    "full_name",
    "line1",
    "line2",
    "city",
    "region",
    "postal_code",
    "country",
    "phone",
    "is_default_shipping",
    "is_default_billing",
}


@pytest.mark.parametrize("prefix", ["", "/api", "/api/v0", "/api/v1", "/api/v2"])
def test_a_profile_is_read_at_every_spelling(prefix: str) -> None:
    user = make_user(email="ada@example.com", username="ada", first_name="Ada", role="manager")
    reply = ApiClient(user, prefix=prefix).get("/users/profile")
    body = reply.body.get("data", reply.body)
    assert reply.status == 200
    assert {name: body[name] for name in ("id", "email", "username", "first_name", "role")} == {
        "id": str(user.pk),
        "email": "ada@example.com",
        "username": "ada",
        "first_name": "Ada",
        "role": "manager",
    }
    assert "password" not in reply.content.decode()


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_a_profile_changes_where_it_is_told_to(method: str) -> None:
    user = make_user(first_name="Ada", last_name="Byron")
    reply = ApiClient(user).call(method, "/users/profile", {"last_name": "Lovelace", "username": "ada"})
    assert (reply.status, reply.data["last_name"], reply.data["username"]) == (200, "Lovelace", "ada")
    user.refresh_from_db()
    assert user.get_full_name() == "Ada Lovelace"


def test_a_name_that_shows_nothing_is_none() -> None:
    user = make_user(first_name="Ada")
    assert ApiClient(user).call("PATCH", "/users/profile", {"first_name": "\u200b\ufeff"}).data["first_name"] == ""
    joined = "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"
    assert ApiClient(user).call("PATCH", "/users/profile", {"first_name": joined}).data["first_name"] == joined


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", "00000000-0000-0000-0000-000000000000"),
        ("email", "eve@example.com"),
        ("password", "another-good-one"),
        ("role", "administrator"),
        ("groups", [1]),
        ("user_permissions", [1]),
        ("is_staff", True),
        ("is_superuser", True),
        ("is_active", True),
        ("email_verified", True),
        ("email_verified_at", "2026-01-01T00:00:00Z"),
        ("mfa_enabled", False),
        ("created_at", "2020-01-01T00:00:00Z"),
        ("erased_at", None),
        ("last_login", None),
        ("sessions", []),
        ("addresses", []),
        ("__class__", "x"),
        ("", "x"),
    ],
)
def test_nobody_makes_themselves_more_than_they_are(method: str, field: str, value: Any) -> None:
    user = make_user(email="ada@example.com")
    before = User.objects.values().get(pk=user.pk)
    reply = ApiClient(user).call(method, "/users/profile", {"first_name": "Eve", field: value})
    assert reply.status == 422
    assert reply.faults == {f"/{field}": "unknown_field"}
    assert User.objects.values().get(pk=user.pk) == before
    assert not user.groups.exists()


def test_a_taken_username_is_refused() -> None:
    make_user(username="ada")
    user = make_user()
    reply = ApiClient(user).call("PATCH", "/users/profile", {"username": "ADA"})
    assert (reply.status, reply.faults) == (422, {"/username": "taken"})
    assert User.objects.get(pk=user.pk).username is None


def test_erasing_oneself_ends_everything() -> None:
    user = make_user(email="ada@example.com")
    make_address(user)
    client = ApiClient(user)
    reply = client.call("DELETE", "/users/profile")
    assert (reply.status, reply.content) == (204, b"")
    row = User.objects.get(pk=user.pk)
    assert (row.is_active, "ada" in row.email) == (False, False)
    assert not Address.objects.exists()
    assert client.get("/users/profile").status == 401


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/users/profile"),
        ("PUT", "/users/profile"),
        ("PATCH", "/users/profile"),
        ("DELETE", "/users/profile"),
        ("GET", "/users/addresses"),
        ("POST", "/users/addresses"),
        ("GET", "/users/addresses/1"),
        ("PUT", "/users/addresses/1"),
        ("PATCH", "/users/addresses/1"),
        ("DELETE", "/users/addresses/1"),
        ("GET", "/users/sessions"),
        ("DELETE", "/users/sessions/1"),
    ],
)
def test_strangers_get_nothing(method: str, path: str) -> None:
    reply = ApiClient().call(method, path, {} if method in ("PUT", "PATCH", "POST") else None)
    assert (reply.status, reply.body["code"]) == (401, "not_authenticated")


def test_addresses_are_added_read_changed_and_removed() -> None:
    user = make_user(first_name="Ada")
    client = ApiClient(user)
    added = client.post("/users/addresses", {**ADDRESS, "phone": "+44 1904 1"})
    assert added.status == 201
    assert set(added.data) == ADDRESS_KEYS
    assert (added.data["full_name"], added.data["is_default_shipping"]) == ("Ada", True)
    path = f"/users/addresses/{added.data['id']}"
    assert client.get(path).data == added.data
    patched = client.call("PATCH", path, {"city": "Leeds"}).data
    assert (patched["city"], patched["phone"]) == ("Leeds", "+44 1904 1")
    replaced = client.call("PUT", path, ADDRESS).data
    assert (replaced["city"], replaced["phone"]) == ("York", "")
    assert client.get("/users/addresses").data == [replaced]
    assert client.call("DELETE", path).status == 204
    assert not Address.objects.exists()


def test_a_retried_call_adds_one_address() -> None:
    client = ApiClient(make_user())
    first, second = (client.post("/users/addresses", ADDRESS, Idempotency_Key="k") for _ in range(2))
    assert first.content == second.content
    assert Address.objects.count() == 1


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_an_address_of_somebody_else_is_as_absent_as_no_address(method: str) -> None:
    foreign = make_address(make_user())
    before = Address.objects.values().get()
    client = ApiClient(make_user(role="administrator"))
    body = ADDRESS if method in ("PUT", "PATCH") else None
    replies = [
        client.call(method, f"/users/addresses/{name}", body) for name in (foreign.pk, 10**9, "x", "1e3", 10**30)
    ]
    assert [reply.status for reply in replies] == [404] * 5
    own = {"request_id": None, "instance": None}
    assert len({str({**reply.body, **own}) for reply in replies}) == 1
    assert Address.objects.values().get() == before


@pytest.mark.parametrize(
    ("changes", "faults"),
    [
        ({"user": 1}, {"/user": "unknown_field"}),
        ({"id": 7}, {"/id": "unknown_field"}),
        ({"line1": "x" * 201}, {"/line1": "max_length"}),
        ({"line1": "a\tb"}, {"/line1": "control_characters"}),
        ({"full_name": "\u200b"}, {"/full_name": "blank"}),
        ({"full_name": "\u2800\ufeff\U000e0041 \u3164"}, {"/full_name": "blank"}),
        ({"line1": "\u200b"}, {"/line1": "blank"}),
        ({"city": "\u200b"}, {"/city": "required"}),
        ({"country": "XXX"}, {"/country": "invalid"}),
        ({"country": "ß"}, {"/country": "invalid"}),
        ({"is_default_shipping": "yes"}, {"/is_default_shipping": "invalid"}),
    ],
)
def test_what_an_address_refuses(changes: dict[str, Any], faults: dict[str, str]) -> None:
    reply = ApiClient(make_user()).post("/users/addresses", {**ADDRESS, **changes})
    assert (reply.status, reply.faults) == (422, faults)
    assert not Address.objects.exists()


@pytest.mark.parametrize("path", ["/users/addresses", "/users/sessions"])
def test_lists_cost_the_same_however_long(path: str) -> None:
    user = make_user()
    client = ApiClient(user)
    counts = []
    for _ in range(2):
        make_address(user)
        ApiClient(user)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] == 3


def test_sessions_are_listed_and_ended_one_by_one() -> None:
    user = make_user()
    client, other, foreign = ApiClient(user), ApiClient(user), ApiClient(make_user())
    rows = client.get("/users/sessions").data
    assert [set(row) for row in rows] == [
        {"id", "user_agent", "ip_address", "created_at", "last_used_at", "expires_at", "is_current"}
    ] * 2
    assert sorted(row["is_current"] for row in rows) == [False, True]
    other_id = next(row["id"] for row in rows if not row["is_current"])
    assert foreign.call("DELETE", f"/users/sessions/{other_id}").status == 404
    assert other.get("/users/profile").status == 200
    assert client.call("DELETE", f"/users/sessions/{other_id}").status == 204
    assert other.get("/users/profile").status == 401
    assert [row["is_current"] for row in client.get("/users/sessions").data] == [True]
    assert client.call("DELETE", f"/users/sessions/{other_id}").status == 404
    assert Session.objects.get(pk=other_id).revoke_reason == "revoked"
