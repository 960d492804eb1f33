"""A whole shop for a test: the real processes on free ports, with a database of their own."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import urllib3

from fantasize.tests.journeys import blank
from fantasize.tests.waiting import PATIENCE_SECONDS, wait_until

ROOT = Path(__file__).resolve().parent.parent.parent.parent
_STORE = Path(os.environ.get("DATA_DIR") or ROOT / "var") / "blank"
ADDRESS = {
    "full_name": "Ada Lovelace",
    "line1": "12 St James's Square",
    "city": "London",
    "postal_code": "SW1Y 4JH",
    "country": "GB",
}
# What the suite's own process was given must not leak into the shop that is tested.
_NOT_INHERITED = {"DATABASE_URL", "REDIS_URL", "DJANGO_ENV", "DATA_DIR", "PORT", "APP_PORT"}


@dataclass
class Answer:
    """What came back: ``data`` is the envelope's, or the whole document."""

    status: int
    headers: urllib3.HTTPHeaderDict
    body: Any

    @property
    def data(self) -> Any:
        return self.body["data"] if isinstance(self.body, dict) and "data" in self.body else self.body


@dataclass
class Shop:
    """A running shop."""

    port: int
    data_dir: Path
    env: dict[str, str]
    process: subprocess.Popen[bytes]
    http: urllib3.PoolManager = field(
        default_factory=lambda: urllib3.PoolManager(maxsize=128, retries=False, timeout=PATIENCE_SECONDS)
    )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def call(self, method: str, path: str, body: Any = None, *, token: str = "", **headers: str) -> Answer:
        """One request; underscores in header names stand for hyphens."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if token:
            sent["Authorization"] = f"Bearer {token}"
        answer = self.http.request(method, self.url + path, json=body, headers=sent)
        content = answer.data
        is_json = "json" in answer.headers.get("Content-Type", "")
        return Answer(answer.status, answer.headers, json.loads(content) if is_json else content)

    def manage(self, *arguments: str) -> str:
        """What a management command printed; it must succeed."""
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(
            command, cwd=ROOT, env=self.env, capture_output=True, text=True, check=False, timeout=2 * PATIENCE_SECONDS
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def log_end(self) -> str:
        """What its processes said last."""
        return (self.data_dir / "serve.log").read_text()[-3000:]

    def pids(self) -> dict[str, int]:
        """The processes by name, as they are now."""
        pids: dict[str, int] = json.loads((self.data_dir / "pids.json").read_text())
        return pids


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running_shop(data_dir: Path, **settings: str) -> Iterator[Shop]:
    """Start a shop, wait until it is ready, and stop it cleanly afterwards."""
    port = free_port()
    env = {name: value for name, value in os.environ.items() if name not in _NOT_INHERITED}
    env |= {"DATA_DIR": str(data_dir), "PORT": str(port), "DJANGO_ENV": "development", "SEED_DEMO": "off"}
    data_dir.mkdir(parents=True, exist_ok=True)
    blank.lay_out(data_dir, _STORE, env)
    env |= settings
    with (data_dir / "serve.log").open("wb") as log:
        command = [sys.executable, "-m", "fantasize.embedded.serve"]
        process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=subprocess.STDOUT)
    shop = Shop(port, data_dir, env, process)
    try:
        wait_until(lambda: _is_ready(shop), "the shop is ready")
        yield shop
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            code = process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            code = process.wait()
    assert code == 0, shop.log_end()


def _is_ready(shop: Shop) -> bool:
    assert shop.process.poll() is None, shop.log_end()
    with suppress(urllib3.exceptions.HTTPError):
        return shop.call("GET", "/health/ready").status == 200
    return False
