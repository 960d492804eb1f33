"""Where the embedded servers keep their files, and the account they run under."""

import contextlib
import fcntl
import hashlib
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fantasize.embedded.errors import EmbeddedServiceError
from fantasize.embedded.running import end_process, find_server

# A home for what must be readable by an account that cannot enter the checkout; durable, unlike the temp directory.
_SHARED = Path("/var/lib/fantasize")
# The file in such a home that names its DATA_DIR.
_OWNER = "data_dir"
# sockaddr_un holds 108 bytes on Linux and 104 on macOS; ".s.PGSQL.5432.lock" is the longest name below it.
_LONGEST_SOCKET_DIR = 103 - len("/.s.PGSQL.5432")


@dataclass(frozen=True, slots=True)
class Account:
    """The account a server runs under when we are root, because PostgreSQL refuses to run as root."""

    uid: int
    gid: int


@dataclass(frozen=True, slots=True)
class Home:
    """The directory of one DATA_DIR's servers; ``account`` is None when they run as ourselves."""

    path: Path
    account: Account | None

    @property
    def sockets(self) -> Path:
        """The directory of the Unix sockets, short enough for their addresses."""
        return Path(os.path.realpath(self.path / "run"))

    def run(self, command: list[str]) -> subprocess.CompletedProcess[str]:
        """Run a server program to its end under the right account, in its own session, with a bare environment."""
        environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
        return subprocess.run(  # noqa: S603 - our own commands
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
            cwd="/",
            env=environment,
            start_new_session=True,
            **_identity(self.account),
        )

    def give(self, path: Path) -> None:
        """Make ``path`` the account's own."""
        if self.account:
            os.chown(path, self.account.uid, self.account.gid)


def _identity(account: Account | None) -> dict[str, Any]:
    return {"user": account.uid, "group": account.gid, "extra_groups": []} if account else {}


