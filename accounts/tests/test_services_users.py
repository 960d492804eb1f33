"""Other people's accounts: who may change what of whom, and what becomes of it."""

import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection, transaction

from accounts.enums import Role
from accounts.models import Session, User
from accounts.services import access, sessions, users
from accounts.services.access import Access
from accounts.services.sessions import Device
from accounts.tests.factories import PASSWORD, make_user
from accounts.tokens import authenticate_access, issue_access
from fantasize.core import mail
from fantasize.core.errors import ConflictError, DomainError, ForbiddenError, InvalidError, UnauthenticatedError
from fantasize.core.models import DomainEvent
from fantasize.tests.waiting import PATIENCE_SECONDS

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator() -> User:
    return make_user(role="administrator")


@pytest.fixture(autouse=True)
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str, Any]]:
    mails: list[tuple[str, str, Any]] = []
    monkeypatch.setattr(mail, "send_later", lambda name, *, to, context: mails.append((name, to, context)))
    return mails


def own_role(name: str, *codenames: str) -> Group:
    role = Group.objects.create(name=name)
    for label, codename in (text.split(".") for text in codenames):
        role.permissions.add(Permission.objects.get(content_type__app_label=label, codename=codename))
    return role


def rights(user: User) -> tuple[Any, ...]:
    fresh = User.objects.get(pk=user.pk)
    return Access.of(fresh), fresh.rights_version, set(Session.objects.filter(user=user, revoked_at=None))


def told() -> list[tuple[str, str]]:
    return list(DomainEvent.objects.filter(aggregate="user").values_list("name", "actor").order_by("pk"))


def refused(error: type[DomainError], act: Callable[[], Any]) -> str:
    with pytest.raises(error) as caught:
        act()
    return caught.value.code


def test_an_administrator_makes_a_manager_whose_tokens_end_and_whose_sign_in_stays(
    administrator: User, sent: list[Any]
) -> None:
    user = make_user()
    session = sessions.begin(user=user, device=Device()).session
    token = issue_access(session)
    changed = users.change(actor=administrator, user=user, role=Role.MANAGER)
    assert (changed.role, User.objects.get(pk=user.pk).role) == (Role.MANAGER, Role.MANAGER)
    assert changed.has_perm("orders.change_order")
    with pytest.raises(UnauthenticatedError) as caught:
        authenticate_access(token)
    assert caught.value.code == "token_expired"
    session = Session.objects.select_related("user").get(pk=session.pk)
    assert authenticate_access(issue_access(session)).user.role == Role.MANAGER
    assert sent == [("accounts/role_changed", user.email, {"role": "Manager"})]
    event = DomainEvent.objects.get(aggregate="user", aggregate_id=str(user.pk))
    assert (event.name, event.actor) == ("user.role_changed", administrator.actor)
    assert event.data == {"previous": "customer", "role": "manager", "groups": ["manager"]}


def test_what_somebody_is_already_changes_nothing(administrator: User, sent: list[Any]) -> None:
    user = make_user(role="manager")
    before = rights(user)
    users.change(actor=administrator, user=user, role=Role.MANAGER, own_roles=[], is_active=True)
    users.change(actor=administrator, user=user)
    assert (rights(user), told(), sent) == (before, [], [])


def test_a_superuser_is_an_administrator_already() -> None:
    root, other = (User.objects.create_superuser(f"root{number}@example.com", PASSWORD) for number in range(2))
    users.change(actor=root, user=other, role=Role.ADMINISTRATOR)
    assert User.objects.get(pk=other.pk).is_superuser
    users.change(actor=root, user=other, role=Role.MANAGER)
    assert User.objects.get(pk=other.pk).role == Role.MANAGER


def test_somebody_deactivated_is_out_everywhere_and_comes_back_signed_out(administrator: User) -> None:
    user = make_user()
    token = issue_access(sessions.begin(user=user, device=Device()).session)
    users.change(actor=administrator, user=user, is_active=False)
    assert Session.objects.get(user=user).revoke_reason == "deactivated"
    users.change(actor=administrator, user=user, is_active=True)
    with pytest.raises(UnauthenticatedError):
        authenticate_access(token)
    assert told() == [("user.deactivated", administrator.actor), ("user.reactivated", administrator.actor)]
    assert User.objects.get(pk=user.pk).is_active


def test_staff_sign_somebody_out_everywhere(administrator: User) -> None:
    user = make_user()
    for _ in range(2):
        sessions.begin(user=user, device=Device())
    assert users.end_sessions(actor=administrator, user=user) == 2
    assert {session.revoke_reason for session in Session.objects.filter(user=user)} == {"staff"}
    assert told() == [("user.sessions_ended", administrator.actor)]


@pytest.mark.parametrize("role", [Role.CUSTOMER, Role.MANAGER])
def test_whoever_looks_after_nobody_changes_nobody(role: Role) -> None:
    actor, user = make_user(role=role), make_user()
    sessions.begin(user=user, device=Device())
    before = rights(user)
    refused(ForbiddenError, partial(users.change, actor=actor, user=user, role=Role.MANAGER))
    refused(ForbiddenError, partial(users.change, actor=actor, user=user, is_active=False))
    refused(ForbiddenError, partial(users.end_sessions, actor=actor, user=user))
    assert (rights(user), told()) == (before, [])


