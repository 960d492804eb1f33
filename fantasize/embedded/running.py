"""Finding and ending server programs by what they are, because a pid alone may be a zombie or a stranger by now."""

import contextlib
import re
import time
from pathlib import Path

import psutil


def is_alive(process: psutil.Process) -> bool:
    """Whether the process still runs; a zombie that nobody has collected does not."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def find_server(path: str) -> psutil.Process | None:
    """The live server program (``*-server``) that names ``path``, or something below it, on its command line.

    The words of a command line are looked at as one text: who has changed its title has joined them, and paths may hold
    spaces.
    """
    named = re.compile(rf"[ :]{re.escape(path)}(?=[/ ]|$)")
    for process in psutil.process_iter(["name", "cmdline"]):
        is_server = (process.info["name"] or "").endswith("-server")
        if is_server and named.search(" ".join(process.info["cmdline"] or [])) and is_alive(process):
            return process
    return None


def read_pid_file(path: Path, marker: str) -> psutil.Process | None:
    """The live process whose number opens the file at ``path``, if ``marker`` is one of its arguments."""
    try:
        process = psutil.Process(int(path.read_text().split("\n", 1)[0]))
        return process if marker in process.cmdline() and is_alive(process) else None
    except (OSError, ValueError, psutil.NoSuchProcess):
        return None


def end_process(process: psutil.Process, *, signal_number: int, seconds: float) -> None:
    """Signal the process and wait until it is gone; after ``seconds`` kill it.

    psutil's own wait would also wait for the parent to collect the zombie, which may take seconds.
    """
    with contextlib.suppress(psutil.NoSuchProcess):
        process.send_signal(signal_number)
        deadline = time.monotonic() + seconds
        while is_alive(process):
            if time.monotonic() > deadline:
                process.kill()
            time.sleep(0.01)
