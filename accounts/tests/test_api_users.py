"""``/api/admin/users``: found, changed by whoever may, and nothing told to anybody else."""

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Session, User
from accounts.services import sessions
from accounts.services.sessions import Device
from accounts.tests.factories import make_user
from fantasize.core import clock
from fantasize.tests.client import ApiClient

pytestmark = pytest.mark.django_db

USERS = "/admin/users"


@pytest.fixture
def administrator() -> User:
    return make_user(email="root@example.com", role="administrator")


@pytest.fixture
def client(administrator: User) -> ApiClient:
    return ApiClient(administrator)


def patch(client: ApiClient, user: User, **body: Any) -> Any:
    return client.call("PATCH", f"{USERS}/{user.pk}", body)


def found(client: ApiClient, query: str) -> set[str]:
    return {row["email"] for row in client.get(f"{USERS}?{query}").data}


def test_people_are_listed_newest_first_with_what_they_are(client: ApiClient) -> None:
    user = make_user(email="ada@example.com", username="ada", role="manager")
    user.groups.add(Group.objects.create(name="engravers"))
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={})
    first = client.get(USERS).data[0]
    assert (first["email"], first["role"], first["groups"]) == ("ada@example.com", "manager", ["engravers"])
    assert (first["mfa_enabled"], first["is_active"], first["last_login"]) == (True, True, None)
    assert client.get(USERS).data[1]["mfa_enabled"] is False
    assert "password" not in client.get(USERS).content.decode()


def test_people_are_found_and_narrowed(client: ApiClient) -> None:
    make_user(email="ada@example.com", username="lovelace", role="manager")
    make_user(email="bob@example.com", is_active=False)
    assert found(client, "q=AD") == {"ada@example.com"}
    assert found(client, "q=Lovelace") == {"ada@example.com"}
    assert found(client, "q=%25") == set()
    assert found(client, "role=customer") == {"bob@example.com"}
    assert found(client, "role=administrator") == {"root@example.com"}
    assert found(client, "role=manager&q=bob") == set()
    assert found(client, "is_active=false") == {"bob@example.com"}


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("role=king", "role"),
        ("is_active=2", "is_active"),
        ("ordering=password", "ordering"),
        ("search=a", "search"),
        ("fields=password", "fields"),
        ("password__startswith=argon", "password__startswith"),
        ("is_superuser=true", "is_superuser"),
        ("page_size=1000000000", "page_size"),
    ],
)
def test_a_query_that_is_not_known_is_refused(client: ApiClient, query: str, parameter: str) -> None:
    reply = client.get(f"{USERS}?{query}")
    assert reply.status == 422
    assert parameter in reply.faults


def test_the_list_costs_the_same_however_long(client: ApiClient) -> None:
    counts = []
    for _ in range(2):
        for role in ("manager", "customer"):
            make_user(role=role).groups.add(Group.objects.get_or_create(name="engravers")[0])
        with CaptureQueriesContext(connection) as queries:
            assert client.get(USERS).status == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_erased_people_are_gone(client: ApiClient) -> None:
    erased = make_user(email="gone@example.com", erased_at=clock.now())
    assert found(client, "q=gone") == set()
    assert client.get(f"{USERS}/{erased.pk}").status == 404
    assert patch(client, erased, is_active=True).status == 404


def test_an_administrator_changes_role_groups_and_standing(client: ApiClient) -> None:
    Group.objects.create(name="engravers")
    user = make_user()
    reply = patch(client, user, role="manager", groups=["engravers"], is_active=False)
    assert (reply.status, reply.data["role"], reply.data["groups"]) == (200, "manager", ["engravers"])
    assert reply.data["is_active"] is False
    assert patch(client, user, role="customer").data["groups"] == []
    assert patch(client, user).status == 200


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ({"role": "king"}, "/role"),
        ({"role": None}, "/role"),
        ({"groups": ["administrator"]}, "/groups/0"),
        ({"groups": ["nothing"]}, "/groups/0"),
        ({"groups": ["engravers"]}, "/groups"),
        ({"groups": "engravers"}, "/groups"),
        ({"groups": [["engravers"]]}, "/groups/0"),
        ({"groups": ["\0"]}, "/groups/0"),
        ({"is_active": "perhaps"}, "/is_active"),
        ({"is_superuser": True}, "/is_superuser"),
        ({"is_staff": True}, "/is_staff"),
        ({"email": "mine@example.com"}, "/email"),
        ({"password": "correct-horse-battery"}, "/password"),
        ({"rights_version": 0}, "/rights_version"),
    ],
)
def test_what_cannot_be_said_is_refused_and_changes_nothing(client: ApiClient, body: Any, fault: str) -> None:
    Group.objects.create(name="engravers")
    user = make_user()
    before = User.objects.values().get(pk=user.pk)
    reply = client.call("PATCH", f"{USERS}/{user.pk}", body)
    assert reply.status == 422
    assert fault in reply.faults
    assert User.objects.values().get(pk=user.pk) == before
    assert not user.groups.exists()


def test_refusals_have_their_codes(client: ApiClient, administrator: User) -> None:
    root = User.objects.create_superuser("s@example.com", "x")
    assert patch(client, root, role="customer").body["code"] == "permission_denied"
    own = patch(client, administrator, role="customer")
    assert (own.status, own.body["code"]) == (409, "own_rights")


def test_sessions_are_ended(client: ApiClient) -> None:
    user = make_user()
    sessions.begin(user=user, device=Device())
    assert client.post(f"{USERS}/{user.pk}/end-sessions").data == {"sessions_ended": 1}
    assert not Session.objects.filter(user=user, revoked_at=None).exists()
    assert client.post(f"{USERS}/{user.pk}/end-sessions").data == {"sessions_ended": 0}


@pytest.mark.parametrize("role", ["customer", "manager"])
def test_nobody_else_learns_who_there_is(role: str, administrator: User) -> None:
    client = ApiClient(make_user(role=role))
    nobody = "00000000-0000-0000-0000-000000000000"
    for method, end in (("GET", ""), ("PATCH", ""), ("POST", "/end-sessions")):
        replies = [client.call(method, f"{USERS}/{pk}{end}", {}).body for pk in (administrator.pk, nobody)]
        assert [reply["code"] for reply in replies] == ["permission_denied"] * 2
    assert client.get(USERS).status == 403
    assert ApiClient().get(USERS).status == 401
