"""Rights in the admin: given by the same rules as everywhere, shown once, taken at once, and all of it on record."""

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import reverse

from accounts.auth import find_machine
from accounts.models import ApiKey, RolePolicy, Session, User
from accounts.services import sessions
from accounts.services.sessions import Device
from accounts.tests.factories import PASSWORD, make_user
from accounts.tests.test_admin import form_of, url
from fantasize.core.models import DomainEvent
from fantasize.tests.staff import make_viewer, said, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator() -> User:
    return make_user(email="root@example.com", role="administrator")


@pytest.fixture
def client(administrator: User) -> Client:
    return signed_in(administrator)


def group(name: str) -> Group:
    return Group.objects.get(name=name)


def permissions_of(role: str) -> list[int]:
    return list(group(role).permissions.values_list("pk", flat=True))


def scope(codename: str) -> int:
    return Permission.objects.get(codename=codename).pk


def auditors() -> Group:
    """A role with a right that administrators have not."""
    role = Group.objects.create(name="auditors")
    role.permissions.add(scope("view_domainevent"))
    return role


def test_a_role_given_here_ends_tokens_and_is_told_of_as_anywhere(client: Client, administrator: User) -> None:
    user = make_user()
    session = sessions.begin(user=user, device=Device()).session
    client.post(url(user), form_of(user, is_staff="on", groups=[group("manager").pk]))
    user.refresh_from_db()
    assert (user.role, user.rights_version) == ("manager", 1)
    assert DomainEvent.objects.get(aggregate="user").actor == administrator.actor
    assert Session.objects.get(pk=session.pk).revoked_at is None


def test_somebody_kept_out_here_is_out_everywhere(client: Client) -> None:
    user = make_user()
    sessions.begin(user=user, device=Device())
    client.post(url(user), form_of(user, is_active=None))
    assert not User.objects.get(pk=user.pk).is_active
    assert Session.objects.get(user=user).revoke_reason == "deactivated"


def test_another_name_is_no_change_of_rights(client: Client) -> None:
    user = make_user(role="manager")
    client.post(url(user), form_of(user, first_name="Ada"))
    assert (User.objects.get(pk=user.pk).first_name, DomainEvent.objects.count()) == ("Ada", 0)


def test_another_address_has_to_be_confirmed(client: Client) -> None:
    user = make_user()
    client.post(url(user), form_of(user, email="other@example.com"))
    user.refresh_from_db()
    assert (user.email, user.email_verified_at) == ("other@example.com", None)


@pytest.mark.parametrize("page", ["change", "add"])
def test_a_role_with_more_rights_than_ones_own_is_given_to_nobody(client: Client, page: str) -> None:
    user, role = make_user(role="manager"), auditors()
    passwords = {"password1": "another-good-horse", "password2": "another-good-horse", "usable_password": "true"}
    form = {**form_of(user, groups=[role.pk]), **(passwords if page == "add" else {})}
    form["email"] = "new@example.com"
    address = url(user) if page == "change" else reverse("admin:accounts_user_add")
    before = list(User.objects.order_by("pk").values())
    assert said(client.post(address, form)) == ["You cannot give or take rights that you do not have."]
    assert list(User.objects.order_by("pk").values()) == before
    assert not role.user_set.exists()


def test_nobody_changes_their_own_rights(client: Client, administrator: User) -> None:
    make_user(role="administrator")
    answer = client.post(url(administrator), form_of(administrator, is_active=None))
    assert said(answer) == ["Nobody changes their own rights. Ask somebody else."]
    assert User.objects.get(pk=administrator.pk).is_active
    assert client.post(url(administrator), form_of(administrator, first_name="Ada")).status_code == 302
    assert User.objects.get(pk=administrator.pk).first_name == "Ada"


def test_who_was_erased_cannot_be_changed(client: Client) -> None:
    user = make_user(is_active=False, erased_at=DomainEvent().occurred_at)
    assert client.post(url(user), form_of(user, is_active="on")).status_code == 403
    assert not User.objects.get(pk=user.pk).is_active


def test_a_button_signs_somebody_out_everywhere(client: Client) -> None:
    user = make_user()
    sessions.begin(user=user, device=Device())
    assert "data-end-sessions" in client.get(url(user)).content.decode()
    address = reverse("admin:accounts_user_end_sessions", args=[user.pk])
    assert client.get(address).status_code == 405
    assert said(client.post(address)) == [f"{user} was signed out of 1 place."]
    assert not Session.objects.filter(user=user, revoked_at=None).exists()
    assert LogEntry.objects.get(object_id=str(user.pk)).change_message == "Ended all sessions."
    absent = reverse("admin:accounts_user_end_sessions", args=["00000000-0000-4000-8000-000000000000"])
    assert client.post(absent).status_code == 404


