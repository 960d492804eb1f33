"""Roles: given once, the shop's own afterwards."""

from functools import partial
from typing import Any

import pytest
from django.apps import apps
from django.apps.registry import Apps
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command

from accounts import policies
from accounts.enums import Role
from accounts.models import RoleGrant, User
from accounts.services import roles
from accounts.tests.factories import make_user
from fantasize.core import grants
from fantasize.core.errors import ForbiddenError
from fantasize.core.models import DomainEvent

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


@pytest.mark.parametrize("role", list(Role))
def test_people_of_the_tests_are_as_assigning_a_role_leaves_them(role: Role) -> None:
    made, assigned = make_user(role=role), make_user()
    if role != Role.CUSTOMER:
        roles.assign_role(user=assigned, role=role)
    names = ("is_staff", "is_superuser", "rights_version", "is_active", "groups__name")
    first, second = (User.objects.filter(pk=person.pk).values(*names).get() for person in (made, assigned))
    assert first == second


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


@pytest.fixture
def administrator() -> User:
    return make_user(role="administrator")


def edit(actor: User, role: Group, *codenames: str, requires_mfa: bool = False) -> None:
    wanted = Permission.objects.filter(codename__in=codenames)
    roles.edit(actor=actor, role=role, permissions=wanted, requires_mfa=requires_mfa)


def version_of(user: User) -> int:
    return int(User.objects.values_list("rights_version", flat=True).get(pk=user.pk))


def test_an_edited_role_gives_its_people_other_rights_at_once(administrator: User) -> None:
    role, user, other = Group.objects.get(name="manager"), make_user(role="manager"), make_user()
    versions = version_of(user), version_of(other)
    edit(administrator, role, "view_order")
    assert held("manager") == {"orders.view_order"}
    assert (version_of(user), version_of(other)) == (versions[0] + 1, versions[1])
    event = DomainEvent.objects.get(aggregate="role")
    assert (event.name, event.actor, event.data["given"]) == ("role.edited", administrator.actor, [])
    assert "orders.change_order" in event.data["taken"]
    edit(administrator, role, "view_order")
    assert version_of(user) == versions[0] + 1


def test_a_role_gives_no_more_than_its_editor_has(administrator: User) -> None:
    role, user = Group.objects.get(name="manager"), make_user(role="manager")
    before = held("manager"), version_of(user)
    for act in (
        partial(edit, administrator, role, "view_domainevent"),
        partial(edit, make_user(role="manager"), role, "view_order"),
        partial(edit, make_user(), role, "view_order"),
    ):
        with pytest.raises(ForbiddenError) as caught:
            act()
        assert caught.value.code == "cannot_grant"
    assert (held("manager"), version_of(user)) == before
    assert not DomainEvent.objects.filter(aggregate="role").exists()


def test_a_role_that_gives_more_than_its_editor_has_is_left_alone(administrator: User) -> None:
    role = Group.objects.create(name="auditors")
    role.permissions.set(Permission.objects.filter(codename="view_domainevent"))
    for act in (
        partial(edit, administrator, role),
        partial(edit, administrator, role, "view_domainevent", requires_mfa=True),
        partial(roles.delete, actor=administrator, role=role),
    ):
        with pytest.raises(ForbiddenError):
            act()
    assert held("auditors") == {"core.view_domainevent"}


def test_a_deleted_role_takes_its_rights_with_it(administrator: User) -> None:
    role, user = Group.objects.create(name="engravers"), make_user(role="manager")
    user.groups.add(role)
    version = version_of(user)
    roles.delete(actor=administrator, role=role)
    assert not Group.objects.filter(name="engravers").exists()
    assert version_of(user) == version + 1
    assert DomainEvent.objects.get(aggregate="role").data == {"name": "engravers"}


def test_who_has_a_role_that_asks_for_a_second_factor_needs_one(administrator: User) -> None:
    manager, superuser = make_user(role="manager"), User.objects.create_superuser("root@example.com", "x")
    assert not any(policies.requires_mfa(user) for user in (manager, administrator, superuser, make_user()))
    for name in ("manager", "administrator"):
        role = Group.objects.get(name=name)
        codenames = role.permissions.values_list("codename", flat=True)
        edit(superuser, role, *codenames, requires_mfa=True)
        assert [policies.requires_mfa(user) for user in (manager, administrator, superuser, make_user())] == [
            True,
            *[name == "administrator"] * 2,
            False,
        ]


def test_what_customers_may_do_is_the_shops_to_say(administrator: User) -> None:
    customer = make_user()
    assert customer.has_perm("orders.add_order")
    assert not customer.has_perm("orders.view_order")
    edit(administrator, Group.objects.get(name="customer"))
    assert not User.objects.get(pk=customer.pk).has_perm("orders.add_order")
    assert make_user(role="manager").has_perm("orders.add_order")


def test_groups_open_nothing_to_who_is_no_staff() -> None:
    user = make_user()
    user.groups.add(Group.objects.get(name="administrator"))
    assert not user.has_perm("accounts.view_user")


@pytest.mark.parametrize("role", [*Role, "superuser"])
def test_a_role_is_looked_for_as_it_is_told(role: str) -> None:
    people = [make_user(role=name) for name in Role]
    people += [User.objects.create_superuser("root@example.com", "x"), make_user(is_staff=True)]
    wanted = Role.ADMINISTRATOR if role == "superuser" else Role(role)
    assert set(User.objects.having(wanted)) == {user for user in people if user.role == wanted}
