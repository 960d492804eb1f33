"""Remembers for which code a database was prepared, so that the next start need not load Django to find out."""

import hashlib
import json
import os
from pathlib import Path

import psycopg

from fantasize.embedded.programs import BASE_DIR

_MARK = "prepared.json"


def is_prepared(data_dir: Path, database_url: str) -> bool:
    """Whether :func:`remember` saw this code and this state of the database; when in doubt, no."""
    try:
        remembered = json.loads((data_dir / _MARK).read_text())
    except (OSError, ValueError):
        return False
    return bool(remembered == state_of(database_url))


def remember(data_dir: Path, database_url: str) -> None:
    """Note that the database is prepared for the code as it is now."""
    state = state_of(database_url)
    if state:
        (data_dir / _MARK).write_text(json.dumps(state))


def state_of(database_url: str) -> dict[str, object]:
    """What is remembered: the code and the migrations in the database; empty when the database cannot be asked."""
    try:
        with psycopg.connect(database_url, connect_timeout=5) as connection:
            row = connection.execute("SELECT count(*), max(applied)::text FROM django_migrations").fetchone()
    except psycopg.Error:
        return {}
    return {"code": fingerprint(), "migrations": list(row or ())}


def fingerprint() -> str:
    """Changes with every source file of ours, the pinned packages, and what ``prepare`` is told to do."""
    digest = hashlib.sha256((BASE_DIR / "requirements.txt").read_bytes())
    for package in sorted(path.parent for path in BASE_DIR.glob("*/__init__.py")):
        for source in sorted(package.rglob("*.py")):
            status = source.stat()
            digest.update(f"{source} {status.st_size} {status.st_mtime_ns}\n".encode())
    digest.update(f"{os.environ.get('SEED_DEMO')} {os.environ.get('DJANGO_ENV')}".encode())
    return digest.hexdigest()
