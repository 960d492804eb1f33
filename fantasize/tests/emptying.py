"""Emptying the tests' database after a test that has committed: only the tables that it filled, and the queue."""

from functools import cache

from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection, transaction

from accounts.models import RoleGrant, RolePolicy

# What Django and the shop write after every migration. It takes longer to write again than most tests take.
_GIVEN = tuple(
    model._meta.db_table for model in (ContentType, Permission, Group, Group.permissions.through, RoleGrant, RolePolicy)
)
_remembered: list[str] = []


def remember_what_is_given() -> None:
    """Keep in mind what stands in a database that nobody has used."""
    _remembered[:] = [_given()]


def empty(_case: object = None) -> None:
    """Empty every table; what is given there stays, or is given anew where a test has changed it."""
    with connection.cursor() as cursor:
        # Django does not empty tables that it does not manage.
        cursor.execute("DELETE FROM procrastinate_jobs; DELETE FROM procrastinate_workers")
    if not _may_pass_over_rules() or [_given()] != _remembered:
        call_command("flush", verbosity=0, interactive=False, reset_sequences=False)
        remember_what_is_given()
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_filled_query())
        if filled := [name for (name,) in cursor.fetchall()]:
            # Neither triggers nor foreign keys: some tables let nobody delete from them, and all of it goes.
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute(";".join(f"DELETE FROM {name}" for name in filled))  # noqa: S608 - names of our tables


@cache
def _filled_query() -> str:
    tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
    return " UNION ALL ".join(
        f"SELECT '{name}' WHERE EXISTS (SELECT FROM {name})"  # noqa: S608 - as above
        for name in sorted({*tables} - {*_GIVEN})
    )


def _given() -> str:
    """All of it, as a hash."""
    rows = (f"(SELECT string_agg(t::text, ',' ORDER BY t::text) FROM {name} t)" for name in _GIVEN)  # noqa: S608 - as above
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT md5(concat_ws(';', {', '.join(rows)}))")
        return str(cursor.fetchone()[0])


@cache
def _may_pass_over_rules() -> bool:
    """Only a superuser may; the embedded server's user is one."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW is_superuser")
        return bool(cursor.fetchone() == ("on",))
