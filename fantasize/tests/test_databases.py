import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection
from pytest_django import DjangoDbBlocker, Settings

from fantasize.tests import databases


class Server:
    """A server whose migrated databases are its own, and are made by a table."""

    def __init__(self, server: psycopg.Connection[Any]) -> None:
        self.server, self.made = server, 0

    def migrate(self, *_: object, **__: object) -> None:
        self.made += 1
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE made AS SELECT 1")

    def names(self) -> set[str]:
        found = self.server.execute("SELECT datname FROM pg_database WHERE datname ~ %s", [f"^{databases._PREFIX}"])
        return {name for (name,) in found}


@pytest.fixture
def server(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Server]:
    monkeypatch.setattr(databases, "_PREFIX", f"fantasize_tried_{os.getpid()}_")
    with django_db_blocker.unblock():
        before = connection.settings_dict["NAME"]
        with databases._maintenance() as running:
            tried = Server(running)
            monkeypatch.setattr(databases, "call_command", tried.migrate)
            yield tried
            for name in tried.names():
                databases._drop(running, name)
        databases._use(before)


def test_everything_is_migrated_once_for_the_same_code_and_copied(server: Server) -> None:
    source = databases._migrated(server.server)
    assert databases._migrated(server.server) == source
    assert server.made == 1
    for _ in range(2):  # the second time in place of what a killed run has left
        copy = f"{databases._PREFIX}copy"
        databases._copy(server.server, source, copy)
        databases._use(copy)
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM made RETURNING 1")
            assert cursor.fetchall() == [(1,)]


def test_other_code_is_migrated_anew_and_what_was_before_is_dropped(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    databases._migrated(server.server)
    monkeypatch.setattr(databases, "_digest", lambda: "other")
    assert databases._migrated(server.server) == f"{databases._PREFIX}other"
    assert server.names() == {f"{databases._PREFIX}other"}
    assert server.made == 2


def test_what_was_cut_off_is_made_again(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    def cut_off(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(databases, "call_command", cut_off)
        with pytest.raises(KeyboardInterrupt):
            databases._migrated(server.server)
    assert server.names() == {f"{databases._PREFIX}new"}
    name = databases._migrated(server.server)
    assert (server.names(), server.made) == ({name}, 1)


@pytest.mark.parametrize("changed", ["requirements.txt", "shop/migrations/0001_initial.py", "shop/models/fields.py"])
def test_code_is_other_code_when_migrations_may_do_something_else(
    settings: Settings, tmp_path: Path, changed: str
) -> None:
    settings.BASE_DIR = tmp_path
    for name in ("requirements.txt", "shop/migrations/0001_initial.py", "shop/models/fields.py", "shop/views.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    before = databases._digest()
    (tmp_path / "shop" / "views.py").write_text("x = 1\n")
    assert databases._digest() == before
    (tmp_path / changed).write_text("# changed\n")
    assert databases._digest() != before


def test_nobody_waits_long_for_a_server_whose_host_has_vanished() -> None:
    """Whether it vanished before it had a call, or while it worked on one."""
    said = connection.get_connection_params()
    silence = said["keepalives_idle"] + said["keepalives_interval"] * said["keepalives_count"]
    assert max(said["tcp_user_timeout"] / 1000, silence) < 30