@contextlib.contextmanager
def locked(data_dir: Path) -> Iterator[None]:
    """Hold DATA_DIR's start-up lock; the kernel frees it when its holder dies, however it dies.

    Raises:
        EmbeddedServiceError: when DATA_DIR cannot be made or written.
    """
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(data_dir / "services.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise EmbeddedServiceError(f"DATA_DIR {data_dir} cannot be used: {error.strerror}.") from None
    with os.fdopen(descriptor) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def find_home(data_dir: Path) -> Home | None:
    """The home of ``data_dir``'s servers if it was made before. Touches nothing."""
    path = Path(os.path.realpath(data_dir / "services"))
    if not path.is_dir():
        return None
    owner = path.stat()
    if os.geteuid() == 0:
        return Home(path, Account(owner.st_uid, owner.st_gid)) if owner.st_uid else None
    if owner.st_uid != os.geteuid():
        name = _account_name(owner.st_uid)
        raise EmbeddedServiceError(f"{path} belongs to {name}: run as {name} or as root, or choose another DATA_DIR.")
    return Home(path, None)


def make_home(data_dir: Path) -> Home:
    """The home of ``data_dir``'s servers, made if needed. Call it with the lock held.

    As root the servers run as ``nobody``. When that account cannot enter DATA_DIR, the home lies in
    ``/var/lib/fantasize`` and a link in DATA_DIR says where; no directory that is not ours is opened up.

    Raises:
        EmbeddedServiceError: when it belongs to somebody else or cannot be made.
    """
    try:
        home = find_home(data_dir) or _new_home(data_dir)
        _make_sockets(home)
    except OSError as error:
        raise EmbeddedServiceError(f"{error.filename or data_dir} cannot be made: {error.strerror}.") from None
    return home


def _new_home(data_dir: Path) -> Home:
    link = data_dir / "services"
    account = _service_account() if os.geteuid() == 0 else None
    is_hidden = not link.is_symlink() and not (link.exists() or can_enter(data_dir, account))
    if is_hidden:
        _link_shared(data_dir, link)
    home = Home(Path(os.path.realpath(link)), account)
    home.path.mkdir(mode=0o700, exist_ok=True)
    home.give(home.path)
    if is_hidden:
        (home.path / _OWNER).write_text(str(data_dir.resolve()))
    return home


def _link_shared(data_dir: Path, link: Path) -> None:
    _make_shared(_SHARED)
    for note in _SHARED.glob(f"*/{_OWNER}"):
        if _is_abandoned(note):
            _remove(note.parent)
    shared = _SHARED / hashlib.sha256(os.fsencode(data_dir.resolve())).hexdigest()[:16]
    _remove(shared)  # belonged to a DATA_DIR of that name which was deleted
    link.symlink_to(shared)


def _is_abandoned(note: Path) -> bool:
    """Whether a DATA_DIR below the temp directory is gone; one elsewhere may lie on a disk that comes back."""
    owner = Path(note.read_text())
    return owner.is_relative_to(tempfile.gettempdir()) and os.path.realpath(owner / "services") != str(note.parent)


def _remove(path: Path) -> None:
    """Delete a home. PostgreSQL ends by itself when its files are gone, Redis does not."""
    redis = find_server(str(path))
    if redis:
        end_process(redis, signal_number=signal.SIGTERM, seconds=3)
    shutil.rmtree(path, ignore_errors=True)


def _make_shared(directory: Path) -> None:
    """Make a directory that everybody can enter, whatever the umask; what exists is left as it is."""
    for path in (_SHARED, directory):
        if not path.exists():
            path.mkdir(parents=True)
            path.chmod(0o755)


def _make_sockets(home: Home) -> None:
    link = home.path / "run"
    if not link.is_symlink() and len(os.fsencode(link)) > _LONGEST_SOCKET_DIR:
        link.symlink_to(f"/tmp/fantasize-{secrets.token_hex(8)}")  # noqa: S108 - nobody can guess or use it
    if not home.sockets.is_dir():
        home.sockets.mkdir(mode=0o700)
        home.give(home.sockets)


def _service_account() -> Account:
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError:
        raise EmbeddedServiceError(
            "There is no account named nobody to run PostgreSQL under: run as a normal user."
        ) from None
    return Account(entry.pw_uid, entry.pw_gid)


def _account_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"


def can_enter(path: Path, account: Account | None) -> bool:
    """Whether ``account`` can enter a directory or run a program; asked of the kernel, which knows every rule."""
    if account is None:
        return True
    answer = subprocess.run(  # noqa: S603 - fixed program
        ["/bin/sh", "-c", 'test -x "$1"', "sh", str(path)], check=False, cwd="/", **_identity(account)
    )
    return answer.returncode == 0


def reachable_copy(home: Home, base: Path, parts: list[str], program: str) -> Path:
    """``base`` itself when the account can run ``program`` in it, else a copy that the account can reach.

    Args:
        home: whose account it is for.
        base: a directory, such as site-packages.
        parts: what is needed below it; libraries are found by their relative place, so it is kept. May be absent.
        program: path below ``base`` of a program to try.
    """
    if can_enter(base / program, home.account):
        return base
    identity = f"{base.resolve()} {parts} {(base / program).stat().st_mtime_ns}"
    copy = _SHARED / "programs" / hashlib.sha256(identity.encode()).hexdigest()[:16]
    if not copy.exists():
        _copy_atomically(base, parts, copy)
    return copy


def _copy_atomically(base: Path, parts: list[str], target: Path) -> None:
    _make_shared(target.parent)
    unfinished = target.with_name(f"{target.name}.{secrets.token_hex(4)}")
    for part in parts:
        if (base / part).is_dir():
            skipped = shutil.ignore_patterns("include", "*.a")
            shutil.copytree(base / part, unfinished / part, symlinks=True, ignore=skipped)
        elif (base / part).is_file():
            (unfinished / part).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(base / part, unfinished / part)
    for path in [unfinished, *unfinished.rglob("*")]:
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
    try:
        unfinished.rename(target)
    except OSError:  # another process, with another DATA_DIR's lock, was first
        shutil.rmtree(unfinished)
