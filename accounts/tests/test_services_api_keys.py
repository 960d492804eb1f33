"""API keys: no more rights than their maker has, known by their hash, over when they are revoked or expired."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from pytest_django import DjangoAssertNumQueries

from accounts.auth import find_machine
from accounts.models import ApiKey, User
from accounts.services import api_keys
from accounts.tests.factories import make_user
from fantasize.core import clock
from fantasize.core.errors import ForbiddenError, InvalidError
from fantasize.tests.client import ApiClient
from fantasize.tests.staff import make_viewer
from orders.tests.factories import make_order

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator() -> User:
    return make_user(role="administrator")


def scope(name: str) -> Permission:
    label, codename = name.split(".")
    return Permission.objects.get(content_type__app_label=label, codename=codename)


def make_key(actor: User, *scopes: str, days: int | None = None) -> tuple[ApiKey, str]:
    expires_at = None if days is None else clock.now() + timedelta(days=days)
    return api_keys.create(actor=actor, name="factory", scopes=map(scope, scopes), expires_at=expires_at)


def test_a_key_is_a_machine_with_its_scopes_and_nothing_else(administrator: User) -> None:
    row, key = make_key(administrator, "orders.view_order", "catalog.view_product")
    machine = find_machine(key)
    assert machine is not None
    assert machine.scopes == {"orders.view_order", "catalog.view_product"}
    assert (str(machine), machine.actor) == (f"factory:{row.prefix}", f"key:factory:{row.prefix}")
    assert (machine.is_staff, machine.is_superuser, machine.has_perm("orders.change_order")) == (False, False, False)
    assert row.created_by == administrator.actor


def test_a_key_without_scopes_may_do_nothing(administrator: User) -> None:
    machine = find_machine(make_key(administrator)[1])
    assert machine is not None
    assert machine.scopes == frozenset()


def test_nothing_that_is_kept_opens_anything(administrator: User) -> None:
    row, key = make_key(administrator, "orders.view_order")
    kept = [str(value) for value in ApiKey.objects.values().get().values()]
    assert row.pk == row.prefix == key.partition(".")[0]
    assert key.partition(".")[2] not in " ".join(kept)
    assert all(find_machine(value) is None for value in kept)


@pytest.mark.parametrize("wrong", ["", ".", "abcdefgh", "abcdefgh.", "\0", "é" * 41, "x" * 5000])
def test_what_looks_like_no_key_costs_no_query(wrong: str, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        assert find_machine(wrong) is None


def test_a_key_with_another_end_is_nobodys(administrator: User) -> None:
    _, key = make_key(administrator, "orders.view_order")
    assert find_machine(key[:-1] + ("a" if key[-1] != "a" else "b")) is None
    assert ApiKey.objects.get().last_used_at is None


def test_an_expired_or_revoked_key_is_refused(administrator: User) -> None:
    _, expiring = make_key(administrator, "orders.view_order", days=1)
    row, revoked = make_key(administrator, "orders.view_order")
    assert ApiClient().get("/orders", X_API_Key=expiring).status == 200
    api_keys.revoke(actor=administrator, key=row)
    api_keys.revoke(actor=administrator, key=row)
    with clock.frozen_at(clock.now() + timedelta(days=1, seconds=1)):
        for key in (expiring, revoked):
            reply = ApiClient().get("/orders", X_API_Key=key)
            assert (reply.status, reply.body["code"]) == (401, "api_key_invalid")


def test_its_last_use_is_written_once_a_minute(
    administrator: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    _, key = make_key(administrator, "orders.view_order", "orders.change_order", "catalog.view_product")
    start = clock.now()
    for seconds, queries, noted in ((0, 4, 0), (59, 3, 0), (60, 4, 60), (100, 3, 60)):
        with clock.frozen_at(start + timedelta(seconds=seconds)), django_assert_num_queries(queries):
            assert find_machine(key) is not None
        assert ApiKey.objects.get().last_used_at == start + timedelta(seconds=noted)


def test_a_machine_does_what_its_scope_says_over_http(administrator: User) -> None:
    _, key = make_key(administrator, "orders.view_order")
    order = make_order(user=make_user())
    client = ApiClient()
    assert client.get(f"/orders/{order.pk}", X_API_Key=key).status == 200
    assert client.call("PUT", f"/orders/{order.pk}/status", {"status": "shipped"}, X_API_Key=key).status == 403
    assert client.post("/products", {"name": "Lamp", "price": "3.00"}, X_API_Key=key).status == 403
    assert client.get("/admin/users", X_API_Key=key).status == 403


@pytest.mark.parametrize("name", ["accounts.change_user", "auth.change_group", "core.view_domainevent"])
def test_no_program_has_a_say_about_people(administrator: User, name: str) -> None:
    for actor in (administrator, User.objects.create_superuser("root@example.com", "x")):
        with pytest.raises(ForbiddenError) as caught:
            make_key(actor, name)
        assert caught.value.code == "cannot_grant"
    assert not ApiKey.objects.exists()


def test_nobody_makes_a_key_that_may_do_more_than_they(administrator: User) -> None:
    keeper = make_viewer("accounts.add_apikey", "orders.view_order")
    assert make_key(keeper, "orders.view_order")
    for actor, name in ((keeper, "orders.change_order"), (make_user(role="manager"), "orders.view_order")):
        with pytest.raises(ForbiddenError):
            make_key(actor, name)
    with pytest.raises(ForbiddenError):
        api_keys.revoke(actor=make_user(role="manager"), key=ApiKey.objects.get())
    assert not ApiKey.objects.get().revoked


def test_a_key_expires_in_the_future(administrator: User) -> None:
    with pytest.raises(InvalidError):
        make_key(administrator, days=0)
    assert not ApiKey.objects.exists()