def test_nobody_gives_what_they_have_not(administrator: User) -> None:
    role = own_role("auditors", "core.view_domainevent")
    user = make_user(role="manager")
    before = rights(user)
    change = partial(users.change, actor=administrator, user=user, own_roles=[role])
    assert refused(ForbiddenError, change) == "cannot_grant"
    crown = partial(
        users.change_access,
        actor=administrator,
        user=user,
        edit=lambda now: Access(now.is_active, True, True, now.roles),
    )
    assert refused(ForbiddenError, crown) == "cannot_grant"
    assert (rights(user), told()) == (before, [])


def test_nobody_takes_what_they_have_not(administrator: User) -> None:
    role = own_role("auditors", "core.view_domainevent")
    user = make_user(role="manager")
    user.groups.add(role)
    refused(ForbiddenError, partial(users.change, actor=administrator, user=user, own_roles=[]))
    refused(ForbiddenError, partial(users.change, actor=administrator, user=user, role=Role.CUSTOMER))
    assert set(user.groups.all()) == {role, Group.objects.get(name="manager")}


def test_who_manages_people_and_not_roles_keeps_customers_out_and_makes_no_staff() -> None:
    support = make_user(is_staff=True)
    support.groups.add(own_role("support", "accounts.view_user", "accounts.change_user"))
    user = make_user()
    assert refused(ForbiddenError, partial(users.change, actor=support, user=user, role=Role.MANAGER)) == "cannot_grant"
    users.change(actor=support, user=user, is_active=False)
    assert not User.objects.get(pk=user.pk).is_active
    refused(ForbiddenError, partial(users.change, actor=support, user=make_user(role="manager"), is_active=False))


def test_a_shops_own_roles_come_and_go_with_staff(administrator: User) -> None:
    engravers, packers = own_role("engravers", "orders.view_order"), own_role("packers")
    user = make_user()
    code = refused(InvalidError, partial(users.change, actor=administrator, user=user, own_roles=[engravers]))
    assert (code, user.groups.count()) == ("invalid", 0)
    users.change(actor=administrator, user=user, role=Role.MANAGER, own_roles=[engravers])
    users.change(actor=administrator, user=user, own_roles=[packers])
    assert set(user.groups.values_list("name", flat=True)) == {"manager", "packers"}
    users.change(actor=administrator, user=user, role=Role.CUSTOMER)
    assert not user.groups.exists()


def test_nobody_changes_their_own_rights(administrator: User) -> None:
    before = rights(administrator)
    make_user(role="administrator")
    for wanted in ({"role": Role.MANAGER}, {"is_active": False}, {"own_roles": [own_role("engravers")]}):
        change = partial(users.change, actor=administrator, user=administrator, **wanted)
        assert refused(ConflictError, change) == "own_rights"
    assert (rights(administrator), told()) == (before, [])


def everything(name: str) -> Group:
    """A role of the shop's own with all that administrators may do."""
    role = Group.objects.create(name=name)
    role.permissions.set(Group.objects.get(name="administrator").permissions.all())
    return role


@pytest.mark.parametrize("wanted", [{"role": Role.MANAGER}, {"role": Role.CUSTOMER}, {"is_active": False}])
def test_the_last_administrator_stays(administrator: User, wanted: dict[str, Any]) -> None:
    head = make_user(is_staff=True)
    head.groups.add(everything("heads"))
    make_user(role="administrator", is_active=False)
    before = rights(administrator)
    change = partial(users.change, actor=head, user=administrator, **wanted)
    assert refused(ConflictError, change) == "last_administrator"
    assert (rights(administrator), told()) == (before, [])
    make_user(role="administrator")
    change()
    assert not Access.of(User.objects.get(pk=administrator.pk)).is_administrator


def test_who_was_erased_stays_so(administrator: User) -> None:
    user = make_user(is_active=False, erased_at=Session().created_at)
    refused(ForbiddenError, partial(users.change, actor=administrator, user=user, is_active=True))
    assert not User.objects.get(pk=user.pk).is_active


def demote_one_another(people: list[User]) -> list[str]:
    """Each makes the next a customer, all at once; what became of each attempt."""
    meeting, outcomes = threading.Barrier(len(people)), []

    def demote(actor: User, user: User) -> None:
        meeting.wait()
        try:
            users.change(actor=actor, user=user, role=Role.CUSTOMER)
            outcomes.append("done")
        except DomainError as error:
            outcomes.append(error.code)
        finally:
            connection.close()

    pairs = zip(people, people[1:] + people[:1], strict=True)
    threads = [threading.Thread(target=demote, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def administrators_left() -> int:
    return sum(Access.of(user).is_administrator for user in User.objects.all())


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("count", [2, 4])
def test_of_administrators_who_demote_one_another_at_once_one_stays(count: int) -> None:
    outcomes = demote_one_another([make_user(role="administrator") for _ in range(count)])
    assert administrators_left() >= 1
    assert outcomes.count("done") == count - administrators_left()
    assert set(outcomes) <= {"done", "permission_denied", "last_administrator", "cannot_grant"}


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_two_administrators_can_demote_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: both look, then both write."""
    both_looked = threading.Barrier(2)
    monkeypatch.setattr(users, "lock_rights", lambda: None)
    allow = users._require_allowed

    def look_and_wait(*args: Any) -> None:
        allow(*args)
        both_looked.wait(PATIENCE_SECONDS)

    monkeypatch.setattr(users, "_require_allowed", look_and_wait)
    assert demote_one_another([make_user(role="administrator") for _ in range(2)]) == ["done", "done"]
    assert administrators_left() == 0


def test_the_lock_lets_people_be_given_roles_meanwhile(administrator: User) -> None:
    """Foreign keys to the locked role can be written: nobody who registers or signs in waits."""
    with transaction.atomic():
        access.lock_rights()
        make_user(role="administrator")
    assert administrators_left() == 2