@pytest.mark.parametrize("permissions", [[], ["accounts.view_user"], ["accounts.view_user", "accounts.change_user"]])
def test_the_button_works_for_who_may_change_the_person_only(permissions: list[str], administrator: User) -> None:
    sessions.begin(user=administrator, device=Device())
    client = signed_in(make_viewer(*permissions))
    assert client.post(reverse("admin:accounts_user_end_sessions", args=[administrator.pk])).status_code == 403
    assert Session.objects.filter(user=administrator, revoked_at=None).exists()
    if permissions:
        assert "data-end-sessions" not in client.get(url(administrator)).content.decode()


def role_form(name: str, **changes: Any) -> dict[str, Any]:
    return {"name": name, "permissions": permissions_of(name), **changes}


def role_page(name: str) -> str:
    return reverse("admin:auth_group_change", args=[group(name).pk])


def test_a_switch_has_a_role_ask_for_a_second_factor(client: Client) -> None:
    user = make_user(role="manager")
    assert "requires_mfa" in client.get(role_page("manager")).content.decode()
    client.post(role_page("manager"), role_form("manager", requires_mfa="on"))
    assert RolePolicy.objects.get(role=group("manager")).requires_mfa
    assert User.objects.get(pk=user.pk).rights_version == user.rights_version + 1
    assert client.get(role_page("manager")).context["adminform"].form["requires_mfa"].initial is True
    client.post(role_page("manager"), role_form("manager"))
    assert not RolePolicy.objects.get(role=group("manager")).requires_mfa
    assert LogEntry.objects.filter(object_id=str(group("manager").pk)).count() == 2


def test_customers_are_asked_for_none(client: Client) -> None:
    assert "requires_mfa" not in client.get(role_page("customer")).content.decode()
    form = role_form("customer", permissions=[], requires_mfa="on")
    assert client.post(role_page("customer"), form).status_code == 302
    assert permissions_of("customer") == []
    assert not RolePolicy.objects.filter(requires_mfa=True).exists()


def test_a_role_gives_no_more_than_its_editor_has(client: Client) -> None:
    before = permissions_of("manager")
    given = [*before, scope("view_domainevent")]
    for address, name in ((role_page("manager"), "manager"), (reverse("admin:auth_group_add"), "spies")):
        form = client.post(address, {"name": name, "permissions": given}).context["adminform"].form
        assert "permissions" in form.errors
        offered = set(form.fields["permissions"].queryset.values_list("codename", flat=True))
        assert {"view_order", "change_user"} <= offered
        assert "view_domainevent" not in offered
    assert permissions_of("manager") == before
    assert not Group.objects.filter(name="spies").exists()


def test_a_role_that_gives_more_than_ones_own_is_looked_at_only(client: Client) -> None:
    role = auditors()
    assert client.get(role_page("auditors")).status_code == 200
    assert client.post(role_page("auditors"), {"name": "mine"}).status_code == 403
    assert client.post(reverse("admin:auth_group_delete", args=[role.pk]), {"post": "yes"}).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": [role.pk], "post": "yes"}
    client.post(reverse("admin:auth_group_changelist"), chosen)
    assert permissions_of("auditors") == [scope("view_domainevent")]


def test_roles_are_deleted_together(client: Client) -> None:
    engravers, packers = (Group.objects.create(name=name) for name in ("engravers", "packers"))
    user = make_user(role="manager")
    user.groups.add(engravers)
    chosen = {"action": "delete_selected", "_selected_action": [engravers.pk, packers.pk], "post": "yes"}
    client.post(reverse("admin:auth_group_changelist"), chosen)
    assert set(Group.objects.values_list("name", flat=True)) == {"administrator", "customer", "manager"}
    assert User.objects.get(pk=user.pk).rights_version == user.rights_version + 1


KEYS = "admin:accounts_apikey_changelist"


def make_key(client: Client, **form: Any) -> Any:
    fields = {"name": "factory", "expiry_date_0": "2999-01-01", "expiry_date_1": "00:00:00", **form}
    return client.post(reverse("admin:accounts_apikey_add"), fields)


