"""How long ``bin/serve`` takes until the shop answers: the first time, and when everything is there already."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

from bench.report import Measurement
from bench.shop import ROOT

_FIRST_MAX_SECONDS = 15
_LATER_MAX_SECONDS = 4
_PATIENCE_SECONDS = 120


def measure() -> list[Measurement]:
    """Start a shop in an empty data folder, stop it, and start it again twice."""
    data_dir = Path(tempfile.mkdtemp(prefix="fantasize-bench-"))
    try:
        first, again, third = (_seconds_until_ready(data_dir) for _ in range(3))
    finally:
        shutil.rmtree(data_dir, ignore_errors=True)
    return [
        Measurement("first start, with the demo shop", first, "s", _FIRST_MAX_SECONDS),
        Measurement("later start", min(again, third), "s", _LATER_MAX_SECONDS),
    ]


def _seconds_until_ready(data_dir: Path) -> float:
    port = _free_port()
    names = ("DATABASE_URL", "REDIS_URL", "DJANGO_ENV", "APP_PORT")
    environment = {name: value for name, value in os.environ.items() if name not in names}
    environment |= {"DATA_DIR": str(data_dir), "PORT": str(port)}
    began = time.perf_counter()
    process = subprocess.Popen(
        [ROOT / "bin" / "serve"], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        while not _is_ready(port):
            if process.poll() is not None or time.perf_counter() - began > _PATIENCE_SECONDS:
                raise RuntimeError("bin/serve did not get ready.")
            time.sleep(0.02)
        return time.perf_counter() - began
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def _is_ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=5) as answer:
            return bool(answer.status == 200)  # noqa: PLR2004 - OK
    except OSError:
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
