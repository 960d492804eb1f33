"""People in the admin: found, changed by whoever may, never deleted, and no hash on any page."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Session, User
from accounts.services import login, sessions
from accounts.services.sessions import Device
from accounts.tests.factories import PASSWORD, make_user
from fantasize.tests.staff import signed_in

pytestmark = pytest.mark.django_db

USERS = "admin:accounts_user_changelist"
NEW_PASSWORD = "another-good-horse"


@pytest.fixture
def administrator() -> User:
    return make_user(email="root@example.com", role="administrator")


@pytest.fixture
def client(administrator: User) -> Client:
    return signed_in(administrator)


def url(user: User, page: str = "change") -> str:
    if page == "password":
        return reverse("admin:auth_user_password_change", args=[user.pk])
    return reverse(f"admin:accounts_user_{page}", args=[user.pk])


def form_of(user: User, **changes: Any) -> dict[str, Any]:
    form: dict[str, Any] = {
        "email": user.email,
        "username": user.username or "",
        "first_name": user.first_name,
        "last_name": user.last_name,
        "groups": list(user.groups.values_list("pk", flat=True)),
        **({"is_active": "on"} if user.is_active else {}),
        **({"is_staff": "on"} if user.is_staff else {}),
    }
    return {name: value for name, value in {**form, **changes}.items() if value is not None}


def listed(client: Client, term: str) -> set[str]:
    response = client.get(reverse(USERS), {"q": term})
    return {user.email for user in response.context["cl"].result_list}


def test_people_are_found_by_address_and_username(client: Client) -> None:
    make_user(email="lovelace@example.com", username="ada")
    make_user(email="byron@example.com")
    assert listed(client, "LOVE") == {"lovelace@example.com"}
    assert listed(client, " Ada ") == {"lovelace@example.com"}
    assert listed(client, "%") == set()
    assert len(listed(client, "")) == 3


def test_the_list_costs_the_same_however_long(client: Client) -> None:
    counts = []
    for _ in range(2):
        make_user(role="manager")
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse(USERS)).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_no_page_shows_anything_of_a_password(client: Client) -> None:
    user = make_user()
    for address in (reverse(USERS), url(user), url(user, "password"), url(user, "history")):
        response = client.get(address)
        assert response.status_code == 200
        body = response.content.decode()
        assert user.password not in body
        assert "md5" not in body.lower()


def test_an_administrator_changes_people_and_the_change_is_kept_on_record(client: Client) -> None:
    user, manager = make_user(), Group.objects.get(name="manager")
    form = form_of(user, first_name="Ada", username="Ada", is_staff="on", groups=[manager.pk])
    assert client.post(url(user), form).status_code == 302
    user = User.objects.get(pk=user.pk)
    assert (user.first_name, user.username, user.role, user.is_superuser) == ("Ada", "Ada", "manager", False)
    assert LogEntry.objects.filter(object_id=str(user.pk)).count() == 1


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"email": "Taken@Example.com"}, "email"),
        ({"username": "TAKEN"}, "__all__"),
        ({"username": "a b"}, "username"),
        ({"email": ""}, "email"),
        ({"first_name": "Ada\nBcc: eve@example.com"}, "first_name"),
        ({"last_name": "\u202eada"}, "last_name"),
    ],
)
def test_the_form_refuses_what_the_api_refuses(client: Client, changes: dict[str, Any], fault: str) -> None:
    make_user(email="taken@example.com", username="taken")
    user = make_user(email="ada@example.com")
    response = client.post(url(user), form_of(user, **changes))
    assert response.status_code == 200
    assert fault in response.context["adminform"].form.errors
    assert User.objects.get(pk=user.pk).email == "ada@example.com"


def test_a_name_that_shows_nothing_is_none(client: Client) -> None:
    user = make_user(first_name="Ada")
    assert client.post(url(user), form_of(user, first_name="\u200b")).status_code == 302
    assert User.objects.get(pk=user.pk).first_name == ""


def test_a_role_needs_staff(client: Client) -> None:
    user = make_user()
    response = client.post(url(user), form_of(user, groups=[Group.objects.get(name="manager").pk]))
    assert "is_staff" in response.context["adminform"].form.errors
    assert not user.groups.exists()


def test_an_administrator_makes_no_superuser(client: Client) -> None:
    user = make_user()
    assert client.post(url(user), form_of(user, is_superuser="on", is_staff="on")).status_code == 302
    user.refresh_from_db()
    assert (user.is_staff, user.is_superuser) == (True, False)


def test_a_superuser_makes_a_superuser() -> None:
    root = User.objects.create_superuser("root@example.com", PASSWORD)
    user = make_user()
    signed_in(root).post(url(user), form_of(user, is_superuser="on", is_staff="on"))
    user.refresh_from_db()
    assert user.is_superuser


@pytest.fixture
def support() -> User:
    """Staff of a shop's own group that may change people and give no rights."""
    group = Group.objects.create(name="support")
    group.permissions.set(Permission.objects.filter(codename__in=["view_user", "change_user", "add_user"]))
    user = make_user(is_staff=True)
    user.groups.add(group)
    return user


def test_whoever_gives_no_rights_changes_customers_names_and_nothing_of_their_rights(support: User) -> None:
    user = make_user()
    administrators = Group.objects.get(name="administrator").pk
    form = form_of(user, first_name="Ada", is_staff="on", is_superuser="on", groups=[administrators])
    assert signed_in(support).post(url(user), form).status_code == 302
    user = User.objects.get(pk=user.pk)
    assert (user.first_name, user.is_staff, user.is_superuser) == ("Ada", False, False)
    assert not user.groups.exists()