def test_a_key_is_shown_once_and_opens_what_it_says(client: Client, administrator: User) -> None:
    assert client.get(reverse("admin:accounts_apikey_add")).status_code == 200
    answer = make_key(client, scopes=[scope("view_order")])
    key = answer.context["key"]
    assert f"data-key>{key}<" in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    machine, row = find_machine(key), ApiKey.objects.get()
    assert machine is not None
    assert machine.scopes == {"orders.view_order"}
    assert row.created_by == administrator.actor
    for address in (reverse(KEYS), key_page(row), reverse("admin:accounts_apikey_history", args=[row.pk])):
        page = client.get(address)
        assert page.status_code == 200
        assert key.partition(".")[2] not in page.content.decode()
        assert row.hashed_key not in page.content.decode()
    assert LogEntry.objects.get(object_id=row.prefix).action_flag == 1


def key_page(row: ApiKey) -> str:
    return reverse("admin:accounts_apikey_change", args=[row.pk])


def test_a_key_is_revoked_for_good(client: Client) -> None:
    key = make_key(client, scopes=[scope("view_order")]).context["key"]
    row = ApiKey.objects.get()
    assert "data-revoke" in client.get(key_page(row)).content.decode()
    revoke = reverse("admin:accounts_apikey_revoke", args=[row.pk])
    assert signed_in(make_viewer("accounts.view_apikey")).post(revoke).status_code == 403
    assert find_machine(key) is not None
    assert client.get(revoke).status_code == 405
    assert said(client.post(revoke)) == ["factory opens nothing any more."]
    assert find_machine(key) is None
    assert "data-revoke" not in client.get(key_page(row)).content.decode()
    assert "Revoked" in client.get(reverse(KEYS)).content.decode()
    assert client.post(reverse("admin:accounts_apikey_revoke", args=["nothing"])).status_code == 404


def test_a_key_may_do_no_more_than_its_maker(client: Client) -> None:
    form = make_key(client, scopes=[scope("change_user")]).context["adminform"].form
    assert "scopes" in form.errors
    offered = {permission.codename for permission in form.fields["scopes"].queryset}
    assert {"view_order", "change_product"} <= offered
    assert not offered & {"change_user", "change_group", "add_apikey", "view_domainevent"}
    keeper = make_viewer("accounts.add_apikey", "accounts.view_apikey", "orders.view_order")
    assert "scopes" in make_key(signed_in(keeper), scopes=[scope("view_product")]).context["adminform"].form.errors
    assert not ApiKey.objects.exists()


def test_a_key_that_has_expired_already_is_not_made(client: Client) -> None:
    answer = make_key(client, expiry_date_0="2001-01-01")
    assert said(answer) == ["A key expires in the future."]
    assert not ApiKey.objects.exists()


def test_pages_of_libraries_that_show_secrets_are_not_there() -> None:
    admin.autodiscover()
    labels = {model._meta.label for model in admin.site._registry}
    assert not {label for label in labels if label.split(".")[0] in ("account", "mfa", "socialaccount")}
    assert "rest_framework_api_key.APIKey" not in labels


def test_an_oracle_for_hashes_is_not_there() -> None:
    client = signed_in(User.objects.create_superuser("s@example.com", PASSWORD))
    for address, lookup in (
        ("admin:accounts_user_changelist", "password__startswith"),
        ("admin:accounts_session_changelist", "user__password__startswith"),
        ("admin:accounts_session_changelist", "refresh_tokens__token_hash__startswith"),
        ("admin:accounts_apikey_changelist", "hashed_key__startswith"),
        ("admin:orders_order_changelist", "user__password__startswith"),
        ("admin:auth_group_changelist", "user__password__startswith"),
    ):
        answer = client.get(reverse(address), {lookup: "a"})
        assert answer.status_code in (302, 400), (address, lookup)


def test_a_superuser_gives_everything() -> None:
    client = signed_in(User.objects.create_superuser("s@example.com", PASSWORD))
    given = [*permissions_of("manager"), scope("view_domainevent")]
    client.post(role_page("manager"), role_form("manager", permissions=given))
    assert set(permissions_of("manager")) == set(given)


def test_the_customers_role_is_given_to_nobody(client: Client) -> None:
    user = make_user(role="manager")
    form = form_of(user, groups=[group("manager").pk, group("customer").pk])
    assert "groups" in client.post(url(user), form).context["adminform"].form.errors
    assert not group("customer").user_set.exists()
