"""A key is its maker's: it does what they may do now, and nothing once they work for the shop no more."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.urls import reverse

from accounts.auth import find_machine
from accounts.enums import Role
from accounts.models import ApiKey, User
from accounts.services import api_keys, erasure, roles, users
from accounts.tests.factories import make_user
from fantasize.core.models import DomainEvent
from fantasize.tests.client import ApiClient
from fantasize.tests.staff import signed_in
from orders.tests.factories import make_order

pytestmark = pytest.mark.django_db

SCOPES = ("orders.view_order", "orders.change_order")


@pytest.fixture
def boss() -> User:
    return make_user(role="administrator")


@pytest.fixture
def maker(boss: User) -> User:
    return make_user(role="administrator")


@pytest.fixture
def key(maker: User) -> str:
    scopes = Permission.objects.filter(content_type__app_label="orders", codename__in=["view_order", "change_order"])
    _, key = api_keys.create(actor=maker, name="factory", scopes=scopes)
    return key


def status(key: str) -> tuple[int, str]:
    reply = ApiClient().get("/orders", X_API_Key=key)
    return reply.status, reply.body.get("code", "")


def scopes_of(key: str) -> set[str]:
    machine = find_machine(key)
    assert machine is not None
    return set(machine.scopes)


LEAVING: dict[str, Callable[[User, User], Any]] = {
    "deactivated": lambda boss, maker: users.change(actor=boss, user=maker, is_active=False),
    "made a customer": lambda boss, maker: users.change(actor=boss, user=maker, role=Role.CUSTOMER),
    "erased": lambda boss, maker: erasure.erase_for(actor=boss, user=maker),
}


@pytest.mark.parametrize("leaving", LEAVING)
def test_a_key_ends_with_its_makers_work(boss: User, maker: User, key: str, leaving: str) -> None:
    assert status(key) == (200, "")
    noted = ApiKey.objects.get().last_used_at
    LEAVING[leaving](boss, maker)
    assert status(key) == (401, "api_key_invalid")
    assert ApiKey.objects.get().last_used_at == noted, "it was not used"


def test_it_counts_again_when_its_maker_comes_back(boss: User, maker: User, key: str) -> None:
    users.change(actor=boss, user=maker, is_active=False)
    users.change(actor=boss, user=maker, is_active=True)
    assert status(key) == (200, "")


def test_a_key_does_no_more_than_its_maker_may_do_now(boss: User, maker: User, key: str) -> None:
    order = make_order(user=make_user())
    packers = Group.objects.create(name="packers")
    packers.permissions.add(Permission.objects.get(content_type__app_label="orders", codename="view_order"))
    users.change(actor=boss, user=maker, role=Role.MANAGER, own_roles=[packers])
    assert scopes_of(key) == set(SCOPES), "managers may do both"
    manager = Group.objects.get(name="manager")
    left = manager.permissions.exclude(content_type__app_label="orders")
    roles.edit(actor=boss, role=manager, permissions=left, requires_mfa=False)
    assert scopes_of(key) == {"orders.view_order"}
    client, events = ApiClient(), DomainEvent.objects.filter(aggregate="order").count()
    assert client.get(f"/orders/{order.pk}", X_API_Key=key).status == 200
    assert client.call("PUT", f"/orders/{order.pk}/status", {"status": "processing"}, X_API_Key=key).status == 403
    assert DomainEvent.objects.filter(aggregate="order").count() == events


def test_a_key_gains_nothing_from_what_its_maker_gains(boss: User, maker: User, key: str) -> None:
    User.objects.filter(pk=maker.pk).update(is_superuser=True)
    assert scopes_of(key) == set(SCOPES)


@pytest.mark.parametrize("made_by", ["", "system"])
def test_a_key_that_nobody_answers_for_opens_nothing(key: str, made_by: str) -> None:
    ApiKey.objects.update(created_by=made_by)
    assert find_machine(key) is None


def test_the_list_says_that_a_maker_has_left(boss: User, maker: User, key: str) -> None:
    api_keys.create(actor=boss, name="exports", scopes=[])
    users.change(actor=boss, user=maker, is_active=False)
    browser = signed_in(boss)
    page = browser.get(reverse("admin:accounts_apikey_changelist")).content.decode()
    assert (page.count("Maker left"), page.count("Active")) == (1, 1)
    [row] = ApiKey.objects.filter(name="factory")
    assert browser.get(reverse("admin:accounts_apikey_change", args=[row.pk])).status_code == 200
