"""How passwords are hashed, and how many at a time: each takes a whole core and much memory."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from threading import BoundedSemaphore

import bcrypt
from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher, BCryptPasswordHasher

from fantasize.core.errors import UnavailableError

# All that bcrypt has ever looked at; today's library refuses more, the earlier system's cut it off.
_BCRYPT_BYTES = 72


class Argon2Hasher(Argon2PasswordHasher):
    """Argon2id, as costly as ``settings.ARGON2`` says; other costs are brought up to date at sign-in."""

    def __init__(self) -> None:
        self.time_cost, self.memory_cost, self.parallelism = settings.ARGON2

    def encode(self, password: str, salt: str) -> str:
        """The hash for the database.

        Raises:
            UnavailableError: too many are waiting.
        """
        with _turn():
            return str(super().encode(password, salt))

    def verify(self, password: str, encoded: str) -> bool:
        """Whether ``encoded`` is a hash of ``password``.

        Raises:
            UnavailableError: too many are waiting.
        """
        with _turn():
            return bool(super().verify(password, encoded))


class EarlierHasher(BCryptPasswordHasher):
    """The earlier system's hashes, stored as ``bcrypt$`` and what it had: good for one sign-in, which replaces them."""

    def encode(self, password: str, salt: bytes) -> str:  # type: ignore[override] # as Django has it, whatever its hint says
        """What ``verify`` compares with.

        Raises:
            UnavailableError: too many are waiting.
        """
        with _turn():
            data = bcrypt.hashpw(password.encode()[:_BCRYPT_BYTES], salt)
        return f"{self.algorithm}${data.decode('ascii')}"


def require_room() -> None:
    """Refuse early what would be refused later, so that a guess nobody looks at is not counted either.

    Raises:
        UnavailableError: too many are waiting.
    """
    with _held(_places(), seconds=0):
        pass


@contextmanager
def _turn() -> Iterator[None]:
    """Wait until a core is free for one hash, if few others wait: whoever waits keeps a thread from the catalogue.

    Raises:
        UnavailableError: too many are waiting, or it took too long.
    """
    cores = _slots("core", settings.PASSWORD_HASHES_AT_ONCE)
    with _held(_places(), seconds=0), _held(cores, seconds=settings.PASSWORD_HASH_WAIT_SECONDS):
        yield


@contextmanager
def _held(slots: BoundedSemaphore, *, seconds: float) -> Iterator[None]:
    if not slots.acquire(timeout=seconds):
        raise UnavailableError("Too many people are signing in just now.", extra={"retry_after": 1})
    try:
        yield
    finally:
        slots.release()


def _places() -> BoundedSemaphore:
    return _slots("place", settings.PASSWORD_HASHES_AT_ONCE + settings.PASSWORD_HASHES_WAITING)


@lru_cache(maxsize=2)
def _slots(_what: str, count: int) -> BoundedSemaphore:
    return BoundedSemaphore(count)
