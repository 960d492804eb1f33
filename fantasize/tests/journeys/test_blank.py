import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from fantasize.embedded import prepared, services
from fantasize.embedded.home import find_home, locked, make_home
from fantasize.tests.journeys import blank


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Those that were made, each of one file."""
    made: list[Path] = []

    def make(directory: Path, environment: object) -> None:
        with locked(directory):
            home = make_home(directory)
        (home.path / "postgres").mkdir()
        (home.path / "postgres" / "PG_VERSION").write_text("18")
        (directory / "prepared.json").write_text(json.dumps(len(made)))
        made.append(directory)

    monkeypatch.setattr(blank, "_make", make)
    return made


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "store"
    for directory in (*(tmp_path / "store").glob("*/"), *tmp_path.glob("shop*/")):
        services.reset(directory)


def lay_out(data_dir: Path, store: Path) -> str:
    data_dir.mkdir()
    blank.lay_out(data_dir, store, os.environ)
    home = find_home(data_dir)
    assert home
    assert [path.name for path in (home.path / "postgres").iterdir()] == ["PG_VERSION"]
    return (data_dir / "prepared.json").read_text()


def test_shops_of_the_same_code_begin_with_copies_of_one(made: list[Path], store: Path, tmp_path: Path) -> None:
    assert [lay_out(tmp_path / name, store) for name in ("shop 1", "shop 2")] == ["0", "0"]
    assert len(made) == 1


def test_for_other_code_it_is_made_anew_and_the_one_before_is_gone(
    made: list[Path], store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay_out(tmp_path / "shop 1", store)
    monkeypatch.setattr(prepared, "fingerprint", lambda: "other")
    assert lay_out(tmp_path / "shop 2", store) == "1"
    assert [path.exists() for path in made] == [False, True]


def test_one_that_was_not_finished_is_made_again(made: list[Path], store: Path, tmp_path: Path) -> None:
    lay_out(tmp_path / "shop 1", store)
    (made[0] / "prepared.json").unlink()
    assert lay_out(tmp_path / "shop 2", store) == "1"


def test_what_a_shop_has_already_stays(made: list[Path], store: Path, tmp_path: Path) -> None:
    lay_out(tmp_path / "shop 1", store)
    (tmp_path / "shop 1" / "prepared.json").write_text("its own")
    blank.lay_out(tmp_path / "shop 1", store, os.environ)
    assert (tmp_path / "shop 1" / "prepared.json").read_text() == "its own"
