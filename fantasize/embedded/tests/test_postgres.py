import importlib.util
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import environ
import psutil
import psycopg
import pytest

from fantasize.embedded import home, services
from fantasize.embedded.errors import EmbeddedServiceError
from fantasize.embedded.postgres import ensure_postgres, is_postgres_running, postgres_pid, stop_postgres
from fantasize.tests.waiting import PATIENCE_SECONDS

_ENSURE = """
import sys
from pathlib import Path
import psycopg
from fantasize.embedded.postgres import ensure_postgres, postgres_pid
data_dir = Path(sys.argv[1])
psycopg.connect(ensure_postgres(data_dir)).close()
print(postgres_pid(data_dir))
"""


@pytest.fixture(scope="module")
def warm_dir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A DATA_DIR that several tests share, because making a cluster takes a second."""
    directory = tmp_path_factory.mktemp("warm")
    yield directory
    services.reset(directory)


def rows(url: str) -> int:
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (id int)")
        row = connection.execute("SELECT count(*) FROM kept").fetchone()
    return int(row[0]) if row else -1


def add_row(url: str) -> None:
    rows(url)
    with psycopg.connect(url) as connection:
        connection.execute("INSERT INTO kept VALUES (1)")


def kill(pid: int | None) -> None:
    assert pid
    os.kill(pid, signal.SIGKILL)


def test_eight_processes_from_cold_share_one_server(data_dir: Path) -> None:
    starters = [
        subprocess.Popen([sys.executable, "-c", _ENSURE, str(data_dir)], stdout=subprocess.PIPE, text=True)
        for _ in range(8)
    ]
    said = {starter.communicate(timeout=PATIENCE_SECONDS)[0].strip() for starter in starters}
    assert [starter.returncode for starter in starters] == [0] * 8
    assert said == {str(postgres_pid(data_dir))}


def test_every_commit_survives_a_killed_server(warm_dir: Path) -> None:
    url = ensure_postgres(warm_dir)
    before = rows(url)
    for _ in range(20):
        add_row(url)
    first = postgres_pid(warm_dir)
    kill(first)
    assert rows(ensure_postgres(warm_dir)) == before + 20
    assert postgres_pid(warm_dir) != first


def test_the_url_suits_django_too(warm_dir: Path) -> None:
    config = environ.Env.db_url_config(ensure_postgres(warm_dir))
    with psycopg.connect(
        dbname=config["NAME"], user=config["USER"], port=config["PORT"], **config["OPTIONS"]
    ) as connection:
        assert connection.info.dbname == "fantasize"


@pytest.mark.parametrize("stranger", ["own process", "nobody"])
def test_a_stale_pid_file_is_not_believed(warm_dir: Path, stranger: str) -> None:
    ensure_postgres(warm_dir)
    pid_file = warm_dir / "services" / "postgres" / "postmaster.pid"
    content = pid_file.read_text().split("\n")
    kill(postgres_pid(warm_dir))
    pid = str(os.getpid()) if stranger == "own process" else "4190000"
    pid_file.write_text("\n".join([pid, *content[1:]]))
    (Path(os.path.realpath(warm_dir / "services" / "run")) / ".s.PGSQL.5432.lock").write_text(pid + "\n")
    assert rows(ensure_postgres(warm_dir)) >= 0


def test_a_half_made_cluster_is_made_again(data_dir: Path) -> None:
    with home.locked(data_dir):
        place = home.make_home(data_dir)
    (place.path / "postgres.new").mkdir()
    (place.path / "postgres.new" / "PG_VERSION").write_text("18")
    assert rows(ensure_postgres(data_dir)) == 0


def test_it_stops_when_told_and_starts_where_it_was(warm_dir: Path) -> None:
    url = ensure_postgres(warm_dir)
    add_row(url)
    kept = rows(url)
    assert stop_postgres(warm_dir)
    assert not is_postgres_running(warm_dir)
    assert not stop_postgres(warm_dir)
    assert rows(ensure_postgres(warm_dir)) == kept > 0


def test_a_deleted_data_dir_starts_empty(data_dir: Path) -> None:
    add_row(ensure_postgres(data_dir))
    (data_dir / "services.lock").unlink()
    link = data_dir / "services"
    moved = data_dir / "deleted"
    (link.unlink if link.is_symlink() else lambda: link.rename(moved))()
    try:
        assert rows(ensure_postgres(data_dir)) == 0
    finally:
        _end_orphans(moved)


def _end_orphans(cluster_parent: Path) -> None:
    for process in psutil.process_iter(["cmdline"]):
        if any(str(cluster_parent) in word for word in process.info["cmdline"] or []):
            process.kill()


def test_a_long_path_gets_a_short_socket(tmp_path: Path) -> None:
    data_dir = tmp_path / ("long" * 30)
    with home.locked(data_dir):
        place = home.make_home(data_dir)
    assert len(str(place.sockets)) < 90
    assert place.sockets.stat().st_mode & 0o777 == 0o700
    place.sockets.rmdir()


def test_as_root_a_hidden_data_dir_is_left_closed(tmp_path: Path) -> None:
    hidden = tmp_path / "hidden"
    hidden.mkdir(mode=0o700)
    with home.locked(hidden / "var"):
        place = home.make_home(hidden / "var")
    assert hidden.stat().st_mode & 0o777 == 0o700
    assert place.path.owner() == ("nobody" if os.geteuid() == 0 else Path.home().owner())
    assert (hidden / "var" / "services").is_symlink() == (os.geteuid() == 0)
    services.reset(hidden / "var")
    assert not place.path.exists()


def test_the_home_of_a_deleted_temporary_data_dir_is_swept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(home, "_SHARED", tmp_path / "shared")
    places = [tmp_path / "deleted", tmp_path / "kept"]
    for place in places:
        place.mkdir()
        home._link_shared(place, place / "services")
        (place / "services").resolve().mkdir()
        ((place / "services").resolve() / "data_dir").write_text(str(place))
    (places[0] / "services").unlink()
    home._link_shared(tmp_path, tmp_path / "services")
    assert [note.read_text() for note in (tmp_path / "shared").glob("*/data_dir")] == [str(places[1])]


def test_binaries_that_the_account_cannot_reach_are_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(home, "_SHARED", tmp_path / "shared")
    monkeypatch.setattr(home, "can_enter", lambda *_: False)
    program = tmp_path / "venv" / "bin" / "postgres"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o700)
    place = home.Home(tmp_path, None)
    (tmp_path / "venv" / "needless").mkdir()
    (tmp_path / "venv" / "program").touch(mode=0o700)
    copy = home.reachable_copy(place, tmp_path / "venv", ["bin", "program", "no.libs"], "bin/postgres")
    assert copy.is_relative_to(tmp_path / "shared")
    assert (copy / "bin" / "postgres").stat().st_mode & 0o777 == 0o755
    assert {path.name for path in copy.iterdir()} == {"bin", "program"}
    assert home.reachable_copy(place, tmp_path / "venv", ["bin", "program", "no.libs"], "bin/postgres") == copy


def test_without_binaries_it_says_what_to_do(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(EmbeddedServiceError, match=r"requirements-embedded\.txt.*DATABASE_URL="):
        ensure_postgres(data_dir)
