import os
import signal
from pathlib import Path

from fantasize.embedded import services
from fantasize.tests.waiting import wait_until


def test_start_gives_urls_and_reset_leaves_nothing(data_dir: Path) -> None:
    urls = services.start(data_dir)
    assert urls.keys() == {"DATABASE_URL", "REDIS_URL"}
    assert services.running(data_dir).keys() == {"postgres", "redis"}
    home = (data_dir / "services").resolve()
    services.reset(data_dir)
    assert services.running(data_dir) == {}
    assert not home.exists()


def test_the_watch_brings_back_what_dies(data_dir: Path) -> None:
    services.start(data_dir)
    before = services.running(data_dir)
    said: list[str] = []
    watch = services.Watch(data_dir, ["postgres", "redis"], lambda: said.append("back"), said.append)
    watch.start()
    try:
        for pid in before.values():
            assert pid
            os.kill(pid, signal.SIGKILL)
        wait_until(lambda: said.count("back") == 2)
    finally:
        watch.stop()
    assert not set(services.running(data_dir).values()) & set(before.values())
    assert "PostgreSQL does not answer; starting it again" in said
