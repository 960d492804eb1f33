"""A shop for one benchmark: an empty database of its own, and its commands timed as a person would run them."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from fantasize.settings.env import database_url

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Run:
    """What one command took.

    Attributes:
        seconds: by the clock on the wall.
        processor_seconds: of this process alone; the figure to compare when the machine is busy with other things.
        peak_mb: the most memory it had, in MB (10**6 bytes).
    """

    seconds: float
    processor_seconds: float
    peak_mb: float


@dataclass(frozen=True, slots=True)
class Shop:
    """Runs management commands against one database."""

    environment: Mapping[str, str]

    def manage(self, *arguments: str) -> Run:
        """Run ``manage.py`` with ``arguments``.

        Raises:
            RuntimeError: the command failed; with what it said.
        """
        started = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, str(ROOT / "manage.py"), *arguments],
            env=dict(self.environment),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise RuntimeError(f"manage.py {' '.join(arguments)} ended with {process.returncode}.")
        return Run(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024 / 1e6)


@contextmanager
def empty_shop(data_dir: Path) -> Iterator[Shop]:
    """A migrated shop without data; its database is gone afterwards."""
    url, name = database_url(), f"bench_{os.getpid()}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            own = urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
            shop = Shop({**os.environ, "DATABASE_URL": own, "DATA_DIR": str(data_dir), "DJANGO_ENV": "development"})
            shop.manage("migrate", "--verbosity", "0")
            yield shop
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
