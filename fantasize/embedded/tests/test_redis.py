import importlib.util
import logging
import os
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import redis as client

from fantasize.embedded import redis, services
from fantasize.embedded.errors import EmbeddedServiceError, explain
from fantasize.embedded.redis import ensure_redis, is_redis_running, redis_pid, stop_redis
from fantasize.embedded.running import find_server


def ping(url: str | None) -> bool:
    assert url
    with client.Redis.from_url(url) as connection:
        return bool(connection.ping())


def test_it_comes_back_after_a_kill(data_dir: Path) -> None:
    url = ensure_redis(data_dir)
    first = redis_pid(data_dir)
    assert ping(url)
    assert first
    os.kill(first, signal.SIGKILL)
    assert ping(ensure_redis(data_dir))
    assert redis_pid(data_dir) != first


def test_one_that_hangs_is_replaced(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis, "_ANSWER_SECONDS", 1)
    ensure_redis(data_dir)
    first = redis_pid(data_dir)
    assert first
    os.kill(first, signal.SIGSTOP)
    assert not is_redis_running(data_dir)
    assert ping(ensure_redis(data_dir))
    assert redis_pid(data_dir) != first


def test_it_stops_when_told(data_dir: Path) -> None:
    ensure_redis(data_dir)
    assert stop_redis(data_dir)
    assert not is_redis_running(data_dir)
    assert not stop_redis(data_dir)


def test_its_path_may_hold_spaces_and_others_may_hold_its_path(open_dir: Path) -> None:
    ensure_redis(open_dir)
    path, pid = str(open_dir.resolve()), redis_pid(open_dir)
    assert pid
    assert [find_server(name) for name in (path[:-1], path[1:], f"{path}/run")] == [None, None, None]
    assert stop_redis(open_dir)
    assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


@pytest.fixture
def open_dir() -> Iterator[Path]:
    """A DATA_DIR that everybody may enter, so that what its servers keep is in it, whoever they run as."""
    with tempfile.TemporaryDirectory(prefix="Müller & Söhne ") as name:
        directory = Path(name)
        directory.chmod(0o755)
        yield directory
        services.reset(directory)


def test_without_a_binary_one_warning_and_no_url(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    monkeypatch.delenv("FANTASIZE_WARNED_NO_REDIS", raising=False)
    with caplog.at_level(logging.WARNING):
        assert [ensure_redis(data_dir), ensure_redis(data_dir)] == [None, None]
    monkeypatch.delenv("FANTASIZE_WARNED_NO_REDIS")
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "REDIS_URL" in caplog.text


@pytest.mark.parametrize(("version", "is_recent"), [("v=6.0.16", False), ("v=6.2.0", True), ("v=8.0.1", True)])
def test_an_old_redis_is_passed_over(tmp_path: Path, version: str, is_recent: bool) -> None:  # noqa: FBT001
    program = tmp_path / "redis-server"
    program.write_text(f"#!/bin/sh\necho Redis server {version} sha=0\n")
    program.chmod(0o755)
    assert redis._is_recent(str(program)) is is_recent


def test_a_full_disk_is_named(tmp_path: Path) -> None:
    error = explain("Redis did not start", "x\nwrite: No space left on device\n", tmp_path / "redis.log")
    assert isinstance(error, EmbeddedServiceError)
    assert "the disk is full" in str(error)
    assert "\n" not in str(explain("It failed", "one\ntwo\n", tmp_path / "log"))
