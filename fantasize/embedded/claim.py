"""One ``bin/serve`` per DATA_DIR."""

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fantasize.embedded.configuration import ServeError


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to serve from a DATA_DIR.

    Attributes:
        data_dir: which.
        left_running: names of embedded servers that an earlier ``bin/serve`` started and, killed, could not stop.
    """

    data_dir: Path
    left_running: tuple[str, ...]

    def publish(self, url: str, owned: list[str]) -> None:
        """Tell others where the shop is, and a successor which embedded servers are ours to stop."""
        _replace(self.data_dir / "serve.json", {"pid": os.getpid(), "url": url, "owned": owned})

    def publish_pids(self, pids: dict[str, int | None]) -> None:
        """Write ``pids.json``: process ids by name."""
        _replace(self.data_dir / "pids.json", pids)


@contextlib.contextmanager
def claim(data_dir: Path) -> Iterator[Claim]:
    """Claim DATA_DIR until the end of the block; the kernel ends the claim of a killed process.

    Raises:
        ServeError: when it cannot be written or is served already.
    """
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        lock = (data_dir / "serve.lock").open("w")
    except OSError as error:
        raise ServeError(f"DATA_DIR {data_dir} cannot be used: {error.strerror}.") from None
    with lock:
        before = _read(data_dir / "serve.json")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            where = f" at {before['url']} (process {before['pid']})" if before else ""
            raise ServeError(
                f"DATA_DIR {data_dir} is served already{where}; for a second shop set another DATA_DIR and PORT."
            ) from None
        yield Claim(data_dir, tuple(before.get("owned", ())))
        for name in ("serve.json", "pids.json"):
            (data_dir / name).unlink(missing_ok=True)


def _read(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def _replace(path: Path, content: object) -> None:
    unfinished = path.with_suffix(".new")
    unfinished.write_text(json.dumps(content, indent=1) + "\n")
    unfinished.replace(path)
