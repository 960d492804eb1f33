"""How passwords are hashed, and how many at a time: each takes a whole core and much memory."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import lru_cache
from threading import BoundedSemaphore, get_native_id
from typing import Any, TypeVar

import bcrypt
from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher, BCryptPasswordHasher

from fantasize.core.errors import UnavailableError

T = TypeVar("T")

_NICE = 5
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
        return str(_in_turn(super().encode, password, salt))

    def verify(self, password: str, encoded: str) -> bool:
        """Whether ``encoded`` is a hash of ``password``.

        Raises:
            UnavailableError: too many are waiting.
        """
        return bool(_in_turn(super().verify, password, encoded))


class EarlierHasher(BCryptPasswordHasher):
    """The earlier system's hashes, stored as ``bcrypt$`` and what it had: good for one sign-in, which replaces them."""

    def encode(self, password: str, salt: bytes) -> str:  # type: ignore[override] # as Django has it, whatever its hint says
        """What ``verify`` compares with.

        Raises:
            UnavailableError: too many are waiting.
        """
        data = _in_turn(bcrypt.hashpw, password.encode()[:_BCRYPT_BYTES], salt)
        return f"{self.algorithm}${data.decode('ascii')}"


def require_room() -> None:
    """Refuse early what would be refused later, so that a guess nobody looks at is not counted either.

    Raises:
        UnavailableError: too many are waiting.
    """
    with _place():
        pass


def _in_turn(hash_: Callable[..., T], *arguments: Any) -> T:
    """One hash by a thread that others go before, if few wait for it: who waits keeps a thread from the catalogue.

    Raises:
        UnavailableError: too many are waiting.
    """
    with _place():
        return _hashing_threads(settings.PASSWORD_HASHES_AT_ONCE).submit(hash_, *arguments).result()


@contextmanager
def _place() -> Iterator[None]:
    places = _places(settings.PASSWORD_HASHES_AT_ONCE + settings.PASSWORD_HASHES_WAITING)
    if not places.acquire(blocking=False):
        raise UnavailableError("Too many people are signing in just now.", extra={"retry_after": 1})
    try:
        yield
    finally:
        places.release()


@lru_cache(maxsize=1)
def _places(count: int) -> BoundedSemaphore:
    return BoundedSemaphore(count)


@lru_cache(maxsize=1)
def _hashing_threads(count: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(count, thread_name_prefix="hash", initializer=_step_back)


def _step_back() -> None:
    """Let every other thread go first. Linux knows threads' own priorities; elsewhere the attempt fails."""
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, get_native_id(), _NICE)


# The threads of a parent do not live on in its child.
os.register_at_fork(after_in_child=_hashing_threads.cache_clear)
