"""Queries that are worded once say what their querysets say, whatever is in their slots."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import NotSupportedError, connection, transaction
from django.db.models import F, Prefetch
from django.test.utils import CaptureQueriesContext

from fantasize.core.statements import IdsSlot, Slot, Statement, fetch_all

pytestmark = pytest.mark.django_db

BY_NAME = Statement(lambda: Group.objects.filter(name=Slot("name")))
BY_ID = Statement(lambda: Group.objects.filter(pk__in=IdsSlot("ids")).order_by("name"))
NAMES = Statement(
    lambda: Group.objects.filter(name__gt=Slot("after")).order_by("name").values_list("name", F("pk") * 2)
)
WITH_TYPE = Statement(lambda: Permission.objects.select_related("content_type").filter(codename=Slot("codename")))
WITH_RIGHTS = Statement(
    lambda: Group.objects.filter(name=Slot("name")).prefetch_related(Prefetch("permissions", to_attr="rights"))
)


def test_each_call_has_its_own_values_and_rows() -> None:
    first, second = Group.objects.create(name="first"), Group.objects.create(name="second")
    assert BY_NAME.fetch(name="first") == [first]
    assert BY_NAME.fetch(name="second") == [second]
    assert BY_NAME.fetch(name="x' OR 'x' = 'x") == []
    assert BY_ID.fetch(ids=[second.pk, first.pk, 10**12]) == [first, second]
    assert BY_ID.fetch(ids=[]) == []
    assert NAMES.fetch(after="rather") == [("second", second.pk * 2)]


def test_what_is_read_is_as_fresh_as_the_query() -> None:
    group = Group.objects.create(name="one")
    [known] = BY_ID.fetch(ids=[group.pk])
    Group.objects.filter(name="one").update(name="other")
    [again] = BY_ID.fetch(ids=[group.pk])
    assert (known.name, again.name, again.pk) == ("one", "other", group.pk)


def test_related_rows_come_with_it() -> None:
    with CaptureQueriesContext(connection) as captured:
        [permission] = WITH_TYPE.fetch(codename="add_group")
        assert permission.content_type.app_label == "auth"
    assert len(captured) == 1
    group = Group.objects.create(name="one")
    group.permissions.add(permission)
    assert WITH_RIGHTS.fetch(name="one")[0].rights == [permission]


def test_what_is_asked_again_is_not_planned_again() -> None:
    # Two times to be known, and once more as it is known then.
    with CaptureQueriesContext(connection) as captured:
        for number in range(3):
            assert fetch_all("SELECT %s::int + 1 AS planned_once", [number]) == [(number + 1,)]
    assert [query["sql"] for query in captured] == ["SELECT $1::int + 1 AS planned_once"] * 3
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%planned_once'")
        assert cursor.fetchone() == (1,)


@pytest.mark.django_db(transaction=True)
def test_what_was_planned_before_a_migration_is_planned_anew() -> None:
    asked = "SELECT name FROM altered"
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE altered (name varchar(1))")
        for length in (2, 3):
            assert [fetch_all(asked, []) for _ in range(3)] == [[]] * 3
            cursor.execute(f"ALTER TABLE altered ALTER name TYPE varchar({length})")
            if length == 3:
                with pytest.raises(NotSupportedError), transaction.atomic():
                    fetch_all(asked, [])
            assert fetch_all(asked, []) == []
        cursor.execute("DROP TABLE altered")
