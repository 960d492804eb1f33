import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from fantasize.embedded import prepared, services
from fantasize.embedded.prepared import is_prepared, remember


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A database with one migration."""
    data_dir = tmp_path_factory.mktemp("prepared")
    url = services.start(data_dir, ["postgres"])["DATABASE_URL"]
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE django_migrations (applied timestamptz DEFAULT now())")
        connection.execute("INSERT INTO django_migrations DEFAULT VALUES")
    yield url
    services.reset(data_dir)


@pytest.fixture
def code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with one source file, which is returned."""
    monkeypatch.setattr(prepared, "BASE_DIR", tmp_path)
    (tmp_path / "requirements.txt").write_text("Django\n")
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "__init__.py").touch()
    source = tmp_path / "app" / "models.py"
    source.write_text("x = 1\n")
    return source


def test_the_same_code_on_the_same_database_needs_nothing(url: str, code: Path) -> None:
    assert not is_prepared(code.parent, url)
    remember(code.parent, url)
    assert is_prepared(code.parent, url)


def test_changed_code_is_prepared_again(url: str, code: Path) -> None:
    remember(code.parent, url)
    os.utime(code, (1, 1))
    assert not is_prepared(code.parent, url)


def test_another_package_is_prepared_again(url: str, code: Path) -> None:
    remember(code.parent, url)
    (code.parent.parent / "requirements.txt").write_text("Django\nother\n")
    assert not is_prepared(code.parent, url)


def test_a_changed_database_is_prepared_again(url: str, code: Path) -> None:
    remember(code.parent, url)
    with psycopg.connect(url) as connection:
        connection.execute("INSERT INTO django_migrations DEFAULT VALUES")
    assert not is_prepared(code.parent, url)


def test_a_database_that_does_not_answer_is_not_taken_for_prepared(code: Path) -> None:
    nowhere = "postgres://nobody@127.0.0.1:1/nothing"
    remember(code.parent, nowhere)
    assert not is_prepared(code.parent, nowhere)
    assert not (code.parent / "prepared.json").exists()
