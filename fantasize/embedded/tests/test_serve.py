import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest

from fantasize.embedded import serve, services
from fantasize.embedded.tests.test_supervisor import is_gone
from fantasize.tests.waiting import PATIENCE_SECONDS, wait_until

pytestmark = pytest.mark.processes

# Empty, not unset: an empty value also outranks one in .env, which is somebody's real shop.
_NOT_OURS = dict.fromkeys(("DATABASE_URL", "DATABASE_HOST", "REDIS_URL", "REDIS_HOST", "HOST"), "")


class Serve:
    """A real ``bin/serve`` process on a port of its own."""

    def __init__(self, data_dir: Path, **environment: str) -> None:
        self.data_dir = data_dir
        ours = {"DATA_DIR": str(data_dir), "PORT": "0", "WEB_PROCESSES": "1", "SEED_DEMO": "off"}
        self.environment = {**os.environ, **_NOT_OURS, **ours, **environment}
        self.start()

    def start(self, *program: str) -> None:
        command = [sys.executable, *(program or ("-m", "fantasize.embedded.serve"))]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=self.environment
        )

    def read_until(self, text: str) -> str:
        said = ""
        assert self.process.stdout
        while text not in said:
            line = self.process.stdout.readline()
            assert line, said
            said += line
        return said

    def finish(self) -> tuple[int, str]:
        said, _ = self.process.communicate(timeout=PATIENCE_SECONDS)
        return self.process.returncode, said

    @property
    def pids(self) -> dict[str, int]:
        pids: dict[str, int] = json.loads((self.data_dir / "pids.json").read_text())
        return pids

    def get(self, path: str = "/health/ready") -> int:
        url = json.loads((self.data_dir / "serve.json").read_text())["url"]
        connection = http.client.HTTPConnection("127.0.0.1", urlsplit(url).port, timeout=PATIENCE_SECONDS)
        try:
            connection.request("GET", path, headers={"Host": "localhost"})
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            connection.close()


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serve]:
    data_dir = tmp_path_factory.mktemp("shop") / "var"
    serve = Serve(data_dir)
    try:
        serve.read_until("Ctrl-C stops everything.")
        wait_until(lambda: "worker" in serve.pids)
        yield serve
    finally:
        if serve.process.returncode is None:
            serve.process.send_signal(signal.SIGTERM)
            serve.finish()
        services.reset(data_dir)


def test_every_process_and_server_is_named(shop: Serve) -> None:
    assert {"supervisor", "web", "sockets", "front", "worker", "postgres", "redis"} <= shop.pids.keys()
    assert not any(is_gone(pid) for pid in shop.pids.values())
    assert shop.pids["supervisor"] == shop.process.pid


@pytest.mark.parametrize("name", ["web", "sockets", "front", "worker", "redis", "postgres"])
def test_what_is_killed_comes_back_by_itself(shop: Serve, name: str) -> None:
    killed = shop.pids[name]
    os.kill(killed, signal.SIGKILL)
    wait_until(lambda: shop.pids.get(name) not in {killed, None})
    wait_until(lambda: shop.get() == 200)


def test_a_request_does_not_notice_that_web_restarts(shop: Serve) -> None:
    assert shop.get() == 200
    os.kill(shop.pids["web"], signal.SIGKILL)
    assert shop.get() == 200


def test_a_killed_web_server_leaves_no_worker(shop: Serve) -> None:
    assert shop.get() == 200
    web = psutil.Process(shop.pids["web"])
    workers = [child.pid for child in web.children()]
    assert workers
    web.kill()
    wait_until(lambda: all(is_gone(pid) for pid in workers))
    wait_until(lambda: shop.get() == 200)


def test_a_second_one_on_the_same_data_dir_says_so(shop: Serve) -> None:
    status, said = Serve(shop.data_dir).finish()
    assert status == 1
    assert said.startswith(f"bin/serve: DATA_DIR {shop.data_dir} is served already at http://localhost:")
    assert said.count("\n") == 1
    assert shop.get() == 200


def test_a_taken_port_stops_it_before_anything_is_started(shop: Serve, tmp_path: Path) -> None:
    port = urlsplit(json.loads((shop.data_dir / "serve.json").read_text())["url"]).port
    status, said = Serve(tmp_path / "var", PORT=str(port)).finish()
    assert (status, said.count("\n")) == (1, 1)
    assert said.startswith(f"bin/serve: Port {port} is already in use")
    assert not (tmp_path / "var" / "services").exists()


def test_what_it_does_not_know_is_refused_instead_of_served_all_the_same(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(serve, "Shop", None)
    for arguments, status in ((["--help"], 0), (["8080"], 2)):
        with pytest.raises(SystemExit) as exit_:
            serve.main(arguments)
        assert exit_.value.code == status
    said = capsys.readouterr()
    assert "docs/operations.md" in said.out
    assert "unrecognized arguments: 8080" in said.err


def _is_stopped(pids: dict[str, int]) -> Callable[[], bool]:
    return lambda: all(is_gone(pid) for pid in pids.values())


def test_killed_it_leaves_no_orphan_and_stopped_it_leaves_nothing(shop: Serve) -> None:
    killed = shop.pids
    shop.process.kill()
    shop.finish()
    servers = {"postgres", "redis"}
    wait_until(_is_stopped({name: pid for name, pid in killed.items() if name not in servers}))

    # On a machine that is slow it says so, and then still when it is ready.
    shop.start("-c", "from fantasize.embedded import serve; serve._READY_SECONDS = 0.0; serve.main([])")
    shop.read_until("the shop is not ready after 0 s; it keeps trying")
    shop.read_until("Ctrl-C stops everything.")
    running = shop.pids
    assert {running[name] for name in servers} == {killed[name] for name in servers}
    shop.process.send_signal(signal.SIGINT)
    began = time.monotonic()
    status, _ = shop.finish()
    assert status == 0
    assert time.monotonic() - began < 12
    assert _is_stopped(running)()
    assert not (shop.data_dir / "pids.json").exists()
