"""What apps name when they keep answers and make them stale."""

import hashlib
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db import transaction

from fantasize.core.caching.changes import changes
from fantasize.core.caching.storage import depends_on, store

T = TypeVar("T")


class Namespace:
    """A group of kept answers that go stale together, or those alone that depend on one member of it.

    Members are for what changes all the time (stock items): ``invalidate`` with members leaves the rest alone.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def get_or_compute(self, key: str, *, ttl: int, compute: Callable[[], Any]) -> Any:
        """The kept answer under ``key``, else ``compute()``, kept ``ttl`` seconds. The cache never makes it fail."""
        if self._is_changing():
            return compute()
        # In a tuple: nothing is an answer too.
        kept: tuple[Any] = store.get_or_compute(
            f"{self.name}:{key}", names=(self.name,), ttl=ttl, compute=lambda: (compute(),)
        )
        return kept[0]

    def depends_on(self, members: Collection[object]) -> None:
        """Say that the answer that is being computed shows these members."""
        depends_on(self._name_of(member) for member in members)

    def invalidate_on_commit(self, *members: object) -> None:
        """As ``invalidate``, once the current transaction is committed."""
        transaction.on_commit(_Invalidation(self, members).run, robust=True)

    def invalidate(self, *members: object) -> None:
        """Make every kept answer of the namespace stale, or those that show one of ``members``.

        Here now, in every other process within a moment; made up for if Redis is away.
        """
        changes.publish([self._name_of(member) for member in members] or [self.name])

    def _is_changing(self) -> bool:
        """Whether the current transaction has changed what is kept here: it sees what nobody else may see yet."""
        callbacks = (callback for _, callback, _ in transaction.get_connection().run_on_commit)
        waiting = (getattr(callback, "__self__", None) for callback in callbacks)
        return any(isinstance(each, _Invalidation) and each.namespace is self for each in waiting)

    def _name_of(self, member: object) -> str:
        return f"{self.name}:{member}"


@dataclass(frozen=True, slots=True)
class _Invalidation:
    """What waits for a commit: a method of it, for Django logs failures under the name that only functions have."""

    namespace: Namespace
    members: tuple[object, ...]

    def run(self) -> None:
        """Make it stale."""
        self.namespace.invalidate(*self.members)


@dataclass(frozen=True, slots=True)
class CachePolicy:
    """How the answers of an endpoint are kept.

    Attributes:
        namespaces: what makes them stale.
        seconds: how long they are kept at most; 0 keeps none.
    """

    namespaces: tuple[Namespace, ...]
    seconds: int

    @property
    def names(self) -> tuple[str, ...]:
        """What makes the answers stale, as the store has it."""
        return tuple(namespace.name for namespace in self.namespaces)

    def get_or_compute(self, key: object, compute: Callable[[], T]) -> T:
        """What ``compute()`` returns, kept like the answers: a part that many of them share.

        Never out of or into a transaction, which sees what nobody else may see yet.

        Args:
            key: all that it differs by, with a ``repr`` that says so.
            compute: its queries.
        """
        if transaction.get_connection().in_atomic_block:
            return compute()
        name = f"part:{hashlib.sha256(repr(key).encode()).hexdigest()}"
        # In a tuple: nothing is an answer too.
        kept = store.get_or_compute(name, names=self.names, ttl=self.seconds, compute=lambda: (compute(),))
        return kept[0]
