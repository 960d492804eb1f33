"""The tests' databases: copies of one in which everything is migrated, and which outlives the run."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.core.management.sql import emit_post_migrate_signal
from django.db import connection
from psycopg.sql import SQL, Identifier

_PREFIX = "fantasize_migrated_"
# Any number; the same for all who make and copy it.
_LOCK = 7_261_944_311
# What a migration does depends on it, the fields that it names, other people's migrations, and which apps there are.
_SOURCES = ("*/migrations/*.py", "*/*/migrations/*.py", "*/fields.py", "*/*/fields.py", "*/settings/base.py")


def enter(name: str) -> str:
    """Connect to a database of that name, migrated and otherwise empty; the name of the one that was left."""
    outside: str = connection.settings_dict["NAME"]
    with _maintenance() as server:
        # Whoever comes second waits for all migrations of the first.
        server.execute("SET statement_timeout = 0; SET lock_timeout = 0")
        server.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        _copy(server, _migrated(server), name)
    _use(name)
    # What follows the code after every migration: rights and roles.
    emit_post_migrate_signal(verbosity=0, interactive=False, db="default")
    return outside


def leave(outside: str) -> None:
    """Drop the database that was entered, and connect to the one outside."""
    name = connection.settings_dict["NAME"]
    _use(outside)
    with _maintenance() as server:
        _drop(server, name)


@contextmanager
def _maintenance() -> Iterator[psycopg.Connection]:
    """A connection to no database of ours; its locks end with it, however it ends."""
    with connection._nodb_cursor() as cursor:
        yield cursor.connection


def _migrated(server: psycopg.Connection) -> str:
    """The name of the one to copy, which is made if nobody has made it yet; those of other code are dropped."""
    name = f"{_PREFIX}{_digest()}"
    known = [row[0] for row in server.execute("SELECT datname FROM pg_database WHERE datname ~ %s", [f"^{_PREFIX}"])]
    if name not in known:
        for stale in known:
            _drop(server, stale)
        unfinished = f"{_PREFIX}new"
        server.execute(SQL("CREATE DATABASE {}").format(Identifier(unfinished)))
        _use(unfinished)
        call_command("migrate", verbosity=0, interactive=False, run_syncdb=True)
        _disconnect()
        server.execute(SQL("ALTER DATABASE {} RENAME TO {}").format(Identifier(unfinished), Identifier(name)))
    return name


def _digest() -> str:
    digest = hashlib.sha256((settings.BASE_DIR / "requirements.txt").read_bytes())
    for source in sorted({path for pattern in _SOURCES for path in Path(settings.BASE_DIR).glob(pattern)}):
        digest.update(f"{source.relative_to(settings.BASE_DIR)}\n".encode() + source.read_bytes())
    return digest.hexdigest()[:16]


def _copy(server: psycopg.Connection, source: str, name: str) -> None:
    _drop(server, name)
    server.execute(SQL("CREATE DATABASE {} TEMPLATE {}").format(Identifier(name), Identifier(source)))


def _drop(server: psycopg.Connection, name: str) -> None:
    """Also one that a killed run left behind with connections to it."""
    server.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(name)))


def _use(name: str) -> None:
    _disconnect()
    connection.settings_dict["NAME"] = settings.DATABASES["default"]["NAME"] = name


def _disconnect() -> None:
    """Close every connection to the database in use: nobody can copy, rename or drop it before."""
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined] # as PostgreSQL's has
