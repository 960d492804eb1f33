import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from fantasize.embedded.programs import Program
from fantasize.embedded.supervisor import Child, stop_all
from fantasize.tests.waiting import wait_until

_SLEEP = [sys.executable, "-c", "import time; time.sleep(3600)"]
_FORKS = [sys.executable, "-c", "import os, time; os.fork(); time.sleep(3600)"]
_IGNORES = [
    sys.executable,
    "-uc",
    "import signal, time; signal.signal(15, signal.SIG_IGN); print('deaf'); time.sleep(3600)",
]
_SUPERVISE = """
import os, signal, sys, time
from fantasize.embedded.programs import Program
from fantasize.embedded.supervisor import Child
command = [sys.executable, "-c", "import time; time.sleep(3600)"]
children = [Child(Program("one", command), os.environ), Child(Program("two", command, signal.SIGKILL), os.environ)]
for child in children:
    child.start()
print(*[child.pid for child in children], flush=True)
time.sleep(3600)
"""


def is_gone(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


@pytest.fixture
def start() -> Iterator[Callable[[list[str]], Child]]:
    children: list[Child] = []

    def _start(command: list[str]) -> Child:
        child = Child(Program("test", command), dict(os.environ))
        child.start()
        children.append(child)
        return child

    yield _start
    for child in children:
        child.kill()


def test_a_killed_child_comes_back(start: Callable[[list[str]], Child]) -> None:
    child = start(_SLEEP)
    first = child.pid
    assert first
    os.kill(first, signal.SIGKILL)
    wait_until(child.restart_if_dead)
    assert child.pid != first
    assert child.status() is None


def test_a_child_that_keeps_dying_is_tried_ever_more_slowly(start: Callable[[list[str]], Child]) -> None:
    child = start([sys.executable, "-c", "raise SystemExit(3)"])
    wait_until(lambda: child.status() == 3)
    assert not child.restart_if_dead()
    first = child._due_at - time.monotonic()
    wait_until(child.restart_if_dead)
    wait_until(lambda: child.status() == 3)
    assert not child.restart_if_dead()
    assert child._due_at - time.monotonic() > first


def test_the_forks_of_a_dead_child_do_not_live_on(start: Callable[[list[str]], Child]) -> None:
    child = start(_FORKS)
    assert child.pid
    parent = psutil.Process(child.pid)
    wait_until(lambda: bool(parent.children()))
    fork = parent.children()[0].pid
    os.kill(child.pid, signal.SIGKILL)
    wait_until(child.restart_if_dead)
    wait_until(lambda: is_gone(fork))


def test_no_orphan_survives_a_killed_supervisor() -> None:
    with subprocess.Popen([sys.executable, "-c", _SUPERVISE], stdout=subprocess.PIPE, text=True) as supervisor:
        assert supervisor.stdout
        pids = [int(pid) for pid in supervisor.stdout.readline().split()]
        time.sleep(0.3)
        assert not any(is_gone(pid) for pid in pids)
        supervisor.kill()
    wait_until(lambda: all(is_gone(pid) for pid in pids))


def test_what_does_not_stop_when_asked_is_killed(
    start: Callable[[list[str]], Child], capsys: pytest.CaptureFixture[str]
) -> None:
    said = ""

    def is_deaf() -> bool:
        nonlocal said
        said += capsys.readouterr().out
        return "deaf" in said

    polite, deaf = start(_SLEEP), start(_IGNORES)
    wait_until(is_deaf)
    assert said == "    test | deaf\n"
    began = time.monotonic()
    stop_all([polite, deaf], seconds=0.5)
    assert 0.5 <= time.monotonic() - began < 30
    assert (polite.status(), deaf.status()) == (-signal.SIGTERM, -signal.SIGKILL)


def test_output_that_nobody_reads_stops_nothing(tmp_path: Path) -> None:
    script = "import sys; from fantasize.embedded.supervisor import say; say('x', 'y'); open(sys.argv[1], 'w').close()"
    with subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path / "done")], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdout
        process.stdout.close()
    assert (tmp_path / "done").exists()
