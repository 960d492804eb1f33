import builtins
import io
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections
from pytest_django.fixtures import Settings

from accounts.tests.factories import make_user
from fantasize.embedded import home, services
from fantasize.embedded.management.commands import prepare
from fantasize.tests.waiting import PATIENCE_SECONDS


def say(action: str, *arguments: str) -> str:
    said = io.StringIO()
    call_command("services", action, *arguments, stdout=said)
    return said.getvalue()


@pytest.fixture
def own_dir(data_dir: Path, settings: Settings) -> Path:
    settings.DATA_DIR = data_dir
    return data_dir


def test_services_by_hand(own_dir: Path) -> None:
    assert say("status") == "postgres: not running\nredis: not running\n"
    assert "DATABASE_URL=postgres://" in say("start")
    pids = services.running(own_dir)
    assert say("status") == f"postgres: running, process {pids['postgres']}\nredis: running, process {pids['redis']}\n"
    assert say("stop") == "Stopped postgres and redis.\n"
    assert say("stop") == "Nothing was running.\n"


def test_deleting_everything_needs_a_yes(own_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with home.locked(own_dir):
        home.make_home(own_dir)
    monkeypatch.setattr(builtins, "input", lambda _: "")
    with pytest.raises(CommandError, match="Nothing was deleted"):
        say("reset")
    assert (own_dir / "services").exists()
    assert say("reset", "--yes") == "Deleted.\n"
    assert not (own_dir / "services").exists()


@pytest.fixture
def seeded(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> list[str]:
    """The commands that prepare calls, which are not run."""
    settings.SEED_DEMO = True
    called: list[str] = []
    monkeypatch.setattr(prepare, "call_command", lambda name, **_: called.append(name))
    return called


@pytest.mark.django_db
def test_an_empty_shop_is_seeded(seeded: list[str]) -> None:
    call_command("prepare")
    assert seeded == ["migrate", "seed_demo"]


@pytest.mark.django_db
def test_a_shop_in_use_is_not_seeded(seeded: list[str]) -> None:
    make_user()
    call_command("prepare")
    assert seeded == ["migrate"]


@pytest.mark.django_db
def test_a_shop_that_wants_no_demo_stays_empty(seeded: list[str], settings: Settings) -> None:
    settings.SEED_DEMO = False
    call_command("prepare")
    assert seeded == ["migrate"]


@pytest.mark.django_db
def test_static_files_are_gathered_where_they_are_not_found(seeded: list[str], settings: Settings) -> None:
    settings.SEED_DEMO = False
    settings.WHITENOISE_USE_FINDERS = False
    call_command("prepare")
    assert seeded == ["migrate", "collectstatic"]


@pytest.fixture
def second_starter() -> Iterator[threading.Thread]:
    """``prepare`` in another thread, with a connection of its own."""

    def run() -> None:
        call_command("prepare")
        connections.close_all()

    thread = threading.Thread(target=run)
    yield thread
    thread.join(timeout=PATIENCE_SECONDS)


@pytest.mark.django_db(transaction=True)
def test_starters_wait_for_each_other(seeded: list[str], second_starter: threading.Thread) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [prepare.LOCK])
        second_starter.start()
        second_starter.join(timeout=0.5)
        assert second_starter.is_alive()
        assert seeded == []
        cursor.execute("SELECT pg_advisory_unlock(%s)", [prepare.LOCK])
    second_starter.join(timeout=PATIENCE_SECONDS)
    assert seeded[0] == "migrate"
