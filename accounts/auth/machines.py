"""Programs: the API keys of the environment, and those made in the admin."""

import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from typing import ClassVar

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db.models import Q

from accounts import policies
from accounts.models import ApiKey, User
from fantasize.core import clock

# How exactly "last used" is known, for one write of it.
_USE_IS_NOTED_EVERY = timedelta(minutes=1)
_SHAPE = re.compile(r"(?P<prefix>[A-Za-z0-9]{8})\.[A-Za-z0-9]{32}")


@dataclass(frozen=True, slots=True)
class Machine:
    """A program that shows an API key. It has rights, by scope, and no account.

    A scope is a permission (``orders.change_order``) or an app's label, which stands for all of its permissions.
    """

    name: str
    scopes: frozenset[str]
    key_hash: bytes = field(default=b"", repr=False)

    pk: ClassVar[None] = None
    is_authenticated: ClassVar[bool] = True
    is_anonymous: ClassVar[bool] = False
    is_active: ClassVar[bool] = True
    is_staff: ClassVar[bool] = False
    is_superuser: ClassVar[bool] = False

    def __str__(self) -> str:
        return self.name

    @property
    def actor(self) -> str:
        """The machine as events and the audit trail write it."""
        return f"key:{self.name}"

    def has_perm(self, permission: str, obj: object = None) -> bool:  # noqa: ARG002 - Django's signature
        """Whether a scope covers ``permission``."""
        return not self.scopes.isdisjoint({permission, permission.partition(".")[0]})

    def has_perms(self, permissions: Sequence[str], obj: object = None) -> bool:
        """Whether the scopes cover all ``permissions``."""
        return all(self.has_perm(permission, obj) for permission in permissions)


def find_machine(key: str) -> Machine | None:
    """The machine that ``key`` belongs to: one of the environment, else one of the database that still counts."""
    return _find_in_environment(key) or _find_in_database(key)


def _find_in_environment(key: str) -> Machine | None:
    """Compares with every key, in constant time."""
    shown = _hash(key)
    found = None
    for machine in machines(tuple(settings.API_KEYS)):
        if hmac.compare_digest(machine.key_hash, shown):
            found = machine
    return found


def _find_in_database(key: str) -> Machine | None:
    """Three queries, and one more when the use has to be noted; the hash is compared in constant time.

    A key does no more than its maker may do now, and nothing once they are no staff any more.
    """
    shape = _SHAPE.fullmatch(key)
    now = clock.now()
    usable = Q(expiry_date=None) | Q(expiry_date__gt=now)
    row = shape and ApiKey.objects.filter(usable, prefix=shape["prefix"], revoked=False).first()
    maker = row and row.is_valid(key) and User.objects.active().staff().filter(pk=row.maker_id).first()
    if not row or not maker:
        return None
    if row.last_used_at is None or row.last_used_at <= now - _USE_IS_NOTED_EVERY:
        ApiKey.objects.filter(pk=row.pk).update(last_used_at=now)
    # Names of rows may repeat, and be spelled like one of the environment's; none of those has a colon.
    held = row.scopes.filter(pk__in=policies.permissions_held_by(maker).values("pk"))
    return Machine(f"{row.name}:{row.prefix}", frozenset(policies.names_of(held)))


@lru_cache(maxsize=4)
def machines(entries: tuple[str, ...]) -> tuple[Machine, ...]:
    """The machines that ``API_KEYS`` lists as ``name:key:scope+scope``.

    Raises:
        ImproperlyConfigured: an entry does not look like that, or its key is too short to be secret.
    """
    return tuple(_machine(position, entry) for position, entry in enumerate(entries, start=1))


_MIN_KEY_LENGTH = 16


def _machine(position: int, entry: str) -> Machine:
    name, _, rest = entry.strip().partition(":")
    key, _, scopes = rest.rpartition(":")
    if not name or not scopes or len(key) < _MIN_KEY_LENGTH:
        # Without the entry: it holds the key.
        rule = f"name:key:scope+scope with a key of at least {_MIN_KEY_LENGTH} characters"
        raise ImproperlyConfigured(f"API_KEYS: entry {position} must be {rule}.")
    return Machine(name, frozenset(filter(None, scopes.split("+"))), _hash(key))


def _hash(key: str) -> bytes:
    return hashlib.sha256(key.encode(errors="surrogateescape")).digest()
