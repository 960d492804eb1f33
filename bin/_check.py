"""Runs every check, says how each went, and fails if any did."""

import os
import secrets
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
MANAGE = [PYTHON, "manage.py"]
SCRIPTS = ["serve", "test", "check", "bench", "_run"]

STEPS = {
    "format": [PYTHON, "-m", "ruff", "format", "--check", "."],
    "lint": [PYTHON, "-m", "ruff", "check", "."],
    "types": [PYTHON, "-m", "mypy", "."],
    "imports": [PYTHON, "-c", "from importlinter.cli import lint_imports_command as main; main()"],
    "migrations": [*MANAGE, "makemigrations", "--check", "--dry-run"],
    "deploy": [*MANAGE, "check", "--deploy", "--fail-level", "WARNING"],
    "openapi": [*MANAGE, "openapi", "--check"],
    "scripts": ["sh", "-c", 'for script; do sh -n "$script" || exit 1; done', "sh", ".ci/run"],
}
STEPS["scripts"] += [f"bin/{name}" for name in SCRIPTS]


def main() -> int:
    """1 if a step failed."""
    with tempfile.TemporaryDirectory(prefix="fantasize-check-") as data_dir:
        environments = dict.fromkeys(STEPS, offline(data_dir)) | {"deploy": production(data_dir)}
        with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            jobs = {name: pool.submit(run, command, environments[name]) for name, command in STEPS.items()}
            outcomes = {name: show(*job.result()) for name, job in jobs.items()}
    for name, (passed, seconds) in outcomes.items():
        print(f"{'ok  ' if passed else 'FAIL'} {name:<10} {seconds:5.1f} s")
    return 0 if all(passed for passed, _ in outcomes.values()) else 1


def offline(data_dir: str) -> dict[str, str]:
    """Settings that need no server; nothing of the shop's own ``.env`` or data is used."""
    unset = dict.fromkeys(("DATABASE_URL", "DATABASE_HOST", "REDIS_URL", "REDIS_HOST"), "")
    return {**os.environ, **unset, "FANTASIZE_OFFLINE": "on", "DATA_DIR": data_dir, "DJANGO_ENV": "development"}


def production(data_dir: str) -> dict[str, str]:
    """The settings of a real shop, with secrets made for this run."""
    names = {
        "DJANGO_ENV": "production",
        "SECRET_KEY": secrets.token_urlsafe(64),
        "JWT_SIGNING_KEY": secrets.token_urlsafe(64),
        "ALLOWED_HOSTS": "shop.example",
        "PUBLIC_BASE_URL": "https://shop.example",
        "DATABASE_URL": "postgres://shop:secret@db.example/shop",
        "REDIS_URL": "redis://cache.example/0",
        "EMAIL_URL": "smtp+tls://shop:secret@mail.example:587",
    }
    return {**offline(data_dir), **names}


def run(command: list[str], environment: dict[str, str]) -> tuple[bool, float, str]:
    """Whether it passed, the seconds it took, and what it said."""
    began = time.monotonic()
    result = subprocess.run(
        command,
        cwd=ROOT,
        env=environment,
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return result.returncode == 0, time.monotonic() - began, result.stdout


def show(passed: bool, seconds: float, output: str) -> tuple[bool, float]:  # noqa: FBT001 - a step's outcome
    """Print what a failed step said; passes the outcome on."""
    if not passed:
        print(output.rstrip(), flush=True)
    return passed, seconds


if __name__ == "__main__":
    sys.exit(main())
