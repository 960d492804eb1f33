"""Roles: given once, the shop's own afterwards."""

from typing import Any

import pytest
from django.apps import apps
from django.apps.registry import Apps
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command

from accounts.enums import Role
from accounts.models import RoleGrant, User
from accounts.services import roles
from accounts.tests.factories import make_user
from fantasize.core import grants

pytestmark = pytest.mark.django_db

DECLARED = {
    "manager": frozenset({"accounts.view_session"}),
    "administrator": frozenset({"accounts.view_session", "accounts.change_user", "later.view_thing"}),
}


@pytest.fixture
def declared(monkeypatch: pytest.MonkeyPatch) -> dict[str, frozenset[str]]:
    """Roles as they are before the first migrate, and grants that a test may change."""
    Group.objects.all().delete()
    current = dict(DECLARED)
    monkeypatch.setattr(grants, "declared", lambda: current)
    return current


def held(role: str) -> set[str]:
    permissions = Group.objects.get(name=role).permissions.values_list("content_type__app_label", "codename")
    return {f"{label}.{codename}" for label, codename in permissions}


def grant_named(codename: str) -> Permission:
    return Permission.objects.get(content_type__app_label="accounts", codename=codename)


def test_migrating_gives_every_role_what_the_apps_declare() -> None:
    for role, permissions in grants.declared().items():
        assert held(role) == permissions


def test_administrators_manage_people() -> None:
    user = make_user(role="administrator")
    assert user.has_perms(["accounts.view_user", "accounts.change_user", "auth.change_group", "accounts.view_session"])
    assert not make_user(role="manager").has_perm("accounts.change_user")


def test_syncing_twice_changes_nothing(declared: dict[str, frozenset[str]]) -> None:
    roles.sync_roles()
    rows = list(RoleGrant.objects.order_by("pk").values())
    roles.sync_roles()
    assert list(RoleGrant.objects.order_by("pk").values()) == rows
    assert held("manager") == {"accounts.view_session"}
    assert held("administrator") == {"accounts.view_session", "accounts.change_user"}
    assert str(RoleGrant.objects.get(permission="accounts.change_user")) == "administrator accounts.change_user"


def test_what_a_shop_takes_away_stays_away_and_what_it_adds_stays(declared: dict[str, frozenset[str]]) -> None:
    roles.sync_roles()
    manager = Group.objects.get(name="manager")
    manager.permissions.set([grant_named("view_address")])
    roles.sync_roles()
    assert held("manager") == {"accounts.view_address"}


def test_a_permission_declared_later_is_added_once(declared: dict[str, frozenset[str]]) -> None:
    roles.sync_roles()
    declared["manager"] |= {"accounts.view_user"}
    roles.sync_roles()
    assert held("manager") == {"accounts.view_session", "accounts.view_user"}
    Group.objects.get(name="manager").permissions.clear()
    roles.sync_roles()
    assert held("manager") == set()


def test_a_role_that_was_deleted_starts_afresh(declared: dict[str, frozenset[str]]) -> None:
    roles.sync_roles()
    Group.objects.get(name="manager").delete()
    roles.sync_roles()
    assert held("manager") == {"accounts.view_session"}


def test_after_migrate_only_apps_with_grants_sync(declared: dict[str, frozenset[str]]) -> None:
    roles.sync_after_migrate(app_config=apps.get_app_config("sessions"), verbosity=0)
    assert not Group.objects.exists()
    roles.sync_after_migrate(app_config=apps.get_app_config("accounts"), verbosity=0)
    assert {"manager", "administrator"} == set(Group.objects.values_list("name", flat=True))


def test_migrating_back_before_our_tables_syncs_nothing(declared: dict[str, frozenset[str]]) -> None:
    roles.sync_after_migrate(app_config=apps.get_app_config("accounts"), apps=Apps())
    assert not Group.objects.exists()


def test_the_migrate_command_syncs(declared: dict[str, frozenset[str]]) -> None:
    call_command("migrate", verbosity=0, interactive=False)
    assert held("manager") == {"accounts.view_session"}


@pytest.mark.parametrize("role", list(Role))
def test_a_role_is_exactly_one_built_in_group(role: Role) -> None:
    user = make_user(role="manager")
    assert user.has_perm("accounts.change_user") is False
    roles.assign_role(user=user, role=role)
    for person in (user, User.objects.get(pk=user.pk)):
        assert person.role == role
        assert person.is_staff is (role != Role.CUSTOMER)
        assert person.has_perm("accounts.change_user") is (role == Role.ADMINISTRATOR)
    assert set(user.groups.values_list("name", flat=True)) == ({role} if role != Role.CUSTOMER else set())


def test_a_new_role_takes_superpowers_away_and_leaves_the_shops_own_groups_to_staff() -> None:
    own: Any = Group.objects.create(name="engravers")
    user = User.objects.create_superuser("root@example.com", "correct-horse-battery")
    user.groups.add(own)
    roles.assign_role(user=user, role=Role.MANAGER)
    user.refresh_from_db()
    assert (user.is_staff, user.is_superuser) == (True, False)
    assert set(user.groups.values_list("name", flat=True)) == {"manager", "engravers"}
    roles.assign_role(user=user, role=Role.CUSTOMER)
    assert not user.groups.exists()