@pytest.mark.parametrize("role", ["manager", "administrator", "superuser"])
def test_whoever_gives_no_rights_touches_no_staff(support: User, role: str) -> None:
    user = User.objects.create_superuser("s@example.com", PASSWORD) if role == "superuser" else make_user(role=role)
    before = User.objects.values().get(pk=user.pk)
    client = signed_in(support)
    assert client.post(url(user), form_of(user, email="mine@example.com")).status_code == 403
    assert client.post(url(user, "password"), passwords()).status_code == 403
    assert User.objects.values().get(pk=user.pk) == before


def test_an_administrator_touches_no_superuser(client: Client) -> None:
    root = User.objects.create_superuser("s@example.com", PASSWORD)
    assert client.post(url(root, "password"), passwords()).status_code == 403
    assert client.post(url(root), form_of(root, is_active=None)).status_code == 403
    root.refresh_from_db()
    assert root.check_password(PASSWORD)
    assert root.is_active


@pytest.mark.parametrize("role", ["manager", "customer"])
def test_managers_and_customers_see_nobody(role: str) -> None:
    client, user = signed_in(make_user(role=role)), make_user()
    for address in (reverse(USERS), url(user), url(user, "password"), reverse("admin:auth_group_changelist")):
        assert client.get(address).status_code == (403 if role == "manager" else 302)
    assert client.post(url(user), form_of(user, first_name="Eve")).status_code == (403 if role == "manager" else 302)
    assert User.objects.get(pk=user.pk).first_name == ""


def passwords(password: str = NEW_PASSWORD) -> dict[str, str]:
    return {"password1": password, "password2": password, "usable_password": "true", "set-password": "1"}


def test_a_new_password_ends_what_was_signed_in_with_the_old_one(client: Client) -> None:
    user = make_user()
    sessions.begin(user=user, device=Device())
    assert client.post(url(user, "password"), passwords()).status_code == 302
    user.refresh_from_db()
    assert user.check_password(NEW_PASSWORD)
    assert Session.objects.get(user=user).revoke_reason == "password"


def test_a_weak_password_is_refused(client: Client) -> None:
    user = make_user()
    sessions.begin(user=user, device=Device())
    assert client.post(url(user, "password"), passwords("12345678")).status_code == 200
    assert User.objects.get(pk=user.pk).check_password(PASSWORD)
    assert Session.objects.get(user=user).revoked_at is None


def test_an_administrator_opens_an_account(client: Client) -> None:
    address = reverse("admin:accounts_user_add")
    assert client.get(address).status_code == 200
    groups = [Group.objects.get(name="manager").pk]
    form = {"email": "New@Example.com", "first_name": "Ada", "is_staff": "on", "groups": groups, **passwords()}
    assert client.post(address, form).status_code == 302
    user = User.objects.get(email="new@example.com")
    assert (user.role, user.username, user.check_password(NEW_PASSWORD)) == ("manager", None, True)
    assert login.login(identifier=user.email, password=NEW_PASSWORD, device=Device()).user == user


def test_nobody_is_deleted(client: Client) -> None:
    user = make_user()
    assert client.post(url(user, "delete"), {"post": "yes"}).status_code == 403
    assert User.objects.filter(pk=user.pk).exists()


def test_roles_are_edited_and_the_built_in_ones_keep_their_name(client: Client) -> None:
    role = Group.objects.get(name="manager")
    address = reverse("admin:auth_group_change", args=[role.pk])
    permission = Permission.objects.get(content_type__app_label="accounts", codename="view_user")
    assert client.get(reverse("admin:auth_group_changelist")).status_code == 200
    assert client.get(address).status_code == 200
    assert client.post(address, {"name": "bosses", "permissions": [permission.pk]}).status_code == 302
    role.refresh_from_db()
    assert (role.name, list(role.permissions.all())) == ("manager", [permission])
    assert client.post(reverse("admin:auth_group_delete", args=[role.pk]), {"post": "yes"}).status_code == 403
    assert Group.objects.filter(pk=role.pk).exists()


def test_a_shops_own_role_comes_and_goes(client: Client) -> None:
    assert client.post(reverse("admin:auth_group_add"), {"name": "engravers"}).status_code == 302
    role = Group.objects.get(name="engravers")
    assert client.post(reverse("admin:auth_group_delete", args=[role.pk]), {"post": "yes"}).status_code == 302
    assert not Group.objects.filter(name="engravers").exists()


def test_sessions_are_looked_at_only(client: Client) -> None:
    session = sessions.begin(user=make_user(email="ada@example.com"), device=Device(user_agent="Firefox/130")).session
    sessions.begin(user=make_user(), device=Device())
    response = client.get(reverse("admin:accounts_session_changelist"), {"q": "ada"})
    assert list(response.context["cl"].result_list) == [session]
    assert "Firefox" in response.content.decode()
    address = reverse("admin:accounts_session_change", args=[session.pk])
    assert client.get(address).status_code == 200
    assert client.post(address, {"revoked_at": ""}).status_code == 403
    assert client.post(reverse("admin:accounts_session_delete", args=[session.pk]), {"post": "yes"}).status_code == 403
    assert client.get(reverse("admin:accounts_session_add")).status_code == 403
