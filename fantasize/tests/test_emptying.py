from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import Group
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.tests.factories import make_user
from fantasize.tests import emptying
from orders.tests.factories import make_order

pytestmark = pytest.mark.django_db(transaction=True)

GIVEN = {"auth.Permission", "auth.Group", "contenttypes.ContentType", "accounts.RoleGrant"}


def filled() -> set[str]:
    """The models of which there are rows, but for jobs and the migrations' own."""
    models: list[Any] = [model for model in apps.get_models() if model._meta.managed]
    return {model._meta.label for model in models if model._base_manager.exists()}


def rights() -> dict[str, set[str]]:
    """What each role gives."""
    return {role.name: {*role.permissions.values_list("codename", flat=True)} for role in Group.objects.all()}


def test_rows_that_nobody_may_delete_go_too_and_what_is_given_stays() -> None:
    before = rights()
    make_order(user=make_user(role="manager"))
    assert {"orders.Order", "core.DomainEvent", "accounts.User"} <= filled()
    emptying.empty()
    assert filled() == GIVEN
    assert rights() == before


def test_what_is_given_is_given_anew_where_it_was_changed() -> None:
    before = rights()
    Group.objects.create(name="guards")
    Group.objects.get(name="manager").permissions.clear()
    emptying.empty()
    assert filled() == GIVEN
    assert rights() == before


def test_jobs_go_too() -> None:
    make_order(user=make_user())
    assert ProcrastinateJob.objects.exists()
    emptying.empty()
    assert not ProcrastinateJob.objects.exists()
